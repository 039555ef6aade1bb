import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { SpanStatusCode, type Span } from '@opentelemetry/api';
import { fail, type Spans } from './spans';

/** What undici, and with it Node's fetch, tells of a request: https://undici.nodejs.org/#/docs/api/DiagnosticsChannel */
interface RequestNews {
  readonly request: { readonly method: string; readonly origin: string | URL; addHeader(name: string, value: string): void };
  readonly response?: { readonly statusCode: number };
  readonly error?: Error;
}

/**
 * A span for each HTTP request that goes out in the course of another one: to the model, to a channel. They carry
 * `traceparent`, so that a service's own traces can be joined. Gives the end of it. Nobody pays for it while nobody
 * listens, and nothing in the code that calls knows of it.
 */
export function traceOutgoing(spans: Spans): () => void {
  const open = new WeakMap<object, Span>();
  const ended = ({ request, error }: RequestNews): void => {
    const span = open.get(request);
    if (!span) return;
    if (error) fail(span, error);
    span.end();
    open.delete(request);
  };
  const listeners: Readonly<Record<string, (news: RequestNews) => void>> = {
    'undici:request:create': ({ request }) => {
      const span = spans.beginOutgoing(request.method, factsOf(request), (name, value) => request.addHeader(name, value));
      if (span) open.set(request, span);
    },
    'undici:request:headers': ({ request, response }) => {
      const status = response?.statusCode ?? 0;
      open.get(request)?.setAttribute('http.response.status_code', status);
      if (status >= 400) open.get(request)?.setStatus({ code: SpanStatusCode.ERROR });
    },
    'undici:request:trailers': ended,
    'undici:request:error': ended,
  };
  const subscriptions = Object.entries(listeners).map(([channel, listener]) => [channel, (news: unknown) => listener(news as RequestNews)] as const); // undici's own, as documented
  for (const [channel, listener] of subscriptions) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of subscriptions) unsubscribe(channel, listener);
  };
}

/** No path: ids of conversations stand in it. The host of a download can be the name of a tenant. */
const factsOf = ({ method, origin }: RequestNews['request']): Record<string, string> =>
  ({ 'http.request.method': method, ...(method !== 'GET' && { 'server.address': new URL(origin).hostname }) });
