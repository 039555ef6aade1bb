import type { Logger } from 'pino';
import { Agent } from 'undici';
import { channelOf, type SendLimit } from '../channels';
import type { Metrics } from '../metrics';
import { ConnectorError, type Connector, type ConnectorFor } from './connector';
import { exchange, type ChannelAnswer, type ChannelRequest } from './exchange';
import { answerFailure, exchangeFailure, isRefused } from './failure';
import { createPacing } from './pacing';
import { connectorAt, type Call, type Calls } from './rest';
import { defaultRetryPolicy, withRetries, type RetryPolicy } from './retry';

export interface ConnectorOptions {
  /** The bot's access token for this service; undefined where it takes calls without one. `refused`: one that it does not take (any more). */
  readonly token: (serviceUrl: string, refused?: string) => Promise<string | undefined>;
  /** Where nothing may be sent, our token least of all; absent: anywhere. Asked before each call, since addresses come out of the store too. */
  readonly isAllowed?: (serviceUrl: string) => boolean;
  /** Instead of those of the channels. */
  readonly sendLimits?: readonly SendLimit[];
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'callRepeated'>;
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

/** As many as there are regions and clouds; where a channel has one for each tenant, the rest are built again. */
const MAX_KNOWN = 1_000;

/** Clients of the Bot Connector REST API 3.0 that share one pool of sockets, and keep to one pace. */
export function createConnectors(options: ConnectorOptions): Connectors {
  const agent = createAgent(options.timeoutMs ?? TIMEOUT_MS, options.maxSockets ?? MAX_SOCKETS);
  const closing = new AbortController();
  const policy = { ...defaultRetryPolicy, ...options.retry };
  const paced = createPacing({
    limitsOf: (activity) => options.sendLimits ?? channelOf(activity).sendLimits,
    streamLimitsOf: (activity) => channelOf(activity).streamLimits,
    clock: policy,
  });
  const known = new Map<string, Connector>();
  const connect = (serviceUrl: string): Connector => {
    const connector = paced(connectorAt(serviceUrl, callsTo(serviceUrl, { agent, policy, closing: closing.signal, options })));
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(serviceUrl, connector);
    return connector;
  };
  let closed: Promise<void> | undefined;
  return {
    for: (serviceUrl) => known.get(serviceUrl) ?? connect(serviceUrl),
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

interface Line {
  readonly agent: Agent;
  readonly policy: RetryPolicy;
  readonly closing: AbortSignal;
  readonly options: ConnectorOptions;
}

function callsTo(serviceUrl: string, line: Line): Calls {
  const { policy, closing, options } = line;
  const once: Call = async (request) => {
    if (options.isAllowed?.(serviceUrl) === false) throw new ConnectorError('bad-request', 'The service URL of the conversation is not one of the known hosts.');
    return authorized(request, serviceUrl, line);
  };
  const repeatedly: Call = (request) =>
    withRetries(() => once(request), policy, closing, ({ error, attempt: count, waitMs }) => {
      options.metrics?.callRepeated(error.code);
      options.log.warn(
        { method: request.method, host: request.origin, code: error.code, status: error.details.status, attempt: count, waitMs },
        'call to the channel is repeated',
      );
    });
  return { once, repeatedly };
}

/** Our token may have been withdrawn before its time: what is refused for it is sent once more with another, if there is one. */
async function authorized(request: Parameters<Call>[0], serviceUrl: string, { agent, options }: Line): Promise<string> {
  const withToken = (token: string | undefined): Promise<string> =>
    attempt(agent, { ...request, headers: headersOf(request, token) }, options.timeoutMs ?? TIMEOUT_MS);
  const token = await tokenFrom(options, serviceUrl);
  try {
    return await withToken(token);
  } catch (error) {
    if (!(error instanceof ConnectorError && error.code === 'unauthorized') || token === undefined) throw error;
    const another = await tokenFrom(options, serviceUrl, token);
    if (another === token) throw error;
    return withToken(another);
  }
}

/** One attempt; the text of a 2xx answer. */
async function attempt(agent: Agent, request: ChannelRequest, timeoutMs: number): Promise<string> {
  let answer: ChannelAnswer;
  try {
    answer = await exchange(agent, request, timeoutMs);
  } catch (error) {
    throw exchangeFailure(request.method, error);
  }
  if (isRefused(answer)) throw answerFailure(request.method, answer);
  return answer.text;
}

/** Asked for before every attempt: it may have expired during the wait. Whoever gives tokens keeps them. */
async function tokenFrom({ token }: ConnectorOptions, serviceUrl: string, refused?: string): Promise<string | undefined> {
  try {
    return await token(serviceUrl, refused);
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
