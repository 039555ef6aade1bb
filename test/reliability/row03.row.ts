import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../helpers/postgres';
import { askAbout } from './attentiveModel';
import type { SayOptions, Wire } from './channel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { inParallel } from './load';
import { score } from './scorecard';
import { startTcpProxy, type TcpProxy } from './tcpProxy';

const PAIRS = 100;
const UNACKNOWLEDGED = 25;

const closing = closeAfterwards();
let proxy: TcpProxy;
let cluster: Cluster;
beforeAll(async () => {
  const postgres = closing(await startPostgres());
  proxy = closing(await startTcpProxy(postgres.port));
  const databaseUrl = (await postgres.databaseUrl()).replace(`:${postgres.port}/`, `:${proxy.port}/`);
  cluster = closing(await startCluster({ name: 'row03', replicas: 2, databaseUrl, withModel: true }));
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
};

/** The channel hangs up before it is answered, and posts the same again as something new. The store is slow meanwhile: what was posted is accepted after that. */
async function postAgainUnacknowledged(pairs: readonly (readonly [Wire, Wire])[]): Promise<void> {
  proxy.suffer({ delayMs: 3_000 });
  await Promise.all(pairs.map(async ([first]) => cluster.channel.postAndHangUp(first, 1_000)));
  proxy.suffer({});
  await sleep(11_000); // no channel posts again sooner: who says the same within 10 s is a person
  await Promise.all(pairs.map(async ([, second]) => take(second)));
}

async function take(activity: Wire): Promise<void> {
  expect(await cluster.channel.post(activity)).toBe(200);
}

test('row 3: what is delivered again under a new id is answered once; what a person says twice is answered twice', async () => {
  const { channel } = cluster;
  const ways = Object.entries(redeliveries);
  const pair = async (conversation: string, options: SayOptions = {}): Promise<readonly [Wire, Wire]> => {
    const first = channel.message(conversation, 'Tell me about item 7', options);
    await sleep(5); // a later millisecond
    return [first, channel.message(conversation, 'Tell me about item 7', options)];
  };
  const collapsed = [...(await inParallel(PAIRS - UNACKNOWLEDGED, 20, async (index) => {
    const [name, deliver] = ways[index % ways.length] ?? raise('There are no ways.');
    await deliver(...(await pair(`redelivered-${index}`, { channelId: name.includes('web client') ? 'webchat' : 'msteams' })));
    return { name, conversation: `redelivered-${index}` };
  }))];
  const unacknowledged = Array.from({ length: UNACKNOWLEDGED }, (_, index) => `redelivered-unacknowledged-${index}`);
  const posted = await Promise.all(unacknowledged.map(async (conversation) => pair(conversation)));
  await postAgainUnacknowledged(posted);
  collapsed.push(...unacknowledged.map((conversation) => ({ name: 'not acknowledged', conversation })));
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
  // It is the first post that was answered: it did reach the bot.
  expect(unacknowledged.flatMap((conversation) => channel.answers(conversation).map(({ answers }) => answers))).toEqual(posted.map(([{ id }]) => id));
  expect(repeated.map((conversation) => channel.answers(conversation).length).filter((answers) => answers !== 2)).toEqual([]);
  // Re-deliveries were made behind the checker's back; and all ask about one item, so that answers cannot tell what they knew.
  expect(channel.check().filter(({ kind, conversation }) => kind !== 'stale' && !conversation.startsWith('redelivered'))).toEqual([]);
  expect(cluster.model.calls).toHaveLength(PAIRS + 2 * PAIRS + 1);
  score(3, {
    load: `${PAIRS} re-deliveries under a new id, in ${ways.length + 1} ways; ${PAIRS} repetitions by the person; 2 replicas`,
    figure: `${answered.filter(({ answers }) => answers === 1).length}/${PAIRS} collapsed, ${repeated.length}/${PAIRS} kept`,
  });
});

function raise(message: string): never {
  throw new Error(message);
}
