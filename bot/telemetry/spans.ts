import type { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { defaultTextMapGetter, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Server } from 'restify';
import { areaOf } from '../metricsRoute';
import type { Facts, OpenSpan, Tracing } from './tracing';

/** Probes and readers of metrics ask all day long, and pages are files. */
const UNTRACED = ['probes', 'metrics', 'pages'];

/**
 * Spans of the SDK, each below the one in whose course it begins. OpenTelemetry's global registry is not used: every
 * application in a process has its own.
 */
export class Spans implements Tracing {
  private readonly propagator = new W3CTraceContextPropagator();

  /** `running`: the span in whose course the program is. */
  constructor(private readonly tracer: Tracer, private readonly running: AsyncLocalStorage<Context | undefined>) {}

  begin(name: string, facts: Facts = {}): OpenSpan {
    const parent = this.running.getStore() ?? ROOT_CONTEXT;
    const span = this.tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes: facts }, parent);
    const context = trace.setSpan(parent, span);
    return {
      run: (work) => this.running.run(context, work),
      note: (noted) => void span.setAttributes(noted),
      failed: (error) => fail(span, error),
      end: () => span.end(),
    };
  }

  /** A request that goes out in the course of a span; undefined where there is none. Writes `traceparent` with `addHeader`. */
  beginOutgoing(name: string, facts: Facts, addHeader: (name: string, value: string) => void): Span | undefined {
    const parent = this.running.getStore();
    if (!parent) return undefined;
    const span = this.tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes: facts }, parent);
    this.propagator.inject(trace.setSpan(parent, span), undefined, { set: (_carrier, key, value) => addHeader(key, value) });
    return span;
  }

  observeRequests({ server }: Server): void {
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      const area = areaOf(request.url ?? '');
      if (UNTRACED.includes(area)) {
        this.running.enterWith(undefined);
        return;
      }
      const parent = this.propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
      const method = request.method ?? '';
      const span = this.tracer.startSpan(`${method} ${area}`, { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'http.route': area } }, parent);
      this.running.enterWith(trace.setSpan(parent, span)); // until this request's own work ends: each has a callback of its own
      response.once('close', () => endAnswered(span, response));
    });
  }

  get context(): Context | undefined {
    return this.running.getStore();
  }

  logFields(): object {
    const context = this.running.getStore();
    const span = context && trace.getSpanContext(context);
    return span ? { traceId: span.traceId, spanId: span.spanId } : {};
  }
}

function endAnswered(span: Span, response: ServerResponse): void {
  const { statusCode, writableFinished } = response;
  span.setAttribute('http.response.status_code', statusCode);
  if (!writableFinished) fail(span, { code: 'cut' });
  else if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Of an error its kind only: its message can hold what somebody said. */
export function fail(span: Span, error: unknown): void {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }; // anything can be thrown
  const word = [code, name].find((text) => typeof text === 'string' && /^[A-Za-z][\w-]{0,59}$/.test(text)) as string | undefined;
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', word ?? 'Error');
}
