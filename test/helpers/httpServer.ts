import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  readonly method: string;
  /** Still URL-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly receivedAtMs: number;
}

/** `hang`: no answer, the connection stays open. `drop`: the connection is cut without an answer. */
export type ServerAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown; readonly text?: string; readonly bytes?: Uint8Array }
  | 'hang'
  | 'drop';

export interface HttpServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Sockets open now, and the most that were open at once. */
  sockets(): { readonly open: number; readonly peak: number };
  close(): Promise<void>;
}

/** A real server on 127.0.0.1. Whoever starts it closes it; close cuts what is still open. */
export async function startHttpServer(handle: (request: RecordedRequest) => ServerAnswer | Promise<ServerAnswer>, port = 0): Promise<HttpServer> {
  let open = 0;
  let peak = 0;
  const server = createServer((incoming, response) => {
    void answerTo(incoming, handle).then((answer) => {
      if (answer === 'hang') return;
      if (answer === 'drop') return incoming.socket.destroy();
      const content = answer.bytes ?? answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
      // Two statements: restify, once loaded, replaces writeHead of every server in the process by one that returns nothing.
      response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
      return response.end(content);
    });
  });
  server.on('connection', (socket) => {
    peak = Math.max(peak, ++open);
    socket.on('close', () => open--);
  });
  await new Promise<void>((listening, failed) => server.once('error', failed).listen(port, '127.0.0.1', listening));
  const address = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    sockets: () => ({ open, peak }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function answerTo(incoming: IncomingMessage, handle: (request: RecordedRequest) => ServerAnswer | Promise<ServerAnswer>): Promise<ServerAnswer> {
  try {
    return await handle(await read(incoming));
  } catch (error) {
    // A fake that fails is a test that fails: the message reaches the caller.
    return { status: 500, body: { error: { code: 'FakeFailed', message: String(error) } } };
  }
}

async function read(incoming: IncomingMessage): Promise<RecordedRequest> {
  const receivedAtMs = Date.now();
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
  const [path = '', query] = (incoming.url ?? '').split('?');
  const { method = '', headers } = incoming;
  return { method, path, query: new URLSearchParams(query), headers, text: Buffer.concat(chunks).toString(), receivedAtMs };
}
