import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Request, Response, Server } from 'restify';
import { readMedia, type StoredMedia } from '../state/media';
import type { Database } from '../state/database';
import { HttpError } from './readBody';
import { route } from './server';

export const MEDIA_PATH = '/media';

export interface MediaOptions {
  readonly database: Database;
  readonly log: Logger;
}

/** `GET /media/ID`: a picture or recording for whoever has its address, until it expires. Nothing lists them. */
export function mountMedia(server: Server, { database, log }: MediaOptions): void {
  const answer = route(log, async (request: Request, response: Response) => {
    // restify types params as any; this route has one.
    const { id } = request.params as { readonly id: string };
    const media = isMediaId(id) ? await readMedia(database, id, Date.now()) : undefined;
    if (!media) throw new HttpError(404, 'not-found', 'There is nothing here.');
    sendMedia(request, response, media);
  });
  server.get(`${MEDIA_PATH}/:id`, answer);
  server.head(`${MEDIA_PATH}/:id`, answer);
}

/** Ids that we made look so; the store need not see what somebody made up. */
const isMediaId = (id: string): boolean => /^[\w-]{20,100}$/.test(id);

function sendMedia(request: IncomingMessage, response: Response, { contentType, bytes }: Pick<StoredMedia, 'contentType' | 'bytes'>): void {
  const range = rangeOf(request.headers.range, bytes.length);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers(contentType), 'content-range': `bytes */${bytes.length}`, 'content-length': 0 });
    response.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: bytes.length };
  response.writeHead(range ? 206 : 200, {
    ...headers(contentType),
    'content-length': end - start,
    ...(range && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start, end));
}

/**
 * A model made the bytes, and they share our origin: shown in place, and never run. The pages that browsers make around
 * a picture or a recording need the exceptions of the policy. Teams' web client asks from an origin of its own.
 */
const headers = (contentType: string): Record<string, string> => ({
  'content-type': contentType,
  'content-disposition': 'inline',
  'content-security-policy': "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
  // In a sandbox a player's own page has no origin, and asks for its sound as a stranger. The address is the secret.
  'access-control-allow-origin': '*',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'accept-ranges': 'bytes',
  // What was deleted or has expired is gone for browsers too.
  'cache-control': 'private, no-store',
});

/** The one range of a request, as players ask for it (RFC 9110, 14.1.2): `end` is exclusive. undefined: all of it. */
function rangeOf(header: string | undefined, size: number): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start < end && start < size ? { start, end } : 'unsatisfiable';
}
