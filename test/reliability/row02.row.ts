import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../bench/statistics';
import { createPace } from '../helpers/fakeModelScript';
import { askAbout, attentively } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { inParallel } from './load';
import { expectMeasured, score } from './scorecard';

const TURNS = 50;
const TURN_MS = 40_000;
/** The model writes a piece at a time, at this distance. */
const PIECE_MS = 10_000;

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => void (cluster = closing(await startCluster({ name: 'row02', withModel: true }))));

test('row 2: a turn of 40 s is acknowledged at once, shows that it works, and answers once though the channel waits only 15 s', async () => {
  const { channel, model } = cluster;
  model.answerWith((call) => {
    const pace = createPace();
    void release(pace);
    return attentively(call, pace);
  });
  await inParallel(TURNS, 10, (index) => channel.post(channel.message(`warm-${index}`, 'help'))); // the first turns of a process wait for its code to load
  const deliveries = await inParallel(TURNS, TURNS, (index) => channel.say(`slow-${index}`, askAbout));
  await channel.allAnswered(TURN_MS + 20_000);
  await cluster.settled();

  const ackMs = deliveries.map(({ ackMs: ms = Infinity }) => ms);
  const signs = channel.answeredAtMs('sign');
  const answers = channel.answeredAtMs();
  const since = (times: ReadonlyMap<string, number>): number[] => deliveries.map(({ id, saidAtMs }) => (times.get(id) ?? Infinity) - saidAtMs);
  const deliveriesAgain = deliveries.flatMap(({ outcomes }) => outcomes.slice(1));
  expect(deliveriesAgain).toEqual([]);
  expect(channel.check()).toEqual([]);
  expect(model.calls).toHaveLength(TURNS);
  expectMeasured(percentile(ackMs, 0.99)).toBeLessThan(1_000);
  expectMeasured(Math.max(...ackMs)).toBeLessThan(5_000);
  expectMeasured(Math.max(...since(signs))).toBeLessThan(2_000);
  expect(Math.min(...since(answers))).toBeGreaterThan(TURN_MS - 1_000); // the turns were as slow as they were meant to be
  score(2, {
    load: `${TURNS} turns of ${TURN_MS / 1_000} s at once`,
    figure: `ack p99 ${percentile(ackMs, 0.99).toFixed(0)} ms, first sign ${Math.max(...since(signs)).toFixed(0)} ms at most, ${deliveriesAgain.length} re-posts, ${answers.size} answered once`,
  });
});

async function release(pace: ReturnType<typeof createPace>): Promise<void> {
  for (let elapsedMs = 0; elapsedMs < TURN_MS; elapsedMs += PIECE_MS) {
    pace.release(1);
    await sleep(PIECE_MS);
  }
  pace.release();
}
