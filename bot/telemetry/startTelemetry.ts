import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Metrics } from '../metrics';
import { endsWithin } from '../turns/deadlines';
import { ExportHealth } from './exportHealth';
import { exportersOf, type Exporters } from './exporters';
import { createLogStream } from './logStream';
import { MetricFamilies } from './metricFamilies';
import { traceOutgoing } from './outgoingRequests';
import { Spans } from './spans';
import type { Telemetry, TelemetryConfig, TelemetryOptions } from './telemetry';

const METRICS_EVERY_MS = 60_000;
const SEND_AFTER_MS = 5_000;
const EXPORT_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 3_000;

/** Loaded only where it is wanted (telemetry.ts): the SDK, its exporters, and what stands between them and the host. */
export function startTelemetry(config: TelemetryConfig & { readonly instance: string }, options: TelemetryOptions): Telemetry {
  const { sendAfterMs = SEND_AFTER_MS, metricsEveryMs = METRICS_EVERY_MS } = options;
  const resource = resourceFromAttributes({ 'service.name': config.serviceName, 'service.instance.id': config.instance });
  const health = new ExportHealth();
  const closing = new AbortController();
  const running = new AsyncLocalStorage<Context | undefined>();
  const edges = { traceShare: config.traceShare, health, apart: <T>(work: () => T): T => running.run(undefined, work), signal: closing.signal };
  const exporters = config.targets.map((target) => exportersOf(target, edges));
  const batches = { scheduledDelayMillis: sendAfterMs, exportTimeoutMillis: EXPORT_LIMIT_MS };
  const tracers = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.traceShare) }),
    spanProcessors: exporters.map(({ spans }) => new BatchSpanProcessor({ exporter: spans, ...batches })),
  });
  const loggers = new LoggerProvider({ resource, processors: exporters.map(({ logs }) => new BatchLogRecordProcessor({ exporter: logs, ...batches })) });
  const spans = new Spans(tracers.getTracer('parley'), running);
  const stopOutgoing = traceOutgoing(spans);
  let meters: MeterProvider | undefined;
  return {
    tracing: spans,
    attach: ({ server, metrics, log }) => {
      health.reportTo(log);
      spans.observeRequests(server);
      meters = new MeterProvider({ resource, readers: exporters.map((exporter) => readerOf(exporter, metrics, metricsEveryMs)) });
    },
    logStream: createLogStream(loggers.getLogger('parley'), spans),
    logFields: () => spans.logFields(),
    close: async () => {
      stopOutgoing();
      await endsWithin(Promise.allSettled([tracers.shutdown(), loggers.shutdown(), meters?.shutdown()]), CLOSE_LIMIT_MS);
      closing.abort();
    },
  };
}

const readerOf = ({ metrics: exporter, temporality }: Exporters, metrics: Pick<Metrics, 'families'>, everyMs: number): PeriodicExportingMetricReader =>
  new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: everyMs,
    exportTimeoutMillis: Math.min(EXPORT_LIMIT_MS, everyMs),
    metricProducers: [new MetricFamilies(metrics, temporality)],
  });
