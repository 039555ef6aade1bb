import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { azureMonitorExporters } from './azureMonitor';
import type { ExportHealth } from './exportHealth';
import type { TelemetryTarget } from './telemetry';

export interface Exporters {
  readonly spans: SpanExporter;
  readonly logs: LogRecordExporter;
  readonly metrics: PushMetricExporter;
  /** How the target wants counters: as they stand, or what was added since it was last told. */
  readonly temporality: AggregationTemporality;
}

export interface ExporterOptions {
  /** Which share of traces is sent: services that add up multiply by it. */
  readonly traceShare: number;
  readonly health: ExportHealth;
  /** Runs work that is no part of a trace. */
  readonly apart: <T>(work: () => T) => T;
  /** Ends renewals of tokens. */
  readonly signal: AbortSignal;
}

export function exportersOf(target: TelemetryTarget, options: ExporterOptions): Exporters {
  const { spans, logs, metrics, temporality } = target.kind === 'otlp' ? otlpExporters(target) : azureMonitorExporters(target, options);
  const { health } = options;
  return {
    spans: health.watch(`${target.kind}-traces`, spans),
    logs: health.watch(`${target.kind}-logs`, logs),
    metrics: { ...health.watch(`${target.kind}-metrics`, metrics), selectAggregationTemporality: () => temporality },
    temporality,
  };
}

const TIMEOUT_MS = 10_000;

/** OTLP/HTTP with JSON bodies: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
function otlpExporters({ endpoint, headers }: Extract<TelemetryTarget, { kind: 'otlp' }>): Exporters {
  const optionsOf = (signal: string): { url: string; headers: Record<string, string>; timeoutMillis: number } =>
    ({ url: `${endpoint}/v1/${signal}`, headers: { ...headers }, timeoutMillis: TIMEOUT_MS });
  return {
    spans: new OTLPTraceExporter(optionsOf('traces')),
    logs: new OTLPLogExporter(optionsOf('logs')),
    metrics: new OTLPMetricExporter(optionsOf('metrics')),
    temporality: AggregationTemporality.CUMULATIVE,
  };
}
