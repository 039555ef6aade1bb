import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What happens to the bytes between a client and its server. */
export interface TcpFault {
  /** Each piece is held back so long, in each direction. */
  readonly delayMs?: number;
  /** Part (0 to 1) of the pieces from the client at which the connection is cut, before the piece arrives. */
  readonly cutRate?: number;
  /** Nothing arrives any more, in either direction; connections stay open. */
  readonly isBlackHole?: boolean;
}

export interface TcpProxy {
  readonly port: number;
  /** Connections cut so far. */
  readonly cuts: number;
  /** From now on, for open connections too; `{}` for none. */
  suffer(fault: TcpFault): void;
  /** Cuts every open connection; new ones are taken. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Stands between a client and a server on 127.0.0.1. `random`: from 0 up to 1. */
export async function startTcpProxy(targetPort: number, random: () => number = Math.random): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let fault: TcpFault = {};
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', cut).on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    const [toUpstream, toClient] = [lineTo(upstream), lineTo(client)];
    client.on('data', (piece) => {
      if (random() < (fault.cutRate ?? 0)) {
        cuts += 1;
        cut();
      } else toUpstream(piece, fault);
    });
    upstream.on('data', (piece) => toClient(piece, fault));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has an address
    get cuts() {
      return cuts;
    },
    suffer: (next) => void (fault = next),
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Passes pieces on in the order in which they came, also where a later one is held back less. */
function lineTo(to: Socket): (piece: Buffer | string, fault: TcpFault) => void {
  const held: { readonly piece: Buffer | string; readonly dueAtMs: number }[] = [];
  const flush = (): void => {
    for (let [first] = held; first && first.dueAtMs <= performance.now(); [first] = held) {
      if (to.writable) to.write(first.piece);
      held.shift();
    }
    const [next] = held;
    if (next) setTimeout(flush, Math.ceil(next.dueAtMs - performance.now()));
  };
  return (piece, { delayMs = 0, isBlackHole = false }) => {
    if (isBlackHole) return;
    held.push({ piece, dueAtMs: performance.now() + delayMs });
    if (held.length === 1) flush();
  };
}
