import { percentile } from '../bench/statistics';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { atPace } from './load';
import { score } from './scorecard';

const CONVERSATIONS = 200;
const TURNS = 10;
const PER_SECOND = 50;

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => void (cluster = closing(await startCluster({ name: 'row35' }))));

test('row 35: 50 turns a second are acknowledged and answered without an error, and leave nothing open', async () => {
  const { channel } = cluster;
  const [replica] = cluster.replicas;
  await atPace(100, PER_SECOND, (index) => channel.say(`warm-${index % 20}`, 'hello'));
  await channel.allAnswered(10_000);
  await cluster.settled();
  const before = await replica?.usage();

  const deliveries = await atPace(CONVERSATIONS * TURNS, PER_SECOND, (index) => channel.say(`load-${index % CONVERSATIONS}`, 'hello'));
  await channel.allAnswered(10_000);
  await cluster.settled();
  const after = await replica?.usage();

  const ackMs = deliveries.map(({ ackMs: ms = Infinity }) => ms);
  const [p95, p99] = [percentile(ackMs, 0.95), percentile(ackMs, 0.99)];
  const errors = deliveries.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome !== 200);
  expect({ errors, failures: cluster.balancer.failures }).toEqual({ errors: [], failures: [] });
  expect(channel.check()).toEqual([]);
  expect(p95).toBeLessThan(300);
  expect(p99).toBeLessThan(1_000);
  expect(after?.handles).toBeLessThanOrEqual(before?.handles ?? 0);
  score(35, {
    load: `${CONVERSATIONS} conversations x ${TURNS} turns, ${PER_SECOND}/s`,
    figure: `ack p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${errors.length} errors, event loop held ${(after?.loopDelayMs ?? NaN).toFixed(0)} ms at most, handles ${before?.handles ?? NaN} -> ${after?.handles ?? NaN}`,
  });
});
