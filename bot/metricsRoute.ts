import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import type { Server } from 'restify';
import type { Metrics } from './metrics';
import { route, sendJson } from './server';

export interface MetricsRouteOptions {
  readonly metrics: Metrics;
  /** Who has it may read; absent: everybody who reaches the server, where that is this machine, and else nobody. */
  readonly token: string | undefined;
  readonly isOnLoopback: boolean;
  readonly log: Logger;
}

/** Counts every request that comes to this server, also those that are refused before a route is found. */
export function observeRequests(server: Server, metrics: Pick<Metrics, 'requestAnswered'>): void {
  server.server.prependListener('request', ({ url = '' }, response) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const status = response.writableFinished ? String(response.statusCode) : 'cut';
      metrics.requestAnswered({ area: areaOf(url), status, durationMs: performance.now() - startedAt });
    });
  });
}

/** By the beginning of the path: there are as many paths as somebody likes to ask for. */
const areas: readonly (readonly [string, string])[] = [
  ['/api/messages', 'messages'],
  ['/v3/directline/', 'directline'],
  ['/api/webchat/token', 'webchat-token'],
  ['/threads/', 'threads'],
  ['/media/', 'media'],
  ['/healthz', 'probes'],
  ['/readyz', 'probes'],
  ['/metrics', 'metrics'],
];

/** Which part of the host an address belongs to: one of a few words. */
export const areaOf = (url: string): string => areas.find(([path]) => url.startsWith(path))?.[1] ?? 'pages';

/** `GET /metrics`. Whoever may not read gets one constant answer, whatever was wrong. */
export function mountMetrics(server: Server, options: MetricsRouteOptions): void {
  const { metrics, log } = options;
  server.get('/metrics', route(log, async (request, response) => {
    if (!mayRead(request.headers.authorization, options)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      sendJson(response, 401, { error: { code: 'unauthorized', message: 'The caller could not be verified.' } });
      return;
    }
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    response.end(text);
  }));
}

function mayRead(authorization: string | undefined, { token, isOnLoopback }: MetricsRouteOptions): boolean {
  if (token === undefined) return isOnLoopback;
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

/** Of equal length whatever was sent, as timingSafeEqual needs. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
