import { readFileSync } from 'node:fs';
import { createMetrics } from '../../bot/metrics';
import { promptFiltered } from '../helpers/fakeModelScript';
import { startFakeIdentity } from '../helpers/fakeIdentity';
import { startFakeModelServer } from '../helpers/fakeModelServer';
import { startParley } from '../helpers/parley';

const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The value of one line, such as `parley_turn_seconds_count{outcome="answered"}`. */
const valueOf = (text: string, line: string): number => Number(text.split('\n').find((each) => each.startsWith(`${line} `))?.split(' ').at(-1));

test('metrics count what happens, under labels of ours only', async () => {
  const metrics = createMetrics();
  metrics.turnFinished({ outcome: 'answered', durationMs: 40 });
  metrics.turnFinished({ outcome: 'answered', durationMs: 400 });
  metrics.callRepeated('somebody said this');
  metrics.backlog(() => ({ turns: 3, deliveries: 2, oldestAgeMs: 1_500 }));
  const text = await metrics.text();
  expect(valueOf(text, 'parley_turn_seconds_count{outcome="answered"}')).toBe(2);
  expect(valueOf(text, 'parley_turn_seconds_bucket{le="0.1",outcome="answered"}')).toBe(1);
  expect(valueOf(text, 'parley_backlog_oldest_seconds')).toBe(1.5);
  expect([valueOf(text, 'parley_backlog_turns'), valueOf(text, 'parley_backlog_deliveries')]).toEqual([3, 2]);
  expect(text).toContain('parley_channel_retries_total{code="other"} 1');
  expect(text.endsWith('# EOF\n')).toBe(true);
});

test('messages over the limit are counted, by what limit it was', async () => {
  const parley = await startParley({ env: { MESSAGES_PER_MINUTE: '3' } });
  try {
    const chat = parley.teamsChat();
    for (const text of ['one', 'two', 'three']) await chat.deliver(chat.activity('message', { text }));
    expect(await (await fetch(`${parley.url}/metrics`)).text()).toContain('parley_floods_total{limit="person"} 2');
  } finally {
    await parley.close();
  }
});

test('docs/operations.md names every metric, and no other', async () => {
  const metrics = createMetrics();
  metrics.backlog(() => ({ turns: 0, deliveries: 0, oldestAgeMs: 0 }));
  metrics.signingKeyAge(() => 0);
  const stop = metrics.watchProcess();
  const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  stop();
  const tables = readFileSync('docs/operations.md', 'utf8').split('\n').filter((line) => /^\| `(parley|process|nodejs)_/.test(line) && !/[<>]/.test(line));
  expect([...new Set(tables.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name)))].sort()).toEqual(names.sort());
});

test('two applications in one process count apart', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.callRepeated('rate-limited');
  expect(await one.text()).toContain('parley_channel_retries_total{code="rate-limited"} 1');
  expect(await other.text()).not.toContain('rate-limited');
});

test('a server on this machine shows its metrics: requests, transactions, model calls and the process', async () => {
  const model = await startFakeModelServer();
  const parley = await startParley({ model: { server: model, as: 'azure' } });
  try {
    model.behaveLikeAModel();
    const chat = parley.teamsChat();
    await chat.say('What is a lease?');
    model.script(promptFiltered());
    await chat.say('And what is a fencing token?');
    expect((await fetch(`${parley.url}/no-such-page`)).status).toBe(404);
    const response = await fetch(`${parley.url}/metrics`);
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType]);
    expect(valueOf(text, 'parley_request_seconds_count{area="messages",status="200"}')).toBe(2);
    expect(valueOf(text, 'parley_request_seconds_count{area="pages",status="404"}')).toBe(1);
    expect(valueOf(text, 'parley_model_call_seconds_count{operation="answer",outcome="stop"}')).toBe(1);
    expect(valueOf(text, 'parley_model_call_seconds_count{operation="answer",outcome="content-filtered"}')).toBe(1);
    expect(valueOf(text, 'parley_model_tokens_total{operation="answer",direction="output"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'parley_store_transaction_seconds_count{outcome="committed"}')).toBeGreaterThanOrEqual(2);
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(valueOf(text, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(valueOf(text, 'nodejs_eventloop_lag_max_seconds')).toBeGreaterThanOrEqual(0);
    expect(text).not.toMatch(/lease|fencing|29:|Ada/);
  } finally {
    await parley.close();
    await model.close();
  }
});

test('metrics are read with the token where there is one, and refused in one way', async () => {
  const parley = await startParley({ env: { METRICS_TOKEN: 'sixteen-or-more-characters' } });
  try {
    const ask = async (authorization?: string) => {
      const response = await fetch(`${parley.url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
      return { status: response.status, text: await response.text() };
    };
    expect((await ask('Bearer sixteen-or-more-characters')).status).toBe(200);
    const refusals = await Promise.all([undefined, '', 'Bearer', 'Bearer sixteen-or-more-character', 'Basic sixteen-or-more-characters', 'sixteen-or-more-characters'].map(ask));
    expect(new Set(refusals.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(refusals[0]).toEqual({ status: 401, text: JSON.stringify({ error: { code: 'unauthorized', message: 'The caller could not be verified.' } }) });
  } finally {
    await parley.close();
  }
});

test('a server that others can reach shows its metrics to nobody without a token', async () => {
  const identity = await startFakeIdentity();
  const parley = await startParley({ identity, env: { HOST: '0.0.0.0' } });
  try {
    const response = await fetch(`${parley.url}/metrics`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  } finally {
    await parley.close();
    await identity.close();
  }
});
