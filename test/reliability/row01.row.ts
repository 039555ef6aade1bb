import { startPostgres } from '../helpers/postgres';
import { askAbout } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { inParallel } from './load';
import { score } from './scorecard';

const ACTIVITIES = 500;
const COPIES = 3;

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => {
  const postgres = closing(await startPostgres());
  cluster = closing(await startCluster({ name: 'row01', replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true }));
});

test('row 1: three copies of an activity at once, on two replicas, make one turn and one answer', async () => {
  const { channel } = cluster;
  const deliveries = await inParallel(ACTIVITIES, 30, (index) => channel.say(`copies-${index}`, askAbout, { copies: COPIES }));
  await channel.allAnswered(60_000);
  await cluster.settled();

  expect(deliveries.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome !== 200)).toEqual([]);
  expect(channel.check()).toEqual([]);
  const answers = deliveries.flatMap(({ conversation }) => channel.answers(conversation));
  expect(answers).toHaveLength(ACTIVITIES);
  expect(cluster.model.calls).toHaveLength(ACTIVITIES);
  score(1, { load: `${ACTIVITIES} activities x ${COPIES} at once, 2 replicas, PostgreSQL`, figure: `${answers.length} answers, ${cluster.model.calls.length - ACTIVITIES} extra model calls` });
});
