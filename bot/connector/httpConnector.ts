import type { Logger } from 'pino';
import { Agent } from 'undici';
import { ConnectorError, type Connector, type ConnectorFor } from './connector';
import { exchange, type ChannelAnswer, type ChannelRequest } from './exchange';
import { answerFailure, exchangeFailure } from './failure';
import { connectorAt, type Call } from './rest';
import { defaultRetryPolicy, withRetries, type RetryPolicy } from './retry';

export interface ConnectorOptions {
  /** The bot's access token for calls to this service; undefined where the service takes calls without one. */
  readonly token: (serviceUrl: string) => Promise<string | undefined>;
  readonly log: Logger;
  /** Of one attempt, from the wait for a socket to the last byte of the answer. */
  readonly timeoutMs?: number;
  /** Per service (scheme, host and port). */
  readonly maxSockets?: number;
  readonly retry?: Partial<RetryPolicy>;
}

export interface Connectors {
  readonly for: ConnectorFor;
  /** Ends waits before a repetition, lets requests on the wire finish, and closes the sockets. May be called again. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 15_000; // Teams' own calls give up after 15 s
const MAX_SOCKETS = 64;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 20_000; // short of the minutes that front ends keep idle sockets: a POST into a dying socket is ambiguous
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Clients of the Bot Connector REST API 3.0 that share one pool of sockets. */
export function createConnectors(options: ConnectorOptions): Connectors {
  const agent = createAgent(options.timeoutMs ?? TIMEOUT_MS, options.maxSockets ?? MAX_SOCKETS);
  const closing = new AbortController();
  const known = new Map<string, Connector>();
  let closed: Promise<void> | undefined;
  return {
    for: (serviceUrl) => {
      const connector = known.get(serviceUrl) ?? connectorAt(serviceUrl, callThrough(agent, closing.signal, serviceUrl, options));
      known.set(serviceUrl, connector);
      return connector;
    },
    close: () => {
      closing.abort();
      return (closed ??= agent.close());
    },
  };
}

function createAgent(timeoutMs: number, maxSockets: number): Agent {
  return new Agent({
    connections: maxSockets,
    pipelining: 1,
    // HTTP/1.1 has one request on a socket: after a fault it is known which one it hit, and whether it was written.
    allowH2: false,
    connectTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
}

function callThrough(agent: Agent, closing: AbortSignal, serviceUrl: string, options: ConnectorOptions): Call {
  const policy = { ...defaultRetryPolicy, ...options.retry };
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  return (request) =>
    withRetries(
      async () => attempt(agent, { ...request, headers: headersOf(request, await tokenFor(serviceUrl, options)) }, timeoutMs),
      policy,
      closing,
      ({ error, attempt: count, waitMs }) =>
        options.log.warn(
          { method: request.method, host: request.origin, code: error.code, status: error.details.status, attempt: count, waitMs },
          'call to the channel is repeated',
        ),
    );
}

/** One attempt; the text of a 2xx answer. */
async function attempt(agent: Agent, request: ChannelRequest, timeoutMs: number): Promise<string> {
  let answer: ChannelAnswer;
  try {
    answer = await exchange(agent, request, timeoutMs);
  } catch (error) {
    throw exchangeFailure(request.method, error);
  }
  if (answer.status < 200 || answer.status > 299) throw answerFailure(request.method, answer);
  return answer.text;
}

/** Asked for before every attempt: it may have expired during the wait. Whoever gives tokens keeps them. */
async function tokenFor(serviceUrl: string, options: ConnectorOptions): Promise<string | undefined> {
  try {
    return await options.token(serviceUrl);
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    // Not 'unauthorized': mostly Entra is out of reach for a moment, and nothing was sent.
    throw new ConnectorError('unavailable', "There is no access token for the channel. Check the bot's app id and secret.", { cause: error });
  }
}

function headersOf(request: Pick<ChannelRequest, 'body'>, token: string | undefined): string[] {
  const headers = ['accept', 'application/json', 'user-agent', 'Parley'];
  if (token !== undefined) headers.push('authorization', `Bearer ${token}`);
  if (request.body !== undefined) headers.push('content-type', 'application/json; charset=utf-8');
  return headers;
}
