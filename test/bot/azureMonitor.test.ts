import { channel } from 'node:diagnostics_channel';
import { z } from 'zod';
import { ConfigError, loadConfig } from '../../bot/config';
import { startHttpServer, type HttpServer, type RecordedRequest } from '../helpers/httpServer';
import { openTelemetry, type Telemetry } from '../../bot/telemetry/telemetry';
import { createMetrics } from '../../bot/metrics';

const KEY = '00000000-0000-0000-0000-00000000a11c';
const properties = z.record(z.string(), z.string());
/** ApplicationInsights-Home, EndpointSpecs/Schemas/Docs. */
const envelopeShape = z.strictObject({
  ver: z.literal(1),
  name: z.string().startsWith('Microsoft.ApplicationInsights.'),
  time: z.iso.datetime(),
  iKey: z.literal(KEY),
  sampleRate: z.number().min(0).max(100),
  tags: z.record(z.string().startsWith('ai.'), z.string()),
  data: z.discriminatedUnion('baseType', [
    z.strictObject({ baseType: z.literal('RequestData'), baseData: z.strictObject({ ver: z.literal(2), id: z.string(), name: z.string(), duration: z.string().regex(/^\d+\.\d\d:\d\d:\d\d\.\d{3}$/), success: z.boolean(), responseCode: z.string(), properties }) }),
    z.strictObject({ baseType: z.literal('RemoteDependencyData'), baseData: z.strictObject({ ver: z.literal(2), id: z.string(), name: z.string(), duration: z.string().regex(/^\d+\.\d\d:\d\d:\d\d\.\d{3}$/), success: z.boolean(), resultCode: z.string(), type: z.enum(['HTTP', 'InProc']), target: z.string().optional(), properties }) }),
    z.strictObject({ baseType: z.literal('MessageData'), baseData: z.strictObject({ ver: z.literal(2), message: z.string().min(1), severityLevel: z.enum(['Verbose', 'Information', 'Warning', 'Error', 'Critical']), properties }) }),
    z.strictObject({ baseType: z.literal('MetricData'), baseData: z.strictObject({ ver: z.literal(2), metrics: z.tuple([z.strictObject({ name: z.string(), value: z.number(), count: z.number().int().positive().optional() })]), properties }) }),
  ]),
});
type Envelope = z.infer<typeof envelopeShape>;

let service: HttpServer;
let requests: RecordedRequest[];
let answers: number[];
let telemetry: Telemetry;
const envelopes = (): Envelope[] => requests.flatMap(({ text }) => z.array(envelopeShape).parse(JSON.parse(text)));

