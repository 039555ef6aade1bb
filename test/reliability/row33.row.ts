import { wordsFor } from '../../cards/words';
import { percentile } from '../bench/statistics';
import { say } from '../helpers/fakeModelScript';
import { startPostgres } from '../helpers/postgres';
import type { Delivery } from './channel';
import { closeAfterwards } from './closing';
import { startCluster } from './cluster';
import { atPace } from './load';
import { expectMeasured, score } from './scorecard';

const PEOPLE = 50;
const PER_SECOND = 10; // each says something every five seconds
const BASE_MS = 20_000;
const FLOOD_MS = 40_000;
const FLOOD_PER_SECOND = 20;
/** As .env.example has them: a third of a minute's messages at once, and the rest over time. */
const PER_MINUTE = 60;
const limits = { MESSAGES_PER_MINUTE: String(PER_MINUTE), CONVERSATION_MESSAGES_PER_MINUTE: '300' };
const { flood } = wordsFor('en').host;

const { budgetSpent } = wordsFor('en').failure;

/** Messages that are let through besides while the first ones come: one a second, and those take about one. */
const REFILLED = 2;

const BUDGET_TOKENS = 40_000;
const AT_ONCE = 25;
const BURSTS = 4;

const closing = closeAfterwards();

test('row 33: one person floods; he is told so once, and nobody else notices', async () => {
  const cluster = closing(await startCluster({ name: 'row33', env: limits }));
  const { channel } = cluster;
  const people = (seconds: number): Promise<readonly Delivery[]> => atPace((seconds / 1_000) * PER_SECOND, PER_SECOND, (index) => channel.say(`person-${index % PEOPLE}`, 'hello'));
  const answerMs = (said: readonly Delivery[]): readonly number[] => {
    const answeredAtMs = channel.answeredAtMs();
    return said.map(({ id, saidAtMs }) => (answeredAtMs.get(id) ?? Infinity) - saidAtMs);
  };
  await people(BASE_MS / 2); // warms up
  const before = await people(BASE_MS);
  const [during, floods] = await Promise.all([people(FLOOD_MS), atPace((FLOOD_MS / 1_000) * FLOOD_PER_SECOND, FLOOD_PER_SECOND, () => channel.say('flooder', 'hello'))]);
  await cluster.settled();

  expect([...before, ...during, ...floods].filter(({ outcomes }) => outcomes.join() !== '200')).toEqual([]); // dropped, but never sent again by the channel
  const shown = channel.answers('flooder').map(({ text }) => text);
  const notices = shown.filter((text) => text === flood.person(20));
  const answers = shown.length - notices.length;
  const budget = PER_MINUTE / 3 + (FLOOD_MS / 60_000) * PER_MINUTE;
  expect(answers).toBeLessThanOrEqual(budget + 1);
  expect(answers).toBeGreaterThanOrEqual(PER_MINUTE / 3); // what came before the flood is answered
  expect(notices.length).toBeGreaterThanOrEqual(1);
  expect(notices.length).toBeLessThanOrEqual(Math.ceil(FLOOD_MS / 20_000)); // one for each pause
  const atFirst = PER_MINUTE / 3;
  const at = shown.indexOf(flood.person(20));
  expect([at >= atFirst, at <= atFirst + REFILLED]).toEqual([true, true]); // after the answers before it
  const [basis, p95] = [percentile(answerMs(before), 0.95), percentile(answerMs(during), 0.95)];
  expectMeasured(p95).toBeLessThanOrEqual(1.5 * basis);
  score(33, {
    load: `1 person ${FLOOD_PER_SECOND}/s for ${FLOOD_MS / 1_000} s beside ${PEOPLE} people`,
    figure: `answers to the others p95 ${p95.toFixed(1)} ms (base ${basis.toFixed(1)} ms); ${floods.length} messages: ${answers} answered (budget ${budget}), ${notices.length} notices`,
  });
});

test('row 33: 25 at once, again and again, against a budget that is nearly spent, on two replicas', async () => {
  const postgres = closing(await startPostgres());
  const cluster = closing(await startCluster({
    name: 'row33-budget', replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true, isAnswer: () => true, env: { BUDGETS: `everyone tokens ${BUDGET_TOKENS}` },
  }));
  const { channel, model } = cluster;
  const answer = 'The roses need water. '.repeat(200);
  model.answerWith(() => say(answer));
  for (let burst = 0; burst < BURSTS; burst += 1) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => channel.say(`asks-${burst}-${index}`, 'What do the roses need?')));
    await channel.allAnswered(60_000);
    await cluster.settled();
  }
  const spent = model.calls.map(({ body }) => Math.ceil(JSON.stringify(body.messages).length / 4) + Math.ceil(answer.length / 4)); // as the fake counts
  const used = spent.reduce((sum, tokens) => sum + tokens, 0);
  const shown = Array.from({ length: BURSTS * AT_ONCE }, (_, index) => channel.answers(`asks-${Math.floor(index / AT_ONCE)}-${index % AT_ONCE}`).map(({ text }) => text).join(' '));
  const [answered, refused] = [shown.filter((text) => text.includes('The roses need water.')), shown.filter((text) => text.includes(budgetSpent))];

  expect(used).toBeLessThanOrEqual(BUDGET_TOKENS + Math.max(...spent));
  expect(used).toBeGreaterThan(BUDGET_TOKENS - 3_000); // it is used up, but for what a request may need
  expect(answered).toHaveLength(model.calls.length);
  expect(answered.length + refused.length).toBe(BURSTS * AT_ONCE);
  score(33, { load: `${BURSTS} x ${AT_ONCE} at once, 2 replicas, a budget of ${BUDGET_TOKENS} tokens`, figure: `${used} tokens used; ${answered.length} answered, ${refused.length} told that the day's budget is spent` });
});

test('row 33: 100,000 characters, and an answer without end', async () => {
  const cluster = closing(await startCluster({ name: 'row33-model', env: limits, withModel: true, isAnswer: () => true }));
  const { channel, model } = cluster;
  const endless = 'ha '.repeat(200_000);
  model.answerWith(() => say(endless));
  const startedAt = performance.now();
  const long = await channel.say('long', 'The roses need water. '.repeat(4_600));
  const forever = await channel.say('forever', 'Repeat the word ha for ever.');
  await channel.allAnswered(60_000);
  await cluster.settled();
  const seconds = (performance.now() - startedAt) / 1_000;
  const shown = channel.teams.activities('forever').map(({ text }) => (typeof text === 'string' ? text : ''));
  const longest = Math.max(...shown.map(({ length }) => length));

  expect([...long.outcomes, ...forever.outcomes]).toEqual([200, 200]);
  expect(shown.join('').length).toBeLessThan(endless.length / 10);
  expectMeasured(seconds).toBeLessThan(30);
  expect(channel.check()).toEqual([]);
  score(33, { load: '100,000 characters, and an answer of 600,000', figure: `both answered after ${seconds.toFixed(1)} s; ${shown.join('').length} characters shown, ${longest} in one message` });
});
