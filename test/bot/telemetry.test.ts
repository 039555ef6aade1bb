import { channel } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { loadConfig } from '../../bot/config';
import { openTelemetry } from '../../bot/telemetry/telemetry';
import { startFakeCollector, type FakeCollector, type FakeSpan } from '../helpers/fakeCollector';
import { promptFiltered, say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { ada } from '../helpers/teamsChat';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const traceparent = (isSampled: boolean): string => `00-${CALLER.traceId}-${CALLER.spanId}-0${isSampled ? 1 : 0}`;

let model: FakeModelServer;
let collector: FakeCollector;
let parley: Parley;
let close: () => Promise<void>;

const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
  parley = await startParley({ model: { server: model, as: 'azure' }, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env } });
  close = parley.close;
};

beforeEach(async () => {
  model = await startFakeModelServer();
  model.answerWith(() => say('Roses need water.'));
  collector = await startFakeCollector();
  close = () => Promise.resolve();
});
afterEach(async () => {
  await close();
  expect(collector.problems).toEqual([]);
  await collector.close();
  await model.close();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) {
    expect(collector.problems).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** The names from a span up to the first one that is not ours. */
function pathOf(span: FakeSpan): readonly string[] {
  const parent = collector.spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? pathOf(parent) : [])];
}

test('a message is one trace: the request that brought it, its turn, the model, and what is sent for it', async () => {
  await start();
  const chat = parley.teamsChat();
  await chat.call(chat.activity('message', { text: 'What do roses need?' }), { traceparent: traceparent(true) });
  await until(() => ['send', 'turn'].every((name) => collector.spans.some((span) => span.name === name)));
  await until(() => collector.spans.filter(({ kind }) => kind === 3).length >= 2);
  const request = collector.spans.find(({ kind }) => kind === 2);
  expect(request).toMatchObject({ name: 'POST messages', traceId: CALLER.traceId, parentSpanId: CALLER.spanId, attributes: { 'http.response.status_code': 200, 'http.request.method': 'POST' } });
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER.traceId]));
  const paths = collector.spans.map((span) => pathOf(span).join(' < '));
  expect(paths).toEqual(expect.arrayContaining([
    'POST messages',
    'accept < POST messages',
    'turn < accept < POST messages',
    'model < turn < accept < POST messages',
    'POST < model < turn < accept < POST messages',
    'send < turn < accept < POST messages',
    'POST < send < turn < accept < POST messages',
  ].map((path): unknown => (path.startsWith('send') || path.includes('< send') ? expect.stringMatching(new RegExp(`^${path.replace('send < turn < ', 'send < (?:turn < )?')}$`)) : path))));
  expect(collector.spans.find(({ name }) => name === 'model')?.attributes).toMatchObject({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'test-model', 'parley.outcome': 'stop', 'parley.attempts': 1 });
  expect(collector.spans.find(({ name }) => name === 'turn')?.attributes).toMatchObject({ 'parley.outcome': 'answered' });
  for (const { startTimeUnixNano, endTimeUnixNano } of collector.spans) expect(endTimeUnixNano).toBeGreaterThanOrEqual(startTimeUnixNano);
});

test('the model and the channel are told of the trace, and of nothing else that is new', async () => {
  await start();
  const chat = parley.teamsChat();
  await chat.call(chat.activity('message', { text: 'What do roses need?' }), { traceparent: traceparent(true) });
  await parley.teams.waitFor(() => parley.teams.requests.some(({ method }) => method === 'POST'));
  await until(() => collector.spans.some(({ name }) => name === 'model'));
  const outgoing = [...model.calls, ...parley.teams.requests].map(({ headers }) => headers);
  expect(outgoing.length).toBeGreaterThanOrEqual(2);
  for (const headers of outgoing) {
    expect(headers.traceparent).toMatch(new RegExp(`^00-${CALLER.traceId}-[0-9a-f]{16}-01$`));
    expect([headers.tracestate, headers.baggage]).toEqual([undefined, undefined]);
  }
});

test('lines of the log are sent with the trace that they belong to, and stand on the output with it', async () => {
  await start();
  const chat = parley.teamsChat();
  await chat.call(chat.activity('message', { text: 'What do roses need?' }), { traceparent: traceparent(true) });
  await until(() => collector.lines.some(({ body }) => body.stringValue === 'turn finished'));
  const line = collector.lines.find(({ body }) => body.stringValue === 'turn finished');
  expect(line).toMatchObject({ severityText: 'INFO', severityNumber: 9, traceId: CALLER.traceId, attributes: { outcome: 'answered', conversationKey: expect.stringMatching(/^[\w-]{16}$/) } });
  const printed = parley.logged.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ msg }) => msg === 'turn finished');
  expect(printed).toMatchObject({ traceId: CALLER.traceId, spanId: line?.spanId });
});

