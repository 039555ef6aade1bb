import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../helpers/postgres';
import { askAbout } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { countFindings } from './history';
import { atPace } from './load';
import { expectMeasured, score } from './scorecard';
import { numbersIn } from './store';

const CONVERSATIONS = 50;
const PER_SECOND = 10;
const BEFORE_MS = 5_000;
const OUTAGE_MS = 30_000;
const AFTER_MS = 15_000;
const BACK_MS = 5_000;
const MAX_GROWTH_BYTES = 50 * 1_024 * 1_024;
const SAMPLE_MS = 1_000;

const closing = closeAfterwards();

/** What a store suffers: `begin` makes it unavailable, `end` resolves when it works again. */
interface Outage {
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
}

interface Outcome {
  readonly findings: ReturnType<typeof countFindings>;
  /** Answers to the channel besides 200 and 503. */
  readonly oddOutcomes: readonly unknown[];
  /** Why the balancer had no answer of the replica to pass on. */
  readonly failures: readonly string[];
  readonly refused: number;
  /** Messages that were said later than BACK_MS after the store was back, and not taken at once. */
  readonly lateRefusals: number;
  readonly firstAckMs: number;
  readonly growthBytes: number;
}

async function suffer(cluster: Cluster, { begin, end }: Outage): Promise<Outcome> {
  const { channel } = cluster;
  const replica = cluster.replicas[0] ?? raise('There is no replica.');
  const turns = ((BEFORE_MS + OUTAGE_MS + AFTER_MS) / 1_000) * PER_SECOND;
  const talking = atPace(turns, PER_SECOND, (index) => channel.say(`talk-${index % CONVERSATIONS}`, askAbout));
  await sleep(BEFORE_MS);
  const before = await replica.usage();
  await begin();
  let mostBytes = 0;
  const endsAtMs = performance.now() + OUTAGE_MS;
  while (performance.now() < endsAtMs) {
    await sleep(SAMPLE_MS);
    mostBytes = Math.max(mostBytes, (await replica.usage()).rssBytes);
  }
  await end();
  const backAtMs = performance.now();
  const deliveries = await talking;
  await channel.allAnswered(60_000);
  await cluster.settled();

  const outcomes = deliveries.flatMap((delivery) => delivery.outcomes);
  return {
    findings: countFindings(channel.check(await numbersIn(cluster.databaseUrl))),
    oddOutcomes: outcomes.filter((outcome) => outcome !== 200 && outcome !== 503),
    failures: [...cluster.balancer.failures],
    refused: outcomes.filter((outcome) => outcome === 503).length,
    lateRefusals: deliveries.filter(({ saidAtMs, outcomes: [first] }) => saidAtMs > backAtMs + BACK_MS && first !== 200).length,
    firstAckMs: Math.min(...deliveries.map(({ acknowledgedAtMs = Infinity }) => acknowledgedAtMs - backAtMs).filter((ms) => ms > 0)),
    growthBytes: mostBytes - before.rssBytes,
  };
}

/** Every process of PostgreSQL stands still; connections stay open. */
async function stopped(): Promise<Outcome> {
  const postgres = closing(await startPostgres());
  const cluster = closing(await startCluster({ name: 'row08-stopped', databaseUrl: await postgres.databaseUrl(), withModel: true }));
  return suffer(cluster, {
    begin: () => postgres.pause(),
    end: async () => {
      postgres.resume();
    },
  });
}

/** PostgreSQL is killed, and started again after the outage. */
async function killed(): Promise<Outcome> {
  const postgres = closing(await startPostgres());
  const cluster = closing(await startCluster({ name: 'row08-killed', databaseUrl: await postgres.databaseUrl(), withModel: true }));
  return suffer(cluster, { begin: () => postgres.kill(), end: () => postgres.restart() });
}

/** Another process holds the write lock of the SQLite file. */
async function locked(): Promise<Outcome> {
  const cluster = closing(await startCluster({ name: 'row08-locked', withModel: true }));
  const locker = fork(join(__dirname, 'lockSqlite.mjs'), [cluster.databaseUrl], { execArgv: ['--no-warnings'] });
  const ended = once(locker, 'exit');
  await once(locker, 'message');
  return suffer(cluster, {
    begin: async () => {
      locker.send('lock');
      await once(locker, 'message');
    },
    end: async () => {
      locker.disconnect();
      await ended;
    },
  });
}

test('row 8: while the store is away nothing is acknowledged that is not kept, and everything goes on within 5 s of its return', async () => {
  const [stop, kill, lock] = await Promise.all([stopped(), killed(), locked()]);
  for (const outcome of [stop, kill, lock]) {
    expect(outcome.findings).toEqual({ lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0 });
    expect({ odd: outcome.oddOutcomes, failures: outcome.failures }).toEqual({ odd: [], failures: [] });
    expect(outcome.refused).toBeGreaterThan(0); // the outage was felt
    expect(outcome.lateRefusals).toBe(0);
    expectMeasured(outcome.firstAckMs).toBeLessThanOrEqual(BACK_MS);
    expectMeasured(outcome.growthBytes).toBeLessThan(MAX_GROWTH_BYTES);
  }
  const list = (figure: (outcome: Outcome) => string): string => [stop, kill, lock].map(figure).join(' / ');
  score(8, {
    load: `PostgreSQL stopped / killed / SQLite locked for ${OUTAGE_MS / 1_000} s, ${CONVERSATIONS} conversations, ${PER_SECOND} turns/s`,
    figure: `lost ${list(({ findings }) => String(findings.lost))}, answered 503 ${list(({ refused }) => String(refused))}, back after ${list(({ firstAckMs }) => `${(firstAckMs / 1_000).toFixed(1)} s`)}, memory +${list(({ growthBytes }) => `${Math.round(growthBytes / 1_048_576)} MB`)}`,
  });
});

function raise(message: string): never {
  throw new Error(message);
}
