import { hostname } from 'node:os';
import type { DestinationStream, Logger } from 'pino';
import type { Server } from 'restify';
import type { Identity } from '../../ai/credential';
import type { Metrics } from '../metrics';
import type { Tracing } from './tracing';

/** Where traces, metrics and logs go. */
export interface TelemetryConfig {
  /** As OTEL_SERVICE_NAME. */
  readonly serviceName: string;
  /** Share of the traces that begin here which are kept, 0 to 1; those that a caller began follow the caller. */
  readonly traceShare: number;
  readonly targets: readonly TelemetryTarget[];
}

export type TelemetryTarget =
  /** OTLP over HTTP: `/v1/traces`, `/v1/metrics` and `/v1/logs` below `endpoint`. */
  | { readonly kind: 'otlp'; readonly endpoint: string; readonly headers: Readonly<Record<string, string>> }
  /** Application Insights. `identity`: whose tokens of Entra ID are shown; absent: the instrumentation key alone. */
  | { readonly kind: 'azure-monitor'; readonly ingestionUrl: string; readonly instrumentationKey: string; readonly audience: string; readonly identity?: Identity };

/** OpenTelemetry, switched on. */
export interface Telemetry {
  readonly tracing: Tracing;
  /**
   * Requests that come in from now on continue the trace that `traceparent` names (https://www.w3.org/TR/trace-context/);
   * what `/metrics` shows is sent each minute. The log hears of deliveries that fail, and of the first that succeeds after that.
   */
  attach(host: TracedHost): void;
  /** What the log writes is sent too. It writes lines without content (bot/log.ts). */
  readonly logStream: DestinationStream;
  /** The trace that a line of the log belongs to. */
  readonly logFields: () => object;
  /** Sends what is left, three seconds at most. */
  close(): Promise<void>;
}

export interface TracedHost {
  readonly server: Server;
  readonly metrics: Pick<Metrics, 'families'>;
  readonly log: Logger;
}

export interface TelemetryOptions {
  /** Milliseconds between two readings of the metrics. */
  readonly metricsEveryMs?: number;
  /** Milliseconds until a finished span or a line is sent. */
  readonly sendAfterMs?: number;
}

/** Opens OpenTelemetry; undefined where the settings name no target. Nothing of it is loaded before that. */
export async function openTelemetry(config: TelemetryConfig, options: TelemetryOptions = {}): Promise<Telemetry | undefined> {
  if (config.targets.length === 0) return undefined;
  const { startTelemetry } = await import('./startTelemetry.js');
  return startTelemetry({ ...config, instance: hostname() }, options);
}
