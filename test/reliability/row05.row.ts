import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../helpers/postgres';
import { askAbout } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster } from './cluster';
import { countFindings } from './history';
import { atPace } from './load';
import { seededRandom } from './random';
import { expectMeasured, score } from './scorecard';
import { numbersIn } from './store';

const TURNS = 600;
const PER_SECOND = 8;
const CONVERSATIONS = 60;
const KILLS = 30;
const RECOVERY_MS = 10_000;

const closing = closeAfterwards();

test('row 5: processes that are killed at random moments lose nothing, and what they were at is answered within 10 s', async () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const postgres = closing(await startPostgres());
  const cluster = closing(await startCluster({ name: 'row05a', replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true }));
  const { channel } = cluster;

  const killedAtMs: number[] = [];
  const killing = (async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(random() * 2_000);
      const index = random() < 0.5 ? 0 : 1;
      killedAtMs.push(performance.now());
      await cluster.stop(index, 'SIGKILL');
      await cluster.start(index);
    }
  })();
  const talking = atPace(TURNS, PER_SECOND, (index) => channel.say(`talk-${index % CONVERSATIONS}`, askAbout));
  const deliveries = await talking;
  await killing;
  await channel.allAnswered(30_000);
  await cluster.settled();
  await sleep(2_000); // whatever comes twice comes now

  const findings = countFindings(channel.check(await numbersIn(cluster.databaseUrl)));
  const answers = channel.answeredAtMs();
  const waitsMs = deliveries.map(({ id, acknowledgedAtMs = Infinity }) => (answers.get(id) ?? Infinity) - acknowledgedAtMs);
  expect({ seed, ...findings, doubled: 0 }).toEqual({ seed, lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0 });
  expect(findings.doubled).toBeLessThanOrEqual(KILLS);
  expect(deliveries.filter(({ acknowledgedAtMs }) => acknowledgedAtMs === undefined)).toEqual([]);
  expectMeasured(Math.max(...waitsMs)).toBeLessThanOrEqual(RECOVERY_MS);
  score(5, {
    load: `${killedAtMs.length} random kills over ${deliveries.length} turns, 2 replicas, PostgreSQL`,
    figure: `${findings.lost} lost, ${findings.doubled} doubled, ${findings['re-ordered']} out of order, answered at most ${(Math.max(...waitsMs) / 1_000).toFixed(1)} s after its acknowledgement`,
  });
});
