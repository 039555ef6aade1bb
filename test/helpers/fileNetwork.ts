import { connect } from 'node:net';
import type { FileNetwork } from '../../bot/download';
import { startHttpServer, type RecordedRequest, type ServerAnswer } from './httpServer';

export interface FakeFileNetwork extends FileNetwork {
  /** Of the one server. */
  readonly port: number;
  /** Every connection that was opened: the name and the address. */
  readonly connections: readonly { readonly hostname: string; readonly address: string }[];
  /** Every request that came out of them. */
  readonly requests: readonly RecordedRequest[];
  close(): Promise<void>;
}

/**
 * The internet as downloads see it: names resolve as `addresses` says (the next list each time a name is asked for; the
 * last one stays), and every connection, whatever its address, ends at one server that records what comes.
 */
export async function startFileNetwork(
  addresses: Readonly<Record<string, readonly (readonly string[])[]>>,
  answer: (request: RecordedRequest) => ServerAnswer,
): Promise<FakeFileNetwork> {
  const requests: RecordedRequest[] = [];
  const connections: { hostname: string; address: string }[] = [];
  const asked = new Map<string, number>();
  const server = await startHttpServer((request) => {
    requests.push(request);
    return answer(request);
  });
  return {
    port: server.port,
    connections,
    requests,
    resolve: async (hostname) => {
      const lists = addresses[hostname] ?? [];
      const count = asked.get(hostname) ?? 0;
      asked.set(hostname, count + 1);
      return lists[Math.min(count, lists.length - 1)] ?? [];
    },
    // Without TLS: what is tested is where the connection goes, not the handshake.
    connect: (address, { hostname }, callback) => {
      connections.push({ hostname, address });
      const socket = connect(server.port, '127.0.0.1');
      socket.once('connect', () => callback(null, socket)).once('error', (error) => callback(error, null));
    },
    close: () => server.close(),
  };
}
