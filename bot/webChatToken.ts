import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Request, Response, Server } from 'restify';
import { request as httpRequest } from 'undici';
import { z } from 'zod';
import type { AddressLimit } from './addressLimit';
import type { DirectLine } from './directLine/directLine';
import { HttpError, readJson } from './readBody';
import { route, sendJson } from './server';

export interface WebChatTokenOptions {
  readonly directLine: DirectLine;
  /** Secret of Azure's Direct Line; the embedded service is used without it. */
  readonly azureSecret: string | undefined;
  /** Pages on other origins that may ask, besides our own. */
  readonly allowedOrigins: readonly string[];
  readonly publicUrl: () => string;
  readonly limitAddress: AddressLimit;
  readonly log: Logger;
}

const MAX_BODY_BYTES = 16 * 1024;
const AZURE_DIRECT_LINE = 'https://directline.botframework.com/v3/directline';
const AZURE_LIMIT_MS = 10_000;

/** A page that comes back shows its last token to go on with its conversation. */
const bodyShape = z.object({ token: z.string().max(4_096).optional() }).optional();

/** What Web Chat's `createDirectLine({ domain, token })` needs. */
export interface WebChatToken {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly conversationId: string;
  readonly userId: string;
  readonly domain: string;
}

/** `POST /api/webchat/token`: a token for one visitor; the secret stays here. */
export function mountWebChatToken(server: Server, options: WebChatTokenOptions): void {
  server.post('/api/webchat/token', route(options.log, async (request, response) => {
    const origin = allowedOrigin(request, options);
    options.limitAddress(request);
    const body = bodyShape.safeParse(await readJson(request, MAX_BODY_BYTES));
    if (!body.success) throw new HttpError(400, 'bad-request', 'The body may hold the last token, and nothing else.');
    allowCors(response, origin);
    sendJson(response, 200, options.azureSecret === undefined ? await embeddedToken(options, origin, body.data?.token) : await azureToken(options.azureSecret, origin));
  }));
  server.opts('/api/webchat/token', route(options.log, async (request, response) => {
    allowCors(response, allowedOrigin(request, options));
    response.send(204);
  }));
}

/** The page's origin, to which its token is bound; undefined for clients that are no browsers. Throws HttpError 403. */
function allowedOrigin(request: Request, options: WebChatTokenOptions): string | undefined {
  const { origin, host } = request.headers;
  if (origin === undefined || options.allowedOrigins.includes(origin) || isOwnOrigin(origin, host, options.publicUrl())) return origin;
  throw new HttpError(403, 'forbidden-origin', 'This site may not open a chat. Add its address to WEBCHAT_ALLOWED_ORIGINS.');
}

function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string): boolean {
  return origin === new URL(publicUrl).origin || (URL.canParse(origin) && new URL(origin).host === host);
}

function allowCors(response: Response, origin: string | undefined): void {
  if (origin === undefined) return;
  response.header('Access-Control-Allow-Origin', origin);
  response.header('Vary', 'Origin');
  response.header('Access-Control-Allow-Methods', 'POST');
  response.header('Access-Control-Allow-Headers', 'content-type');
}

async function embeddedToken({ directLine, publicUrl }: WebChatTokenOptions, origin: string | undefined, lastToken: string | undefined): Promise<WebChatToken> {
  const known = lastToken === undefined ? undefined : await directLine.recognise(lastToken, origin);
  const issued = await directLine.issueToken({ ...known, ...(origin !== undefined && { origin }) });
  return { ...issued, domain: `${publicUrl()}/v3/directline` };
}

const azureAnswer = z.object({ conversationId: z.string(), token: z.string(), expires_in: z.number() });

/** https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-direct-line-3-0-authentication */
async function azureToken(secret: string, origin: string | undefined): Promise<WebChatToken> {
  const userId = `dl_${randomBytes(16).toString('base64url')}`;
  const response = await httpRequest(`${AZURE_DIRECT_LINE}/tokens/generate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user: { id: userId }, ...(origin !== undefined && { trustedOrigins: [origin] }) }),
    signal: AbortSignal.timeout(AZURE_LIMIT_MS),
  });
  const body: unknown = await response.body.json();
  if (response.statusCode !== 200) throw new Error(`Azure Direct Line answered ${response.statusCode}. Check DIRECT_LINE_SECRET.`);
  return { ...azureAnswer.parse(body), userId, domain: AZURE_DIRECT_LINE };
}
