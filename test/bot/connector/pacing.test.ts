import { createPacing } from '../../../bot/connector/pacing';
import type { Connector } from '../../../bot/connector/connector';
import { startFakeConnector, type FakeConnector } from '../../helpers/fakeConnector';
import { teamsLimits } from '../../helpers/sendLimits';
import { fakeClock, testConnectors, type FakeClock } from './connectors';
import type { Connectors } from '../../../bot/connector/httpConnector';

let teams: FakeConnector;
let connectors: Connectors;
let connector: Connector;
let clock: FakeClock;
const patience = new AbortController().signal;

/** Teams as it is, with our clock. */
beforeEach(async () => {
  clock = fakeClock();
  teams = await startFakeConnector({ sendLimits: teamsLimits, now: () => clock.clock.now() });
  for (const id of ['one', 'two']) teams.open({ id });
  connectors = testConnectors({ retry: clock.retry });
  connector = connectors.for(teams.serviceUrl);
});
afterEach(async () => {
  await connectors.close();
  await teams.close();
});

const message = (text: string, channelId = 'msteams') => ({ type: 'message', text, channelId });
const texts = (id: string): unknown[] => teams.activities(id).map(({ text }) => text);
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

async function sendAll(count: number, conversationId = 'one'): Promise<void> {
  for (const text of numbers(count)) await connector.send(conversationId, message(text), { patience });
}

test('a thousand messages to one conversation are all taken, in order, in the shortest time that Teams allows', async () => {
  await sendAll(1_000);
  expect(texts('one')).toEqual(numbers(1_000));
  expect(teams.requests).toHaveLength(1_000); // none was refused and sent again
  expect(clock.clock.now()).toBeLessThan(1.02 * (1_000 / 60) * 30_000);
});

test('more than Teams takes in an hour waits for the next hour', async () => {
  await sendAll(1_810);
  expect(teams.requests).toHaveLength(1_810);
  expect(clock.clock.now()).toBeGreaterThan(3_600_000);
});

test('messages that come all at once are paced like those that come one by one', async () => {
  await Promise.all(numbers(40).map((text) => connector.send('one', message(text), { patience })));
  expect([texts('one').length, teams.requests.length]).toEqual([40, 40]);
});

test('a conversation does not wait for another', async () => {
  await sendAll(7, 'one');
  await sendAll(7, 'two');
  expect(clock.waitsMs).toEqual([]);
});

test('threads of one channel share its limits, since Teams counts by channel', async () => {
  const threads = [1, 2, 3].map((number) => teams.open({ id: `19:c@thread.tacv2;messageid=${number}`, type: 'channel' }));
  for (const id of threads) await sendAll(3, id);
  expect(clock.waitsMs.length).toBeGreaterThan(0);
});

test('changes of messages count like messages', async () => {
  const id = await connector.send('one', message('1'), { patience });
  for (const text of numbers(8)) await connector.update('one', id, message(text), { patience });
  expect(clock.waitsMs.length).toBeGreaterThan(0);
  expect(teams.requests).toHaveLength(9);
});

test('channels without limits are not paced', async () => {
  for (const text of numbers(6)) await connector.send('one', message(text, 'directline'));
  expect(clock.waitsMs).toEqual([]);
});

test('what may be left out is left out before the limit, so that an answer finds room at once', async () => {
  const outcomes: string[] = [];
  for (let count = 0; count < 10; count += 1) {
    await connector.send('one', { type: 'typing', channelId: 'msteams' }).then(() => outcomes.push('sent'), (error: unknown) => outcomes.push((error as { code: string }).code));
  }
  expect(outcomes.slice(0, 5)).toEqual(['sent', 'sent', 'sent', 'sent', 'rate-limited']);
  const waitsBefore = clock.waitsMs.length;
  await connector.send('one', message('The answer'), { patience });
  expect([texts('one'), clock.waitsMs.length - waitsBefore]).toEqual([['The answer'], 0]);
});

test('after a refusal nothing is sent before the time that the service named', async () => {
  teams.failNext([{ status: 429, retryAfter: '20' }]);
  await expect(connector.send('one', message('1'), { patience })).rejects.toMatchObject({ code: 'rate-limited' });
  await expect(connector.send('one', { type: 'typing', channelId: 'msteams' })).rejects.toMatchObject({ code: 'rate-limited' });
  await connector.send('one', message('2'), { patience });
  expect([clock.waitsMs, texts('one'), teams.requests.length]).toEqual([[20_000], ['2'], 2]);
});

test('who no longer wants to wait sends nothing', async () => {
  const ending = new AbortController();
  await sendAll(7);
  ending.abort();
  await expect(connector.send('one', message('8'), { patience: ending.signal })).rejects.toMatchObject({ code: 'unavailable' });
  expect(teams.requests).toHaveLength(7);
});

test.each([
  [400, 'is forgotten when it falls silent, with what it had of its hour', 0],
  [600, 'is remembered for its hour, though it falls silent', 1],
])('a conversation with %d messages %s', async (count, _what, waits) => {
  const hourly = [{ count: 800, windowMs: 3_600_000 }];
  let nowMs = 0;
  const waitsMs: number[] = [];
  const wait = async (waitMs: number): Promise<void> => {
    waitsMs.push(waitMs);
    nowMs += waitMs;
  };
  // A connector of one operation: nothing else of it is called.
  const paced = createPacing({ limitsOf: () => hourly, streamLimitsOf: () => [], clock: { wait, now: () => nowMs } })({ send: async () => '1' } as unknown as Connector);
  const send = async (times: number): Promise<void> => {
    for (let index = 0; index < times; index += 1) await paced.send('one', {}, { patience });
  };
  await send(count);
  nowMs += 3 * 60_000;
  await send(500);
  expect(waitsMs).toHaveLength(waits);
});
