import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../bench/statistics';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { atPace } from './load';
import { expectMeasured, score } from './scorecard';

const CONVERSATIONS = 200;
const TURNS = 10;
const PER_SECOND = 50;
/** Longer than either side keeps a connection that nobody uses: 5 s. */
const REST_MS = 8_000;
const LOOK_EVERY_MS = 250;

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => void (cluster = closing(await startCluster({ name: 'row35' }))));

test('row 35: 50 turns a second are acknowledged and answered without an error, and leave nothing open', async () => {
  const { channel } = cluster;
  await atPace(100, PER_SECOND, (index) => channel.say(`warm-${index % 20}`, 'hello'));
  await channel.allAnswered(10_000);
  await cluster.settled();
  const before = await handlesAtRest();

  const deliveries = await atPace(CONVERSATIONS * TURNS, PER_SECOND, (index) => channel.say(`load-${index % CONVERSATIONS}`, 'hello'));
  await channel.allAnswered(10_000);
  await cluster.settled();
  const loopDelayMs = (await cluster.replicas[0]?.usage())?.loopDelayMs ?? NaN;
  const after = await handlesAtRest();

  const ackMs = deliveries.map(({ ackMs: ms = Infinity }) => ms);
  const [p95, p99] = [percentile(ackMs, 0.95), percentile(ackMs, 0.99)];
  const errors = deliveries.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome !== 200);
  expect({ errors, failures: cluster.balancer.failures }).toEqual({ errors: [], failures: [] });
  expect(channel.check()).toEqual([]);
  expectMeasured(p95).toBeLessThan(300);
  expectMeasured(p99).toBeLessThan(1_000);
  expect(after).toBeLessThanOrEqual(before);
  score(35, {
    load: `${CONVERSATIONS} conversations x ${TURNS} turns, ${PER_SECOND}/s`,
    figure: `ack p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${errors.length} errors, event loop held ${loopDelayMs.toFixed(0)} ms at most, handles ${before} -> ${after}`,
  });
});

/**
 * What stays open when nothing is to be done. Connections are kept for a while, as many as the load once needed at the same
 * moment: read before they are closed, the count tells how wide the load was, and not what was left open.
 */
async function handlesAtRest(): Promise<number> {
  const endsAt = performance.now() + REST_MS;
  const counts: number[] = [];
  while (performance.now() < endsAt) {
    const usage = await cluster.replicas[0]?.usage();
    if (usage) counts.push(usage.handles);
    await sleep(LOOK_EVERY_MS);
  }
  return Math.min(...counts);
}