beforeEach(async () => {
  requests = [];
  answers = [];
  service = await startHttpServer((request) => {
    requests.push(request);
    const status = answers.shift() ?? 200;
    return { status, body: { itemsReceived: 1, itemsAccepted: status === 200 ? 1 : 0, errors: status === 206 ? [{ index: 0, statusCode: 429, message: 'Throttled' }] : [] } };
  });
  const target = { kind: 'azure-monitor', ingestionUrl: service.url, instrumentationKey: KEY, audience: 'https://monitor.azure.com' } as const;
  telemetry = (await openTelemetry({ serviceName: 'parley', traceShare: 0.5, targets: [target] }, { metricsEveryMs: 60_000, sendAfterMs: 20 }))!;
});
afterEach(async () => {
  await telemetry.close();
  await service.close();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};

test('spans and lines are what Application Insights calls dependencies and messages, with their trace', async () => {
  const turn = sampledSpan();
  turn.run(() => {
    telemetry.logStream.write(JSON.stringify({ level: 50, time: Date.now(), msg: 'turn failed', code: 'unavailable', pid: 1, hostname: 'x' }));
    const model = telemetry.tracing.begin('model', { 'parley.attempts': 2 });
    model.failed(new TypeError('what somebody said'));
    model.end();
  });
  turn.end();
  await until(() => envelopes().length >= 3);
  const [model, parent] = ['model', 'turn'].map((name) => envelopes().find(({ data }) => data.baseType === 'RemoteDependencyData' && data.baseData.name === name));
  expect(model?.data.baseData).toMatchObject({ type: 'InProc', success: false, properties: { 'error.type': 'TypeError', 'parley.attempts': '2' } });
  expect(model?.tags).toMatchObject({ 'ai.cloud.role': 'parley', 'ai.operation.id': parent?.tags['ai.operation.id'], 'ai.operation.parentId': (parent?.data.baseData as { id: string }).id });
  expect([model?.sampleRate, parent?.sampleRate]).toEqual([50, 50]);
  const line = envelopes().find(({ data }) => data.baseType === 'MessageData');
  expect(line).toMatchObject({ sampleRate: 100, data: { baseData: { message: 'turn failed', severityLevel: 'Error', properties: { code: 'unavailable' } } }, tags: { 'ai.operation.id': parent?.tags['ai.operation.id'] } });
  expect(requests.every(({ method, path }) => method === 'POST' && path === '/v2.1/track')).toBe(true);
  expect(JSON.stringify(requests)).not.toContain('somebody said');
});

/** Half of the traces are kept: begins until one is. */
function sampledSpan(): ReturnType<Telemetry['tracing']['begin']> {
  for (;;) {
    const span = telemetry.tracing.begin('turn');
    if (span.run(isKept)) return span;
  }
}

/** A sampled trace says so to whom it calls. */
const isKept = (): boolean => {
  const headers: string[] = [];
  channel('undici:request:create').publish({ request: { method: 'GET', origin: 'https://example.com', addHeader: (_name: string, value: string) => headers.push(value) } });
  return headers.some((value) => value.endsWith('-01'));
};

test('of counters and histograms it is told what has been added, so that it can add up itself', async () => {
  const metrics = createMetrics();
  const add = (count: number): void => {
    for (let turn = 0; turn < count; turn += 1) metrics.turnFinished({ outcome: 'answered', durationMs: 500 });
    metrics.callRepeated('rate-limited');
  };
  const { server, log } = { server: { server: { prependListener: () => undefined } }, log: { warn: () => undefined, info: () => undefined } };
  await telemetry.close();
  const target = { kind: 'azure-monitor', ingestionUrl: service.url, instrumentationKey: KEY, audience: 'https://monitor.azure.com' } as const;
  telemetry = (await openTelemetry({ serviceName: 'parley', traceShare: 1, targets: [target] }, { metricsEveryMs: 100, sendAfterMs: 20 }))!;
  telemetry.attach({ server: server as never, metrics, log: log as never });
  const told = (name: string): { value: number; count?: number }[] => envelopes().flatMap(({ data }) => (data.baseType === 'MetricData' ? data.baseData.metrics.filter((metric) => metric.name === name) : []));
  add(3);
  await until(() => told('parley_turn_seconds').length === 1);
  add(2);
  await until(() => told('parley_turn_seconds').length === 2);
  expect(told('parley_turn_seconds')).toEqual([expect.objectContaining({ count: 3 }), expect.objectContaining({ count: 2 })]);
  expect(told('parley_turn_seconds').map(({ value }) => Math.round(value * 10) / 10)).toEqual([1.5, 1]);
  expect(told('parley_channel_retries_total').map(({ value }) => value)).toEqual([1, 1]);
});

test('what is refused for the moment is sent again; what was taken in part is not, for it would count twice', async () => {
  answers = [429, 503, 200];
  telemetry.logStream.write(JSON.stringify({ level: 30, time: Date.now(), msg: 'first' }));
  await until(() => requests.length === 3);
  answers = [206];
  telemetry.logStream.write(JSON.stringify({ level: 30, time: Date.now(), msg: 'second' }));
  await until(() => requests.length === 4);
  telemetry.logStream.write(JSON.stringify({ level: 30, time: Date.now(), msg: 'third' }));
  await until(() => requests.length === 5);
  expect(envelopes().map(({ data }) => data.baseType === 'MessageData' && data.baseData.message)).toEqual(['first', 'first', 'first', 'second', 'third']);
});

test('requests of its own are not traced', async () => {
  const turn = sampledSpan();
  turn.run(() => telemetry.logStream.write(JSON.stringify({ level: 30, time: Date.now(), msg: 'within' })));
  turn.end();
  await until(() => envelopes().length >= 2);
  expect(requests.filter(({ headers }) => headers.traceparent !== undefined)).toEqual([]);
  expect(envelopes().filter(({ data }) => data.baseType === 'RemoteDependencyData' && data.baseData.type === 'HTTP')).toEqual([]);
});

test('the setting is the connection string as the portal shows it', () => {
  const given = `InstrumentationKey=${KEY};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;LiveEndpoint=https://westeurope.livediagnostics.monitor.azure.com/;ApplicationId=${KEY}`;
  const shared = { kind: 'azure-monitor', ingestionUrl: 'https://westeurope-5.in.applicationinsights.azure.com', instrumentationKey: KEY, audience: 'https://monitor.azure.com' };
  expect(loadConfig({ APPLICATIONINSIGHTS_CONNECTION_STRING: given }).telemetry.targets).toEqual([shared]);
  expect(loadConfig({ APPLICATIONINSIGHTS_CONNECTION_STRING: given, AZURE_CLIENT_ID: KEY }).telemetry.targets).toEqual([{ ...shared, identity: { kind: 'managed-identity', clientId: KEY } }]);
  for (const wrong of [KEY, 'InstrumentationKey=x;IngestionEndpoint=https://a.example', `InstrumentationKey=${KEY};IngestionEndpoint=http://a.example`]) {
    expect(() => loadConfig({ APPLICATIONINSIGHTS_CONNECTION_STRING: wrong })).toThrow(ConfigError);
  }
});
