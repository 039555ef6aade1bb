import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A load balancer in front of replicas, as cloud platforms have: nothing but connections that were never made is tried again. */
export interface Balancer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Answers so far by their status; 502 and 503 may be its own. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Why requests were answered with 502, newest last. */
  readonly failures: readonly string[];
  /** Looks at once which replicas are ready. */
  check(): Promise<void>;
  /** From now on everything goes to the backend in this place; without one, to all in turn again. */
  only(index?: number): void;
  close(): Promise<void>;
}

const CHECK_EVERY_MS = 250;
const CHECK_LIMIT_MS = 1_000;
/** A connection that nobody uses is closed: how many are open tells of the load now, and not of its widest moment. */
const IDLE_LIMIT_MS = 5_000;

/**
 * Hands requests to the backends in turn. Those that /readyz calls ready come first. A backend that refuses the connection
 * is passed over; a request that may have been read is never sent twice. `backends` gives addresses as they are now.
 */
export async function startBalancer(backends: () => readonly string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512, timeout: IDLE_LIMIT_MS });
  const statuses = new Map<number, number>();
  const failures: string[] = [];
  const unready = new Set<string>();
  const sockets = new Set<Socket | Duplex>();
  let turn = 0;
  let chosen: number | undefined;

  const inOrder = (): readonly string[] => {
    const all = backends().filter((_, index) => chosen === undefined || index === chosen);
    turn += 1;
    const rotated = all.map((_, index) => all[(turn + index) % all.length] ?? '');
    return [...rotated.filter((url) => !unready.has(url)), ...rotated.filter((url) => unready.has(url))];
  };
  const check = async (): Promise<void> => {
    await Promise.all(backends().map(async (url) => {
      if (await isReady(url)) unready.delete(url);
      else unready.add(url);
    }));
  };
  const server = createServer((incoming, response) => {
    response.on('finish', () => statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1));
    void forward(incoming, response, inOrder(), { agent, failures });
  });
  server.keepAliveTimeout = 120_000; // the fake channel keeps its connections
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => tunnel(incoming, socket, head, inOrder()));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const checking = setInterval(() => void check(), CHECK_EVERY_MS);
  await check();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server that listens has an address
    statuses,
    failures,
    check,
    only: (index) => void (chosen = index),
    close: async () => {
      clearInterval(checking);
      agent.destroy();
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(CHECK_LIMIT_MS) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

interface Passage {
  readonly agent: Agent;
  readonly failures: string[];
}

async function forward(incoming: IncomingMessage, response: ServerResponse, backends: readonly string[], passage: Passage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
  const body = Buffer.concat(chunks);
  for (const backend of backends) {
    if ((await pass(incoming, body, response, backend, passage)) !== 'refused') return;
  }
  end(response, 503);
}

/** Gives 'refused' when the backend took no connection. */
function pass(incoming: IncomingMessage, body: Buffer, response: ServerResponse, backend: string, { agent, failures }: Passage): Promise<'passed' | 'refused'> {
  return new Promise((resolve) => {
    const { method, url = '/', headers } = incoming;
    const outgoing = httpRequest(`${backend}${url}`, { method, headers: { ...headers, host: new URL(backend).host, 'x-forwarded-for': incoming.socket.remoteAddress ?? '' }, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, withoutHopHeaders(answer.headers));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      answer.on('close', () => resolve('passed'));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isRefused = error.code === 'ECONNREFUSED';
      if (!isRefused) {
        failures.push(`${error.message} (${outgoing.reusedSocket ? 'kept' : 'new'} connection)`);
        end(response, 502);
      }
      resolve(isRefused ? 'refused' : 'passed');
    });
    response.on('close', () => outgoing.destroy()); // whoever asked has gone
    outgoing.end(body);
  });
}

/** The connection to the backend is not the client's: how long it lives is no business of the client. */
function withoutHopHeaders(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'keep-alive'));
}

function end(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status);
  response.end();
}

/** A WebSocket: from here on bytes go both ways. */
function tunnel(incoming: IncomingMessage, client: Duplex, head: Buffer, [backend, ...others]: readonly string[]): void {
  if (backend === undefined) {
    client.destroy();
    return;
  }
  const { hostname, port } = new URL(backend);
  const upstream = connect(Number(port), hostname, () => {
    const headers = incoming.rawHeaders.map((value, index) => (index % 2 === 0 ? `\r\n${value}: ` : value)).join('');
    upstream.write(`${incoming.method ?? 'GET'} ${incoming.url ?? '/'} HTTP/1.1${headers}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', () => (upstream.connecting ? tunnel(incoming, client, head, others) : client.destroy()));
  upstream.on('close', () => client.destroy());
  client.on('close', () => upstream.destroy());
  client.on('error', () => upstream.destroy());
}
