import { z } from 'zod';
import { startHttpServer, type RecordedRequest, type ServerAnswer } from './httpServer';

const value = z.union([z.object({ stringValue: z.string() }), z.object({ intValue: z.coerce.number() }), z.object({ doubleValue: z.number() }), z.object({ boolValue: z.boolean() })]);
const attributes = z.array(z.object({ key: z.string(), value })).default([])
  .transform((pairs) => Object.fromEntries(pairs.map(({ key, value: given }) => [key, Object.values(given)[0] as string | number | boolean])));
const nanoseconds = z.union([z.string().regex(/^\d+$/), z.number()]).transform(Number);
const id = (digits: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

const span = z.object({
  traceId: id(32), spanId: id(16), parentSpanId: id(16).optional(), name: z.string().min(1), kind: z.number(), attributes,
  startTimeUnixNano: nanoseconds, endTimeUnixNano: nanoseconds, status: z.object({ code: z.number().default(0) }),
});
const line = z.object({ timeUnixNano: nanoseconds, severityNumber: z.number(), severityText: z.string(), body: z.object({ stringValue: z.string() }), attributes, traceId: id(32).optional(), spanId: id(16).optional() });
const numbers = z.object({ dataPoints: z.array(z.object({ attributes, asDouble: z.number().optional(), asInt: z.coerce.number().optional(), startTimeUnixNano: nanoseconds, timeUnixNano: nanoseconds })) });
const histogram = z.object({
  aggregationTemporality: z.literal(2),
  dataPoints: z.array(z.object({ attributes, count: z.coerce.number(), sum: z.number(), bucketCounts: z.array(z.coerce.number()), explicitBounds: z.array(z.number()) })),
});
const metric = z.object({ name: z.string(), unit: z.string().default(''), gauge: numbers.optional(), sum: numbers.extend({ isMonotonic: z.literal(true), aggregationTemporality: z.literal(2) }).optional(), histogram: histogram.optional() });

const within = <Own extends z.ZodRawShape>(name: string, own: Own): z.ZodType<{ resource: { attributes: Record<string, unknown> } } & z.infer<z.ZodObject<Own>>> =>
  z.object({ [name]: z.array(z.object({ resource: z.object({ attributes }), ...own })).length(1) }).transform((body) => (body as Record<string, unknown[]>)[name]?.[0]) as never;
const tracesShape = within('resourceSpans', { scopeSpans: z.array(z.object({ spans: z.array(span) })) });
const logsShape = within('resourceLogs', { scopeLogs: z.array(z.object({ logRecords: z.array(line) })) });
const metricsShape = within('resourceMetrics', { scopeMetrics: z.array(z.object({ metrics: z.array(metric) })) });

export type FakeSpan = z.infer<typeof span>;
export type FakeLine = z.infer<typeof line>;
export type FakeMetric = z.infer<typeof metric>;

/**
 * A collector that takes OTLP/HTTP in JSON and refuses what is not in the form of the specification (opentelemetry-proto,
 * "JSON Protobuf Encoding": ids are hexadecimal). It keeps what it got.
 */
export async function startFakeCollector() {
  const requests: RecordedRequest[] = [];
  const problems: string[] = [];
  const [spans, lines, metrics]: [FakeSpan[], FakeLine[], FakeMetric[]] = [[], [], []];
  const services = new Set<string>();
  let failing = 0;
  const keep = ({ path, text }: RecordedRequest): void => {
    const body: unknown = JSON.parse(text);
    if (path === '/v1/traces') spans.push(...tracesShape.parse(body).scopeSpans.flatMap((scope) => scope.spans));
    else if (path === '/v1/logs') lines.push(...logsShape.parse(body).scopeLogs.flatMap((scope) => scope.logRecords));
    else if (path === '/v1/metrics') metrics.splice(0, Infinity, ...metricsShape.parse(body).scopeMetrics.flatMap((scope) => scope.metrics));
    else throw new Error(`There is no ${path}.`);
    services.add(JSON.stringify((Object.values(body as Record<string, { resource: { attributes: { key: string; value: unknown }[] } }[]>)[0]?.[0]?.resource.attributes ?? []).find(({ key }) => key === 'service.name')?.value));
  };
  const server = await startHttpServer((request): ServerAnswer => {
    requests.push(request);
    if (failing > 0) {
      failing -= 1;
      return { status: 403 };
    }
    try {
      if (request.headers['content-type'] !== 'application/json') throw new Error(`It is ${String(request.headers['content-type'])}.`);
      keep(request);
      return { status: 200, body: {} };
    } catch (error) {
      problems.push(String(error));
      return { status: 400 };
    }
  });
  return {
    ...server,
    requests,
    /** Why requests were refused. */
    problems,
    spans,
    lines,
    /** As they were told last. */
    metrics,
    services,
    /** The next requests are refused. */
    failNext: (count: number): void => void (failing = count),
  };
}

export type FakeCollector = Awaited<ReturnType<typeof startFakeCollector>>;
