import { setTimeout as sleep } from 'node:timers/promises';
import { say, tooManyRequests } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { percentile } from '../bench/statistics';
import { closeAfterwards } from './closing';
import { askIn, ask, startOnTwoRegions, type AnsweredTurn } from './modelTurns';
import { expectMeasured, score } from './scorecard';

/** Half of them on one deployment, half on two. */
const CONVERSATIONS = 50;
const STORM_MS = 60_000;
/** Each conversation asks so often, whatever came of the last question. */
const EVERY_MS = 5_000;

/** What services say of when to come back, sense or nonsense. */
const hints: readonly Readonly<Record<string, string>>[] = [{}, { 'retry-after-ms': '1500' }, { 'retry-after': '2' }, { 'retry-after': 'soon' }, { 'retry-after-ms': '-1' }];
const absurd: readonly Readonly<Record<string, string>>[] = [{ 'retry-after': '3600' }, { 'retry-after': 'Fri, 31 Dec 2999 23:59:59 GMT' }, { 'retry-after-ms': '1e300' }, {}];

const closing = closeAfterwards();
const open = async (): Promise<FakeModelServer> => closing(await startFakeModelServer());

function storm(server: FakeModelServer, headers: readonly Readonly<Record<string, string>>[]): void {
  let count = 0;
  server.answerWith(() => tooManyRequests(headers[count++ % headers.length]));
}

/** All conversations go on asking for as long as the storm lasts; gives what each turn came to. */
async function askThroughStorm(parley: Parley): Promise<readonly AnsweredTurn[]> {
  const startedAt = performance.now();
  const turns: Promise<AnsweredTurn>[] = [];
  const talk = async (index: number): Promise<void> => {
    const chat = parley.teamsChat();
    await sleep((2 * index * EVERY_MS) / CONVERSATIONS);
    for (let number = 0; performance.now() - startedAt < STORM_MS; number += 1) {
      const turn = askIn(parley, chat, `Question ${number} of ${index}`);
      turns.push(turn);
      const { tookMs } = await turn;
      await sleep(Math.max(0, EVERY_MS - tookMs));
    }
  };
  await Promise.all(Array.from({ length: CONVERSATIONS / 2 }, (_, index) => talk(index)));
  return Promise.all(turns);
}

const longest = (turns: readonly AnsweredTurn[]): number => Math.max(...turns.map(({ tookMs }) => tookMs));

test('row 13: a minute of 429 costs no more than two requests a turn, holds nobody for more than 30 s, and goes elsewhere where it can', async () => {
  const startedAt = performance.now();
  const [only, east, west] = await Promise.all([open(), open(), open()]);
  const alone = closing(await startParley({ model: { server: only, as: 'azure' } }));
  const two = closing(await startOnTwoRegions(east, west));
  for (const server of [only, east, west]) server.answerWith(() => say('A good answer.'));
  await Promise.all([alone, two].map((parley) => ask(parley, 'Warm up')));
  const before = [only, east, west].map(({ calls }) => calls.length);
  storm(only, hints);
  storm(east, absurd);
  const [waited, spilled] = await Promise.all([askThroughStorm(alone), askThroughStorm(two)]);
  const sent = [only, east, west].map(({ calls }, index) => calls.length - (before[index] ?? 0));
  only.answerWith(() => say('A good answer.'));
  const backAt = performance.now();
  while (!(await ask(alone, 'Is it over?')).words.includes('A good answer.')) await sleep(200);
  const recoveryMs = performance.now() - backAt;

  const turns = waited.length + spilled.length;
  expect(waited.every(({ words }) => /busy right now.*Try again/s.test(words))).toBe(true);
  expect(spilled.every(({ words }) => words.includes('A good answer.'))).toBe(true);
  expect(sent[0]).toBeLessThanOrEqual(2 * waited.length);
  expect((sent[1] ?? 0) + (sent[2] ?? 0)).toBeLessThanOrEqual(2 * spilled.length);
  expectMeasured(Math.max(longest(waited), longest(spilled))).toBeLessThan(30_000);
  expectMeasured(recoveryMs).toBeLessThan(35_000);
  score(13, {
    load: `429 for ${STORM_MS / 1_000} s, ${hints.length + absurd.length} kinds of retry-after, ${CONVERSATIONS} conversations, half on one deployment and half on two, ${turns} turns`,
    figure: `${(sent.reduce((sum, count) => sum + count, 0) / turns).toFixed(2)} requests a turn (one deployment ${((sent[0] ?? 0) / waited.length).toFixed(2)}); longest wait ${(longest(waited) / 1_000).toFixed(1)} s alone, ${(longest(spilled) / 1_000).toFixed(1)} s with a second; ${spilled.length}/${spilled.length} answered by it; 0 silent; back after ${(recoveryMs / 1_000).toFixed(1)} s`,
  });
  console.log(`row 13 took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s; sent ${sent.join(', ')}; p95 alone ${percentile(waited.map(({ tookMs }) => tookMs), 0.95).toFixed(0)} ms`);
});
