import { connect, type Socket } from 'node:net';

/** What came back on a connection until it was closed. */
export interface Reply {
  /** Of each answer on it; empty: it was cut without one. */
  readonly statuses: readonly number[];
  /** From the connection to its end. */
  readonly openMs: number;
}

export interface Client {
  readonly socket: Socket;
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<Reply>;
  /** Resolves with the status of the next answer; undefined where the connection ends without one. */
  answer(): Promise<number | undefined>;
}

/** A connection on which a test says what no HTTP client would. */
export function openClient(url: string): Client {
  const { hostname, port } = new URL(url);
  const startedAt = performance.now();
  const socket = connect(Number(port), hostname);
  let received = '';
  const changed = new Set<() => void>();
  const tell = (): void => changed.forEach((listener) => listener());
  socket.setEncoding('latin1');
  socket.on('error', () => undefined); // how it ends is told by `closed`
  socket.on('data', (text) => {
    received += String(text);
    tell();
  });
  const closed = new Promise<Reply>((resolve) => {
    socket.on('close', () => {
      resolve({ statuses: statusesIn(received), openMs: performance.now() - startedAt });
      tell();
    });
  });
  let seen = 0;
  return {
    socket,
    closed,
    answer: () => new Promise((resolve) => {
      const look = (): void => {
        const status = statusesIn(received).filter((each) => each !== 100)[seen];
        if (status === undefined && !socket.destroyed) return;
        changed.delete(look);
        seen += 1;
        resolve(status);
      };
      changed.add(look);
      look();
    }),
  };
}

/** Sends everything at once; gives the status of the first answer, and closes. */
export async function sendRaw(url: string, ...parts: readonly (string | Uint8Array)[]): Promise<number | undefined> {
  const client = openClient(url);
  for (const part of parts) client.socket.write(part);
  const status = await client.answer();
  client.socket.destroy();
  return status;
}

/** Head of a POST with these header lines. */
export const post = (path: string, ...headers: readonly string[]): string => ['POST ' + path + ' HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');

/** Sends `pieces` of a request one after the other with a pause before each, for as long as the server listens. */
export async function dribble(client: Client, first: string, piece: string, pauseMs: number): Promise<Reply> {
  client.socket.write(first);
  const timer = setInterval(() => client.socket.write(piece), pauseMs); // a closed socket takes it and does nothing
  try {
    return await client.closed;
  } finally {
    clearInterval(timer);
  }
}

function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
