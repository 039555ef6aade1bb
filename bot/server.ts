import type { Activity, InvokeResponse } from 'botbuilder';
import { pino, type Logger } from 'pino';
import { createServer, type Request, type Response, type Server } from 'restify';
import { StateError } from '../state/database';
import { parseActivity } from './activity';
import { AuthenticationError, type Authenticate } from './authentication';
import { guardHost, type HostLimits } from './hostGuard';
import { HttpError, readJson } from './readBody';

export interface ServerOptions {
  readonly authenticate: Authenticate;
  /** Resolves when the activity is durable. */
  readonly accept: (activity: Activity) => Promise<void>;
  /** The channel did not get the acknowledgement of an accepted activity, or got it too late. */
  readonly noteUnacknowledged: (activity: Activity, postedAtMs: number) => Promise<void>;
  readonly answerInvoke: (activity: Activity) => Promise<InvokeResponse>;
  /** Resolves when the store can be reached; throws otherwise. */
  readonly checkStore: () => Promise<void>;
  readonly backlog: () => number;
  readonly isDraining: () => boolean;
  /** Absent: connections are not counted. */
  readonly limits?: HostLimits;
  readonly log: Logger;
}

/** Teams' messages have 100 KB at most; invokes carry a little more. */
const MAX_BODY_BYTES = 1024 * 1024;
/** More unanswered turns than this and the load balancer should look elsewhere. */
const MAX_BACKLOG = 5_000;

const unlimited: HostLimits = { maxConnections: Infinity, maxConnectionsPerAddress: Infinity, isBehindProxy: false, isSecure: false };

/** The host's HTTP server, with the Bot Framework endpoint and the probes; pages and Direct Line are mounted beside. */
export function createHttpServer(options: ServerOptions): Server {
  // restify has a log of its own, on the output and unfiltered: it holds whole requests, and what matters of them is logged here.
  const server = createServer({ name: 'parley', ignoreTrailingSlash: true, log: pino({ level: 'silent' }) as never }); // its types say bunyan, it wants pino
  guardHost(server.server, options.limits ?? unlimited);
  continueAsUsual(server);
  refuseBrokenAddresses(server);
  answerConstantErrors(server);
  server.post('/api/messages', route(options.log, (request, response) => receive(request, response, options)));
  server.get('/healthz', route(options.log, async (_request, response) => sendJson(response, 200, { status: 'ok' })));
  server.get('/readyz', route(options.log, (_request, response) => reportReadiness(response, options)));
  return server;
}

type Handler = (request: Request, response: Response) => Promise<void>;

/** A handler whose errors become constant bodies: restify would send their messages out. */
export function route(log: Logger, handler: Handler): Handler {
  return async (request, response) => {
    try {
      await handler(request, response);
    } catch (error) {
      sendFailure(response, error, log);
    }
  };
}

export function sendJson(response: Response, status: number, body: object): void {
  response.send(status, body, { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
}

async function receive(request: Request, response: Response, options: ServerOptions): Promise<void> {
  // Channels are no browsers: a page that somebody visits must not talk to a host on his machine.
  if (request.headers.origin !== undefined) throw new HttpError(403, 'forbidden-origin', 'Pages may not post here.');
  const admit = await options.authenticate(request.headers.authorization);
  const activity = parseActivity(await readJson(request, MAX_BODY_BYTES));
  admit(activity);
  if (activity.type === 'invoke') {
    const answer = await options.answerInvoke(activity);
    response.send(answer.status, answer.body);
    return;
  }
  if (activity.type !== 'typing') await acceptAndWatch(activity, response, options);
  response.writeHead(200);
  response.end(); // nothing to format: restify's send would look for a formatter all the same
}

/** Channels post again what they get no answer for within 15 s (msteams-docs #6084). */
const CHANNEL_PATIENCE_MS = 10_000;

async function acceptAndWatch(activity: Activity, response: Response, { accept, noteUnacknowledged, log }: ServerOptions): Promise<void> {
  const startedAt = performance.now();
  const postedAtMs = Date.now();
  await accept(activity);
  const check = (): void => {
    if (response.writableFinished && performance.now() - startedAt < CHANNEL_PATIENCE_MS) return;
    noteUnacknowledged(activity, postedAtMs).catch((error: unknown) => log.warn({ err: error }, 'a lost acknowledgement could not be noted'));
  };
  if (response.closed) check(); // the channel hung up while it waited
  else response.once('close', check);
}

async function reportReadiness(response: Response, options: ServerOptions): Promise<void> {
  const backlog = options.backlog();
  const store = await options.checkStore().then(() => 'ok', () => 'unavailable');
  const isReady = store === 'ok' && backlog <= MAX_BACKLOG && !options.isDraining();
  sendJson(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', store, backlog, draining: options.isDraining() });
}

function sendFailure(response: Response, error: unknown, log: Logger): void {
  const failure = toFailure(error);
  if (failure.status >= 500) log.error({ err: error }, 'request failed');
  else log.warn({ status: failure.status, code: failure.code, err: error }, 'request refused');
  if (response.headersSent) return;
  sendJson(response, failure.status, { error: { code: failure.code, message: failure.message } });
}

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function toFailure(error: unknown): Failure {
  if (error instanceof HttpError) return error;
  if (error instanceof AuthenticationError) {
    return error.status === 401
      ? { status: 401, code: 'unauthorized', message: 'The caller could not be verified.' }
      : { status: 403, code: 'forbidden', message: 'The caller is not allowed here.' };
  }
  if (error instanceof StateError) return { status: 503, code: 'unavailable', message: 'Please try again shortly.' };
  return { status: 500, code: 'internal', message: 'Something went wrong.' };
}

/** A client that asks before it sends its body: restify would answer beside the guard. */
function continueAsUsual(server: Server): void {
  server.on('checkContinue', (request: Request, response: Response) => {
    response.writeContinue();
    server.server.emit('request', request, response);
  });
}

/** restify's router throws, and ends the process, where Host and path make no URL. */
function refuseBrokenAddresses(server: Server): void {
  server.pre((request, response, next) => {
    if (request.socket.destroyed) { next(false); return; } // cut by the guard, with more requests on their way
    try {
      request.getUrl();
      next();
    } catch {
      sendJson(response, 400, { error: { code: '400', message: 'The request is not valid.' } });
      next(false);
    }
  });
}

/** What restify itself refuses: unknown paths, methods and broken requests. */
function answerConstantErrors(server: Server): void {
  const messages: Readonly<Record<number, string>> = { 404: 'There is nothing here.', 405: 'This method is not offered here.' };
  server.on('restifyError', (_request: Request, response: Response, error: { statusCode?: number }, done: () => void) => {
    const status = error.statusCode ?? 500;
    const message = messages[status] ?? (status < 500 ? 'The request is not valid.' : 'Something went wrong.');
    if (!response.headersSent) sendJson(response, status, { error: { code: String(status), message } });
    done();
  });
}
