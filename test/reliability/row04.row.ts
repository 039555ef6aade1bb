import { startPostgres } from '../helpers/postgres';
import { askAbout } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { countFindings } from './history';
import { inParallel } from './load';
import { score } from './scorecard';
import { lookInto, numbersIn } from './store';

const CONVERSATIONS = 200;
const MESSAGES = 10;
/** So many conversations at a time: as many messages as one computer can say at once. */
const CONVERSATIONS_AT_ONCE = 25;

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => {
  const postgres = closing(await startPostgres());
  cluster = closing(await startCluster({ name: 'row04', replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true }));
});

test('row 4: ten messages at once in each conversation, over two replicas, are answered in their order, each knowing of the one before', async () => {
  const { channel } = cluster;
  await inParallel(CONVERSATIONS, CONVERSATIONS_AT_ONCE, async (index) => {
    await inParallel(MESSAGES, MESSAGES, () => channel.say(`burst-${index}`, askAbout));
  });
  await channel.allAnswered(60_000);
  await cluster.settled();

  const numbers = await numbersIn(cluster.databaseUrl);
  const findings = countFindings(channel.check(numbers));
  const logged = await lookInto<{ count: number }>(cluster.databaseUrl, 'SELECT COUNT(*) AS count FROM messages GROUP BY conversation_key');
  const places = channel.deliveries.map(({ id }) => numbers.get(id));
  expect(findings).toEqual({ lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0 });
  expect(channel.deliveries.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome !== 200)).toEqual([]);
  expect(places.toSorted()).toEqual(Array.from({ length: CONVERSATIONS * MESSAGES }, (_, index) => (index % MESSAGES) + 1).toSorted());
  expect(logged.map(({ count }) => count)).toEqual(new Array(CONVERSATIONS).fill(2 * MESSAGES)); // each question and each answer
  score(4, {
    load: `${CONVERSATIONS} conversations x ${MESSAGES} at once, 2 replicas, PostgreSQL`,
    figure: `${channel.deliveries.length} answered, ${findings['re-ordered']} out of order, ${findings.lost} lost, ${findings.stale} lost updates`,
  });
});
