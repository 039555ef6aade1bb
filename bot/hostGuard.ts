import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from './clientAddress';

export interface HostLimits {
  readonly maxConnections: number;
  /** Proxies keep connections for later requests, and get a 502 where we close one just then. */
  readonly isBehindProxy: boolean;
  /** By the socket's address; Infinity where proxies stand in front. This machine is not counted. */
  readonly maxConnectionsPerAddress: number;
  /** People reach us by https: browsers are told to stay with it. */
  readonly isSecure: boolean;
}

/** Line, headers and query of a request; a token has 8 KB at most. Beyond it Node answers 431. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** From the first byte, or from the connection where none comes. Beyond it Node answers 408. Bodies have bot/pace.ts. */
const HEADERS_LIMIT_MS = 10_000;
const IDLE_LIMIT_MS = 10_000;
/** Longer than the 60 seconds or less that load balancers keep theirs: they must be the ones who close. */
const PROXY_IDLE_LIMIT_MS = 75_000;
/** The whole request, for what nobody reads. */
const REQUEST_LIMIT_MS = 600_000;
/** Node looks for late connections this often; by default every 30 seconds, which makes 10 seconds 40. */
const CHECK_EVERY_MS = 1_000;
/** So long a client has to read an answer that came before it had sent everything. */
const LINGER_MS = 2_000;
/** Answers that one connection may wait for. Browsers and channels send one request after the other. */
const MAX_PIPELINED = 16;
/** Of earlier answers, when the next request comes. */
const MAX_UNREAD_BYTES = 256 * 1024;

/** On every answer; pages put stricter ones over them (bot/pages/headers.ts). */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};
const ONE_YEAR = 'max-age=31536000';

/** Bounds what one client, and all of them, can hold of the host: connections, headers and time. Call before it listens. */
export function guardHost(server: HttpServer, limits: HostLimits): void {
  boundTimes(server, limits);
  boundConnections(server, limits);
  const pending = new WeakMap<Socket, number>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isTooManyAtOnce(pending, request.socket, response)) return;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (limits.isSecure) response.setHeader('Strict-Transport-Security', ONE_YEAR);
    cutSlowReader(request, response);
    closeAfterEarlyAnswer(request, response);
  });
}

/** Properties, since restify makes the server without options; Node reads them when it begins to listen. */
function boundTimes(server: HttpServer, { isBehindProxy }: HostLimits): void {
  Object.assign(server, { maxHeaderSize: MAX_HEADER_BYTES, connectionsCheckingInterval: CHECK_EVERY_MS });
  server.maxHeadersCount = MAX_HEADERS;
  server.headersTimeout = HEADERS_LIMIT_MS;
  server.requestTimeout = REQUEST_LIMIT_MS;
  server.keepAliveTimeout = isBehindProxy ? PROXY_IDLE_LIMIT_MS : IDLE_LIMIT_MS;
}

function boundConnections(server: HttpServer, { maxConnections, maxConnectionsPerAddress }: HostLimits): void {
  server.maxConnections = maxConnections;
  const open = createAddressCounter(maxConnectionsPerAddress);
  server.prependListener('connection', (socket: Socket) => {
    const leave = open.enter(addressKey(socket.remoteAddress ?? ''));
    if (leave) socket.once('close', leave);
    else socket.destroy();
  });
}

export interface AddressCounter {
  /** Counts one more; gives what takes it back, or undefined where the address has all it may have. */
  enter(address: string | undefined): (() => void) | undefined;
}

/** Counts what each address holds; nothing for `undefined`, which is this machine. */
export function createAddressCounter(max: number): AddressCounter {
  const counts = new Map<string, number>();
  return {
    enter: (address) => {
      if (address === undefined) return () => undefined;
      const count = counts.get(address) ?? 0;
      if (count >= max) return undefined;
      counts.set(address, count + 1);
      return () => {
        const left = (counts.get(address) ?? 1) - 1;
        if (left > 0) counts.set(address, left);
        else counts.delete(address);
      };
    },
  };
}

function isTooManyAtOnce(pending: WeakMap<Socket, number>, socket: Socket, response: ServerResponse): boolean {
  const count = (pending.get(socket) ?? 0) + 1;
  pending.set(socket, count);
  response.once('close', () => pending.set(socket, (pending.get(socket) ?? 1) - 1));
  if (count <= MAX_PIPELINED && socket.writableLength <= MAX_UNREAD_BYTES) return false;
  socket.destroy();
  return true;
}

/** Whoever does not take his answer is cut. */
function cutSlowReader(request: IncomingMessage, response: ServerResponse): void {
  response.once('prefinish', () => request.socket.setTimeout(IDLE_LIMIT_MS));
}

/**
 * An answer to a body that is still on its way: the rest is not read, since all of it would pass through memory, and the
 * connection, which nobody may use again, closes a little later: one that is closed with unread bytes loses its answer.
 * The event is restify's, from its writeHead.
 */
function closeAfterEarlyAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.once('header', () => {
    if (request.complete || !hasBody(request)) return;
    request.read(0); // Node reads to the end whatever nobody began to read
    request.pause();
    response.setHeader('Connection', 'close');
    const end = response.end.bind(response);
    response.end = (chunk?: unknown) => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) response.write(chunk);
      setTimeout(() => end(), LINGER_MS).unref();
      return response;
    };
  });
}

const hasBody = ({ headers }: IncomingMessage): boolean => Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
