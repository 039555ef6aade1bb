import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** https://github.com/microsoft/ApplicationInsights-Home/blob/master/EndpointSpecs/Schemas/Docs/ */
export interface Envelope {
  readonly ver: 1;
  readonly name: string;
  /** ISO 8601. */
  readonly time: string;
  readonly iKey: string;
  readonly sampleRate: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: object };
}

export interface Source {
  readonly instrumentationKey: string;
  /** Which part of all spans is sent. */
  readonly samplePercent: number;
}

/** What came in is a request, all else that which somebody depends on. */
export function envelopeOfSpan(span: ReadableSpan, source: Source): Envelope {
  const { traceId, spanId } = span.spanContext();
  const isRequest = span.kind === SpanKind.SERVER;
  const status = span.attributes['http.response.status_code'] ?? 0;
  const common = {
    ver: 2,
    id: spanId,
    name: span.name,
    duration: durationOf(hrTimeToMilliseconds(span.duration)),
    success: span.status.code !== SpanStatusCode.ERROR,
    properties: textsOf(span.attributes),
  };
  const isHttp = span.kind === SpanKind.CLIENT;
  const dependency = { resultCode: textOf(status), type: isHttp ? 'HTTP' : 'InProc', ...(isHttp && { target: textOf(span.attributes['server.address'] ?? '') }) };
  return {
    ...envelope(isRequest ? 'Request' : 'RemoteDependency', hrTimeToMilliseconds(span.startTime), source.samplePercent, span.resource, source),
    tags: { ...tagsOf(span.resource), 'ai.operation.id': traceId, ...(span.parentSpanContext && { 'ai.operation.parentId': span.parentSpanContext.spanId }) },
    data: isRequest
      ? { baseType: 'RequestData', baseData: { ...common, responseCode: textOf(status) } }
      : { baseType: 'RemoteDependencyData', baseData: { ...common, ...dependency } },
  };
}

/** Names of levels, from the severity on which they begin. */
const levels = [[17, 'Error'], [13, 'Warning'], [9, 'Information']] as const;

export function envelopeOfLine(line: ReadableLogRecord, source: Source): Envelope {
  const { severityText, spanContext, body, attributes } = line;
  const severity: number = line.severityNumber ?? 0;
  const severityLevel = severityText === 'FATAL' ? 'Critical' : (levels.find(([least]) => severity >= least)?.[1] ?? 'Verbose');
  return {
    ...envelope('Message', hrTimeToMilliseconds(line.hrTime), 100, line.resource, source),
    tags: { ...tagsOf(line.resource), ...(spanContext && { 'ai.operation.id': spanContext.traceId, 'ai.operation.parentId': spanContext.spanId }) },
    data: { baseType: 'MessageData', baseData: { ver: 2, message: textOf(body) || '(no message)', severityLevel, properties: textsOf(attributes) } },
  };
}

/** One point of measurement each; series in which nothing happened are left out, for they would cost and say nothing. */
export function envelopesOfMetrics({ resource, scopeMetrics }: ResourceMetrics, source: Source): readonly Envelope[] {
  const metrics = scopeMetrics.flatMap(({ metrics: own }) => own);
  return metrics.flatMap((metric) => pointsOf(metric).map(({ attributes, endMs, value, count }) => ({
    ...envelope('Metric', endMs, 100, resource, source),
    data: { baseType: 'MetricData', baseData: { ver: 2, metrics: [{ name: metric.descriptor.name, value, ...(count !== undefined && { count }) }], properties: textsOf(attributes) } },
  })));
}

interface Point {
  readonly attributes: Attributes;
  readonly endMs: number;
  /** The sum, where there is a count. */
  readonly value: number;
  readonly count?: number;
}

function pointsOf(metric: MetricData): readonly Point[] {
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return []; // Parley has none
  const isGauge = metric.dataPointType === DataPointType.GAUGE;
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    return metric.dataPoints
      .filter(({ value: { count } }) => count > 0)
      .map(({ attributes, endTime, value: { sum = 0, count } }) => ({ attributes, endMs: hrTimeToMilliseconds(endTime), value: sum, count }));
  }
  return metric.dataPoints
    .filter(({ value }) => isGauge || value !== 0)
    .map(({ attributes, endTime, value }) => ({ attributes, endMs: hrTimeToMilliseconds(endTime), value }));
}

const envelope = (kind: string, atMs: number, sampleRate: number, resource: Resource, { instrumentationKey }: Source): Omit<Envelope, 'data'> => ({
  ver: 1,
  name: `Microsoft.ApplicationInsights.${kind}`,
  time: new Date(atMs).toISOString(),
  iKey: instrumentationKey,
  sampleRate,
  tags: tagsOf(resource),
});

const tagsOf = ({ attributes }: Resource): Readonly<Record<string, string>> =>
  ({ 'ai.cloud.role': textOf(attributes['service.name']), 'ai.cloud.roleInstance': textOf(attributes['service.instance.id']), 'ai.internal.sdkVersion': 'parley' });

const textsOf = (attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, textOf(value)]));

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

/** d.hh:mm:ss.fff */
function durationOf(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');
  const [days, hours, minutes] = [whole / 86_400_000, (whole / 3_600_000) % 24, (whole / 60_000) % 60];
  return `${Math.floor(days)}.${two(hours)}:${two(minutes)}:${two((whole / 1000) % 60)}.${String(whole % 1000).padStart(3, '0')}`;
}
