import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type PostgresServer } from '../helpers/postgres';
import { createPace, type Pace } from '../helpers/fakeModelScript';
import { askAbout, attentively } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster } from './cluster';
import { countFindings } from './history';
import { inParallel } from './load';
import { score } from './scorecard';
import { lookInto, numbersIn } from './store';
import type { TurnPoint } from './turnPoints';

/** Conversations of a process that is paused: in each, one turn has begun. */
const TURNS = 10;
const LEASE_MS = 6_000;
const PAUSE_MS = LEASE_MS + 20_000;

const closing = closeAfterwards();
let postgres: PostgresServer;
beforeAll(async () => void (postgres = closing(await startPostgres())));

interface Pause {
  readonly findings: ReturnType<typeof countFindings>;
  /** Rows of the message log: a question and an answer for each turn, twice. */
  readonly logged: number;
  /** Answers that the paused process began and that nobody may see. */
  readonly superseded: number;
}

/** Turns begin on one replica, which is paused longer than its leases last; another answers; then the first goes on. */
async function pauseOwner(name: string, point?: TurnPoint): Promise<Pause> {
  const cluster = closing(await startCluster({ name, replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true }));
  const { channel, model, balancer } = cluster;
  const owner = cluster.replicas[0] ?? raise('There is no replica.');
  const held: Pace[] = [];
  model.answerWith((call) => {
    const pace = createPace();
    held.push(pace);
    return attentively(call, pace);
  });
  balancer.only(0);
  await inParallel(TURNS, TURNS, (index) => channel.say(`paused-${index}`, askAbout));
  await until(() => held.length === TURNS);
  if (point) await owner.signalAt(point, 'SIGSTOP');
  else owner.signal('SIGSTOP');
  for (const pace of held) pace.release(); // their ends wait in the sockets of the paused process, or make it come to the point
  const pausedAtMs = performance.now();
  model.answerWith((call) => attentively(call));
  balancer.only(1);
  await channel.allAnswered(PAUSE_MS);
  await sleep(pausedAtMs + PAUSE_MS - performance.now());
  owner.signal('SIGCONT');
  await sleep(3_000); // whatever it still wants to write comes now
  balancer.only();
  await inParallel(TURNS, TURNS, (index) => channel.say(`paused-${index}`, askAbout)); // does it know of the first?
  await channel.allAnswered(30_000);
  await cluster.settled();

  const findings = countFindings(channel.check(await numbersIn(cluster.databaseUrl)));
  const [log] = await lookInto<{ count: number }>(cluster.databaseUrl, 'SELECT COUNT(*) AS count FROM messages');
  return { findings, logged: log?.count ?? 0, superseded: model.calls.length - channel.deliveries.length };
}

test('row 7: a process that sleeps past its lease writes and shows nothing more of what another has answered', async () => {
  const pauses = await Promise.all([pauseOwner('row07-model'), pauseOwner('row07-commit', 'before commit')]);
  for (const { findings, logged } of pauses) {
    expect(findings).toEqual({ lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0 });
    expect(logged).toBe(2 * 2 * TURNS);
  }
  const superseded = pauses.reduce((sum, pause) => sum + pause.superseded, 0);
  expect(superseded).toBeGreaterThan(TURNS); // the pause was long enough for others to take over
  score(7, {
    load: `${2 * TURNS} turns of processes paused for ${PAUSE_MS / 1_000} s, in the model's answer and before the commit`,
    figure: `0 stale writes, 0 doubled; ${superseded} turns taken over by another process`,
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

function raise(message: string): never {
  throw new Error(message);
}
