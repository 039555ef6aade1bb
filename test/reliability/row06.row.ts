import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../helpers/postgres';
import { createPace } from '../helpers/fakeModelScript';
import { askAbout, attentively } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { countFindings } from './history';
import { atPace } from './load';
import { expectMeasured, score } from './scorecard';
import { numbersIn } from './store';

const TURNS = 1_000;
const PER_SECOND = 25;
const CONVERSATIONS = 100;
const RESTARTS = 4;
const MODEL_MS = 2_000;
const DRAIN_MS = 20_000;

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => {
  const postgres = closing(await startPostgres());
  cluster = closing(await startCluster({ name: 'row06', replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true }));
});

test('row 6: nobody notices that the replicas are restarted one after the other while they work', async () => {
  const { channel, model } = cluster;
  model.answerWith((call) => {
    const pace = createPace();
    setTimeout(() => pace.release(), MODEL_MS);
    return attentively(call, pace);
  });
  const talking = atPace(TURNS, PER_SECOND, (index) => channel.say(`talk-${index % CONVERSATIONS}`, askAbout));
  const drainsMs: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    await sleep(3_000);
    drainsMs.push(await cluster.stop(restart % 2, 'SIGTERM'));
    await cluster.start(restart % 2);
  }
  const deliveries = await talking;
  await channel.allAnswered(30_000);
  await cluster.settled();

  const findings = countFindings(channel.check(await numbersIn(cluster.databaseUrl)));
  const faults = deliveries.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome !== 200);
  expect({ faults, failures: cluster.balancer.failures }).toEqual({ faults: [], failures: [] });
  expect(findings).toEqual({ lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0 });
  expectMeasured(Math.max(...drainsMs)).toBeLessThanOrEqual(DRAIN_MS);
  score(6, {
    load: `${deliveries.length} turns of ${MODEL_MS / 1_000} s, ${PER_SECOND}/s, ${drainsMs.length} restarts, 2 replicas, PostgreSQL`,
    figure: `${findings.lost} lost, ${findings.doubled} doubled, ${faults.length} faults seen by the channel, drain ${(Math.max(...drainsMs) / 1_000).toFixed(1)} s at most`,
  });
});