test('metrics are told as /metrics shows them', async () => {
  await start();
  const chat = parley.teamsChat();
  for (const text of ['What do roses need?', 'And tulips?']) await chat.say(text);
  const turns = () => collector.metrics.find(({ name }) => name === 'parley_turn_seconds')?.histogram?.dataPoints.find(({ attributes }) => attributes['outcome'] === 'answered');
  await until(() => turns()?.count === 2);
  const { bucketCounts, explicitBounds, sum } = turns()!;
  expect([bucketCounts.length, bucketCounts.reduce((total, count) => total + count)]).toEqual([explicitBounds.length + 1, 2]);
  expect(explicitBounds).toEqual([...explicitBounds].sort((one, other) => one - other));
  expect(sum).toBeGreaterThan(0);
  const shown = await (await fetch(`${parley.url}/metrics`)).text();
  const names = new Set([...shown.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name = '', type]) => (type === 'counter' ? `${name}_total` : name)));
  expect(new Set(collector.metrics.map(({ name }) => name))).toEqual(names);
  expect(collector.metrics.find(({ name }) => name === 'parley_model_tokens_total')?.sum?.dataPoints.map(({ asDouble, asInt }) => asDouble ?? asInt)).toEqual(
    [...shown.matchAll(/^parley_model_tokens_total\{.*\} (\d+)/gm)].map(([, value]) => Number(value)));
});

test('nothing of content goes out: no words of people, models or channels, no names, no ids, no keys, whatever fails', async () => {
  await start({ OTEL_SERVICE_NAME: 'parley-test', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=CANARYKEY', LOG_LEVEL: 'trace' });
  const chat = parley.teamsChat();
  const from = { ...ada, name: 'CANARYNAME' };
  model.answerWith(() => say('CANARYANSWER'));
  await chat.say('CANARYQUESTION');
  model.answerWith(() => promptFiltered());
  await chat.exchange(chat.activity('message', { text: 'CANARYFILTERED' }, from));
  parley.teams.failNext([{ status: 500, message: 'CANARYFAULT' }], 'POST');
  await chat.exchange(chat.activity('message', { text: 'help CANARYHELP' }, from));
  await chat.call({ ...chat.activity('message'), serviceUrl: 'https://canary.example.com', text: 'CANARYREFUSED' });
  await fetch(`${parley.url}/threads/CANARYPATH`);
  const before = collector.metrics.length;
  await until(() => collector.spans.filter(({ name }) => name === 'turn').length >= 3 && collector.lines.length > 3 && before > 0);
  const sent = collector.requests.map(({ text }) => text).join('\n');
  expect(sent.match(/canary\w*/gi)?.filter((found) => found !== 'CANARYKEY') ?? []).toEqual([]);
  for (const id of [ada.id, ada.aadObjectId, chat.id, 'test-key', 'CANARYKEY']) expect(sent).not.toContain(id);
  expect(collector.requests.every(({ headers }) => headers['api-key'] === 'CANARYKEY')).toBe(true);
  expect([...collector.services]).toEqual(['{"stringValue":"parley-test"}']);
});

test('a share of the traces is kept where the settings say so; who calls with a trace of his own decides for that', async () => {
  await start({ OTEL_TRACES_SAMPLER_ARG: '0' });
  const chat = parley.teamsChat();
  await chat.say('What do roses need?');
  await chat.call(chat.activity('message', { text: 'And lilies?' }), { traceparent: traceparent(false) });
  await chat.call(chat.activity('message', { text: 'And tulips?' }), { traceparent: traceparent(true) });
  await until(() => collector.spans.some(({ name }) => name === 'turn'));
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER.traceId]));
  expect(collector.spans.filter(({ name }) => name === 'turn')).toHaveLength(1);
});

test('people are answered while the collector refuses; the log says so once, and once that it takes it again', async () => {
  await start();
  collector.failNext(20);
  const chat = parley.teamsChat();
  await chat.say('What do roses need?');
  await until(() => parley.logged.some((line) => line.includes('telemetry could not be delivered')));
  await chat.say('And tulips?');
  collector.failNext(0);
  await until(() => parley.logged.some((line) => line.includes('telemetry is delivered again')));
  for (const kind of ['otlp-traces', 'otlp-logs', 'otlp-metrics']) {
    expect(parley.logged.filter((line) => line.includes('could not be delivered') && line.includes(`"kind":"${kind}"`)).length).toBeLessThanOrEqual(1);
  }
});

test('what is left is sent when the process stops', async () => {
  await start();
  const telemetry = await openTelemetry(loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }).telemetry);
  telemetry?.tracing.begin('last').end();
  telemetry?.logStream.write(JSON.stringify({ level: 30, time: Date.now(), msg: 'last' }));
  await telemetry?.close();
  expect([collector.spans.some(({ name }) => name === 'last'), collector.lines.some(({ body }) => body.stringValue === 'last')]).toEqual([true, true]);
});

test('without a target nothing is opened or listened to, and no request carries a trace', async () => {
  await start({ OTEL_EXPORTER_OTLP_ENDPOINT: '' });
  expect(await openTelemetry(loadConfig({}).telemetry)).toBeUndefined();
  expect(channel('undici:request:create').hasSubscribers).toBe(false);
  await parley.teamsChat().say('What do roses need?');
  expect([...model.calls, ...parley.teams.requests].filter(({ headers }) => headers.traceparent !== undefined)).toEqual([]);
  expect(parley.logged.filter((line) => line.includes('traceId'))).toEqual([]);
});

test('the server that is built loads OpenTelemetry only when it is asked for', () => {
  const server = readFileSync('dist/server.mjs', 'utf8');
  expect(server.match(/OTLPTraceExporter|BatchSpanProcessor|PeriodicExportingMetricReader/g)).toBeNull();
  const chunk = readdirSync('dist/chunks').find((name) => /^startTelemetry-.*\.mjs$/.test(name)) ?? '';
  expect(readFileSync(`dist/chunks/${chunk}`, 'utf8')).toContain('OTLPTraceExporter');
});
