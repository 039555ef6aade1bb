import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../helpers/postgres';
import { askAbout } from './attentiveModel';
import type { SayOptions, Wire } from './channel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { inParallel } from './load';
import { score } from './scorecard';

const PAIRS = 100;

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => {
  const postgres = closing(await startPostgres());
  cluster = closing(await startCluster({ name: 'row03', replicas: 2, databaseUrl: await postgres.databaseUrl(), withModel: true }));
});

/** How one message comes to be posted twice under two ids. Each posts both copies. */
const redeliveries: Readonly<Record<string, (first: Wire, second: Wire) => Promise<void>>> = {
  'the web client has no answer and posts again': async (first, second) => {
    const clientActivityID = `client-${first.id}`;
    await take({ ...first, channelData: { clientActivityID } });
    await take({ ...second, channelData: { clientActivityID } });
  },
  'a second layer of the channel posts again, later': async (first, second) => {
    await take(first);
    await take({ ...second, timestamp: first['timestamp'], localTimestamp: first['localTimestamp'] });
  },
  'a second layer of the channel posts again, at the same time': async (first, second) => {
    await Promise.all([take(first), take({ ...second, timestamp: first['timestamp'], localTimestamp: first['localTimestamp'] })]);
  },
  'the acknowledgement did not reach the channel, which posts again as something new': async (first, second) => {
    await cluster.channel.postAndHangUp(first, 15);
    await sleep(1_000);
    await take(second);
  },
};

async function take(activity: Wire): Promise<void> {
  expect(await cluster.channel.post(activity)).toBe(200);
}

test('row 3: what is delivered again under a new id is answered once; what a person says twice is answered twice', async () => {
  const { channel } = cluster;
  const ways = Object.entries(redeliveries);
  const collapsed = await inParallel(PAIRS, 20, async (index) => {
    const [name, deliver] = ways[index % ways.length] ?? ways[0]!;
    const conversation = `redelivered-${index}`;
    const options: SayOptions = { channelId: name.includes('web client') ? 'webchat' : 'msteams' };
    const first = channel.message(conversation, 'Tell me about item 7', options);
    await sleep(5); // a later millisecond
    await deliver(first, channel.message(conversation, 'Tell me about item 7', options));
    return { name, conversation };
  });
  const repeated = await inParallel(PAIRS, 20, async (index) => {
    const conversation = `repeated-${index}`;
    const options = (client: number): SayOptions => (index % 2 === 0 ? {} : { channelId: 'webchat', more: { channelData: { clientActivityID: `said-${index}-${client}` } } });
    await channel.say(conversation, 'Tell me about item 7', options(1));
    await sleep(index % 3 === 0 ? 1_000 : 5); // some are quick
    await channel.say(conversation, 'Tell me about item 7', options(2));
    return conversation;
  });
  await channel.allAnswered(30_000);
  await channel.say('last', askAbout);
  await channel.allAnswered(30_000);
  await cluster.settled();

  const answered = collapsed.map(({ name, conversation }) => ({ name, answers: channel.answers(conversation).length }));
  expect(answered.filter(({ answers }) => answers !== 1)).toEqual([]);
  expect(repeated.map((conversation) => channel.answers(conversation).length).filter((answers) => answers !== 2)).toEqual([]);
  expect(channel.check().filter(({ conversation }) => !conversation.startsWith('redelivered'))).toEqual([]); // those were said behind the checker's back
  expect(cluster.model.calls).toHaveLength(PAIRS + 2 * PAIRS + 1);
  score(3, {
    load: `${PAIRS} re-deliveries under a new id, in ${ways.length} ways; ${PAIRS} repetitions by the person; 2 replicas`,
    figure: `${answered.filter(({ answers }) => answers === 1).length}/${PAIRS} collapsed, ${repeated.length}/${PAIRS} kept`,
  });
});
