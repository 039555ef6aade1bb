import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Request, RequestHandlerType, Response, Server } from 'restify';
import type { DirectLineStore } from '../../state/directLine';
import { ATTACHMENT_PATH, sendAttachment } from './attachments';
import { corsHeaders, isServedOrigin, preflightHeaders, type OriginPolicy } from './origins';
import type { Answer, Call, createRequests, Handler } from './requests';
import { serviceErrors, toServiceError } from './serviceError';

export interface RoutesOptions {
  readonly requests: ReturnType<typeof createRequests>;
  readonly store: DirectLineStore;
  readonly origins: OriginPolicy;
  readonly log: Logger;
}

export const BASE_PATH = '/v3/directline';

type Respond = (request: Request, response: Response) => Promise<void>;

/** Registers the service's routes. Every answer under its path, errors included, has the service's shape. */
export function mountRoutes(server: Server, { requests, store, origins, log }: RoutesOptions): void {
  const guarded = (respond: Respond): RequestHandlerType => async (request: Request, response: Response) => {
    await guard(request, response, { origins, log }, respond);
  };
  const json = (handler: Handler): RequestHandlerType => guarded(async (request, response) => sendJson(response, await handler(toCall(request, response))));

  server.post(`${BASE_PATH}/tokens/generate`, json(requests.generateToken));
  server.post(`${BASE_PATH}/tokens/refresh`, json(requests.refreshToken));
  server.get(`${BASE_PATH}/session/getsessionid`, json(requests.sessionId));
  server.post(`${BASE_PATH}/conversations`, json(requests.startConversation));
  server.get(`${BASE_PATH}/conversations/:conversationId`, json(requests.reconnect));
  server.get(`${BASE_PATH}/conversations/:conversationId/activities`, json(requests.readActivities));
  server.post(`${BASE_PATH}/conversations/:conversationId/activities`, json(requests.postActivity));
  server.post(`${BASE_PATH}/conversations/:conversationId/upload`, json(requests.upload));
  server.get(`${ATTACHMENT_PATH}/:conversationId/:attachmentId`, guarded(async (request, response) => {
    const { attachmentId } = request.params as { readonly attachmentId: string };
    const file = await store.attachment(conversationIdOf(request), toOwnId(attachmentId));
    if (!file) throw serviceErrors.notFound();
    sendAttachment(response, file);
  }));
  server.opts(`${BASE_PATH}/*`, guarded(async (request, response) => {
    response.writeHead(200, { ...preflightHeaders(request), 'Content-Length': '0' });
    response.end();
  }));
  const unknown = guarded(() => Promise.reject(serviceErrors.notFound()));
  for (const method of ['get', 'post', 'put', 'patch', 'del', 'head'] as const) server[method](`${BASE_PATH}/*`, unknown);
}

/** Checks the origin, lets the answer be read by it, and turns whatever goes wrong into the service's error answer. */
async function guard(
  request: Request, response: Response, { origins, log }: { readonly origins: OriginPolicy; readonly log: Logger }, respond: Respond,
): Promise<void> {
  try {
    if (!isServedOrigin(request, origins)) throw serviceErrors.untrustedOrigin();
    for (const [name, value] of Object.entries(corsHeaders(request))) response.setHeader(name, value);
    await respond(request, response);
  } catch (error) {
    const { status, code, message } = toServiceError(error);
    if (status >= 500) log.error({ status, code, error }, 'Direct Line request failed');
    if (!response.headersSent) sendJson(response, { status, body: { error: { code, message } } });
  }
}

export function sendJson(response: ServerResponse, { status, body }: Answer): void {
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' };
  response.writeHead(status, { ...headers, 'Content-Length': text.length });
  response.end(text);
}

function toCall(request: Request, response: Response): Call {
  const conversationId = conversationIdOf(request);
  const answered = new Promise<void>((resolve) => response.once('close', resolve));
  return { request, query: queryOf(request), conversationId, answered };
}

function conversationIdOf(request: Request): string {
  // restify types params as any; they are strings from the path.
  const { conversationId = '' } = request.params as { readonly conversationId?: string };
  return toOwnId(conversationId);
}

/** Ids that we made look so; no row has '', and the store need not see what somebody made up (PostgreSQL objects to NUL). */
const toOwnId = (id: string): string => (/^[\w-]{1,100}$/.test(id) ? id : '');

export function queryOf(request: IncomingMessage): URLSearchParams {
  const url = request.url ?? '';
  return new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
}
