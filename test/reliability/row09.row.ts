import { percentile } from '../bench/statistics';
import { startPostgres, type PostgresServer } from '../helpers/postgres';
import { askAbout } from './attentiveModel';
import type { Delivery } from './channel';
import { closeAfterwards } from './closing';
import { startCluster } from './cluster';
import { countFindings } from './history';
import { atPace } from './load';
import { seededRandom } from './random';
import { expectMeasured, score } from './scorecard';
import { numbersIn } from './store';
import { startTcpProxy, type TcpFault } from './tcpProxy';

/** Under each of the two faults. */
const TURNS = 500;
const PER_SECOND = 8;
const CONVERSATIONS = 50;
const SEED = 9;
/** Longer on its way to the store, and as long back: two seconds for each answer of the store. */
const SLOW: TcpFault = { delayMs: 1_000 };
const P95_MS = 8_000;

const closing = closeAfterwards();
let postgres: PostgresServer;
beforeAll(async () => void (postgres = closing(await startPostgres())));

interface Outcome {
  readonly deliveries: readonly Delivery[];
  readonly findings: ReturnType<typeof countFindings>;
  readonly ackMs: readonly number[];
  /** From saying to the answer. */
  readonly answerMs: readonly number[];
  readonly cuts: number;
}

async function sufferFrom(name: string, fault: TcpFault): Promise<Outcome> {
  const proxy = closing(await startTcpProxy(postgres.port, seededRandom(SEED)));
  const direct = await postgres.databaseUrl();
  const cluster = closing(await startCluster({ name, databaseUrl: direct.replace(`:${postgres.port}/`, `:${proxy.port}/`), withModel: true }));
  const { channel } = cluster;
  proxy.suffer(fault);
  const deliveries = await atPace(TURNS, PER_SECOND, (index) => channel.say(`talk-${index % CONVERSATIONS}`, askAbout));
  await channel.allAnswered(60_000);
  proxy.suffer({});
  await cluster.settled();
  const answers = channel.answeredAtMs();
  return {
    deliveries,
    findings: countFindings(channel.check(await numbersIn(direct))),
    ackMs: deliveries.map(({ ackMs = Infinity }) => ackMs),
    answerMs: deliveries.map(({ id, saidAtMs }) => (answers.get(id) ?? Infinity) - saidAtMs),
    cuts: proxy.cuts,
  };
}

test('row 9: a store that is slow, or whose connections break, makes turns slower and loses none', async () => {
  const [slow, cut] = await Promise.all([sufferFrom('row09-slow', SLOW), sufferFrom('row09-cut', { cutRate: 0.05 })]);
  for (const { findings, deliveries, ackMs, answerMs } of [slow, cut]) {
    expect(findings).toEqual({ lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0 });
    expect(deliveries.filter(({ outcomes }) => outcomes.includes('timeout'))).toEqual([]); // the channel's deadline is kept
    expect(deliveries.filter(({ acknowledgedAtMs }) => acknowledgedAtMs === undefined)).toEqual([]);
    expectMeasured(percentile(ackMs, 0.95)).toBeLessThan(P95_MS);
    expectMeasured(percentile(answerMs, 0.95)).toBeLessThan(P95_MS);
  }
  expect(cut.cuts).toBeGreaterThan(TURNS * 0.05);
  const p95 = (times: readonly number[]): string => `${(percentile(times, 0.95) / 1_000).toFixed(1)} s`;
  score(9, {
    load: `store answers 2 s late, ${TURNS} turns; 5 % of its requests cut (${cut.cuts}), ${TURNS} turns`,
    figure: `0 lost, ack p95 ${p95(slow.ackMs)} and ${p95(cut.ackMs)}, answer p95 ${p95(slow.answerMs)} and ${p95(cut.answerMs)}`,
  });
});
