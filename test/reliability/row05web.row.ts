import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type PostgresServer } from '../helpers/postgres';
import { askAbout, attentively } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { checkHistory, countFindings } from './history';
import { atPace, inParallel } from './load';
import { seededRandom } from './random';
import { expectMeasured, score } from './scorecard';
import { numbersIn } from './store';
import { turnPoints, type TurnPoint } from './turnPoints';
import { answersIn, oddBubbles, openVisitor, type WebVisitor } from './webVisitor';
import type { WebView } from './webView';

const VISITORS = 60;
const TURNS = 240;
const PER_SECOND = 8;
const KILLS = 15;
const ROUNDS = 4;
const RECOVERY_MS = 10_000;
/** A model that needs a moment for each word: the page shows the beginning of an answer while the rest is still being written. */
const PIECE_EVERY_MS = 60;

const closing = closeAfterwards();
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = closing(await startPostgres());
});

async function start(name: string): Promise<Cluster> {
  const cluster = closing(await startCluster({ name, replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true }));
  const pace = { release: () => undefined, turn: () => sleep(PIECE_EVERY_MS) };
  cluster.model.answerWith((call) => attentively(call, pace));
  return cluster;
}

/** What is wrong with what the visitors see, and with what they would see if they opened the page again. */
async function judge(cluster: Cluster, visitors: readonly WebVisitor[]): Promise<Readonly<Record<string, number>>> {
  const numbers = await numbersIn(cluster.databaseUrl);
  const said = visitors.flatMap(({ posts }) => posts.map((post) => ({ ...post, ...(numbers.has(post.id) && { number: numbers.get(post.id) ?? 0 }) })));
  const count = (views: readonly WebView[]): Readonly<Record<string, number>> => {
    const shown = visitors.flatMap(({ conversation, posts }, index) => answersIn(at(views, index), conversation, posts));
    const sum = (of: (view: WebView, visitor: WebVisitor) => number): number => visitors.reduce((total, visitor, index) => total + of(at(views, index), visitor), 0);
    return {
      ...countFindings(checkHistory({ said, shown })),
      odd: sum((view, { posts }) => oddBubbles(view, posts).length),
      unfinished: sum((view) => view.unfinished.length),
    };
  };
  const open = count(visitors.map(({ view }) => view));
  const anew = count(await Promise.all(visitors.map((visitor) => visitor.reload())));
  return Object.fromEntries(Object.entries(open).map(([what, times]) => [what, Math.max(times, anew[what] ?? 0)]));
}

const nothingWrong = { lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0, odd: 0, unfinished: 0 };

async function allAnswered(visitors: readonly WebVisitor[], limitMs: number): Promise<void> {
  const endsAt = performance.now() + limitMs;
  while (!visitors.every(({ isAnswered }) => isAnswered)) {
    if (performance.now() > endsAt) throw new Error(await toComplaint(visitors.filter(({ isAnswered }) => !isAnswered)));
    await sleep(50);
  }
}

/** Tells answers that do not exist from those that are not shown. */
async function toComplaint(waiting: readonly WebVisitor[]): Promise<string> {
  const lines = await Promise.all(waiting.map(async (visitor) => {
    const stored = answersIn(await visitor.reload(), visitor.conversation, visitor.posts).length;
    return `${visitor.conversation} (${visitor.reading ?? 'reads nothing'}): ${visitor.posts.length} posts, ${stored} answers stored, ${answersIn(visitor.view, visitor.conversation, visitor.posts).length} seen`;
  }));
  return `Visitors without an answer:\n${lines.join('\n')}`;
}

/** From the acknowledgement, or from `notBeforeMs`, until the answer was seen. */
function waitsMs({ posts, view }: WebVisitor, notBeforeMs = 0): readonly number[] {
  const shownAtMs = new Map(view.messages.toReversed().map(({ id, replyToId }) => [replyToId, view.firstShownAtMs(id)]));
  return posts.map(({ id, acknowledgedAtMs = Infinity }) => (shownAtMs.get(id) ?? Infinity) - Math.max(acknowledgedAtMs, notBeforeMs));
}

test('row 5: people at the page see each answer once and whole, whenever processes are killed', async () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const cluster = await start('row05-web');
  const visitors = await inParallel(VISITORS, 5, async (index) => {
    const visitor = closing(await openVisitor(cluster.balancer.url));
    visitor.follow(index % 4 === 0 ? 'polling' : 'stream');
    return visitor;
  });
  const killedAtMs: number[] = [];
  const killing = (async () => {
    while (killedAtMs.length < KILLS) {
      await sleep(random() * 1_500);
      const index = random() < 0.5 ? 0 : 1;
      killedAtMs.push(performance.now());
      await cluster.stop(index, 'SIGKILL');
      await cluster.start(index);
    }
  })();
  await atPace(TURNS, PER_SECOND, (index) => at(visitors, index % VISITORS).say(askAbout));
  await killing;
  await allAnswered(visitors, 30_000);
  await cluster.settled();
  await sleep(2_000); // whatever comes twice comes now

  const findings = await judge(cluster, visitors);
  // An answer may be hit by several kills, one after the other: the time to recover counts from the last.
  const recoveryMs = Math.max(...visitors.flatMap((visitor) => waitsMs(visitor, killedAtMs.at(-1))));
  const longestMs = Math.max(...visitors.flatMap((visitor) => waitsMs(visitor)));
  expect({ seed, ...findings }).toEqual({ seed, ...nothingWrong });
  expectMeasured(recoveryMs).toBeLessThanOrEqual(RECOVERY_MS);
  score(5, {
    load: `web chat: ${killedAtMs.length} random kills over ${visitors.flatMap(({ posts }) => posts).length} turns of ${VISITORS} visitors, 2 replicas, PostgreSQL`,
    figure: `${findings['lost'] ?? NaN} lost, ${findings['doubled'] ?? NaN} doubled, ${findings['unfinished'] ?? NaN} half answers left, all seen ${(recoveryMs / 1_000).toFixed(1)} s after the last kill; the longest wait, through several, ${(longestMs / 1_000).toFixed(1)} s`,
  });
});

interface Round {
  readonly point: TurnPoint;
  readonly recoveryMs: number;
}

/** Kills a process at the point of a turn, and starts another; once for each round, each with a visitor of its own. */
async function killAt(point: TurnPoint): Promise<{ readonly rounds: readonly Round[]; readonly findings: Readonly<Record<string, number>> }> {
  const cluster = await start(`row05-web-${point.replace(' ', '-')}`);
  const { balancer } = cluster;
  const visitors: WebVisitor[] = [];
  const rounds: Round[] = [];
  for (let index = 0; index < ROUNDS; index += 1) {
    balancer.only(0);
    const visitor = closing(await openVisitor(balancer.url));
    visitors.push(visitor);
    await cluster.settled(); // the kill is for the next turn, not for the greeting
    balancer.only(index % 2); // the stream is with the process that dies, or with the other
    visitor.follow(index % 3 === 2 ? 'polling' : 'stream');
    await sleep(300);
    balancer.only(0);
    const { ended } = await cluster.crashAt(0, point);
    const isSlow = point.endsWith('accept') || index % 2 === 0; // a quick turn is accepted with its commit
    const saying = visitor.say(isSlow ? askAbout : () => 'help');
    await ended;
    balancer.only();
    const killedAtMs = performance.now();
    await cluster.start(0);
    await saying;
    await allAnswered([visitor], 2 * RECOVERY_MS);
    await cluster.settled();
    rounds.push({ point, recoveryMs: Math.max(...waitsMs(visitor, killedAtMs)) });
  }
  await sleep(1_000); // whatever comes twice comes now
  return { rounds, findings: await judge(cluster, visitors) };
}

test('row 5: people at the page see each answer once and whole when a process is killed before or after any durable step of a turn', async () => {
  const results = await Promise.all(turnPoints.map(async (point) => ({ point, ...(await killAt(point)) })));
  const rounds = results.flatMap((result) => result.rounds);
  const slowest = rounds.toSorted((one, other) => other.recoveryMs - one.recoveryMs)[0];
  expect(rounds).toHaveLength(turnPoints.length * ROUNDS);
  expect(results.map(({ point, findings }) => ({ point, ...findings }))).toEqual(turnPoints.map((point) => ({ point, ...nothingWrong })));
  expectMeasured(slowest?.recoveryMs ?? Infinity).toBeLessThanOrEqual(RECOVERY_MS);
  score(5, {
    load: `web chat: ${turnPoints.length} points x ${ROUNDS} kills, 2 replicas, PostgreSQL`,
    figure: `0 lost, 0 doubled, 0 half answers left of ${rounds.length}; recovery ${((slowest?.recoveryMs ?? NaN) / 1_000).toFixed(1)} s at most (${slowest?.point ?? ''})`,
  });
});

function at<T>(all: readonly T[], index: number): T {
  const found = all[index];
  if (found === undefined) throw new Error(`There is no ${index}.`);
  return found;
}
