import { percentile } from '../bench/statistics';
import { askAbout } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { expectMeasured, score } from './scorecard';
import { lookInto } from './store';

const TURNS = 2_000;
const SAMPLE = 100;
const MAX_STATE_BYTES = 256 * 1_024;
const MAX_DEPTH = 32;

const closing = closeAfterwards();
let cluster: Cluster;
// One person who never stops: the limits against floods are for others.
beforeAll(async () => void (cluster = closing(await startCluster({ name: 'row10', withModel: true, env: { MESSAGES_PER_MINUTE: '0', CONVERSATION_MESSAGES_PER_MINUTE: '0' } }))));

test('row 10: the 2,000th turn of a conversation takes as long as the first ones, and its state stays small', async () => {
  const { channel } = cluster;
  const turnMs: number[] = [];
  const turn = async (conversation: string): Promise<number> => {
    const { id, saidAtMs } = await channel.say(conversation, askAbout, { channelId: 'webchat' }); // Teams' limits would stretch this over an hour
    await channel.teams.waitFor(() => isAnswerTo(id, channel.teams.requests.at(-1)?.text), 10_000);
    return performance.now() - saidAtMs;
  };
  for (let index = 0; index < SAMPLE; index += 1) await turn('warm');
  for (let index = 0; index < TURNS; index += 1) turnMs.push(await turn('long'));
  await cluster.settled();

  const states = await lookInto<{ document: string }>(cluster.databaseUrl, "SELECT document FROM conversations WHERE conversation_key LIKE '%long'");
  const [first, last] = [percentile(turnMs.slice(0, SAMPLE), 0.95), percentile(turnMs.slice(-SAMPLE), 0.95)];
  const bytes = Math.max(...states.map(({ document }) => Buffer.byteLength(document)));
  const depth = Math.max(...states.map(({ document }) => depthOf(JSON.parse(document))));
  expect(channel.check()).toEqual([]);
  expect(states).toHaveLength(1);
  expect(bytes).toBeLessThanOrEqual(MAX_STATE_BYTES);
  expect(depth).toBeLessThanOrEqual(MAX_DEPTH);
  expectMeasured(last).toBeLessThanOrEqual(1.5 * first);
  score(10, {
    load: `${TURNS} turns of one conversation`,
    figure: `p95 ${first.toFixed(1)} ms at first, ${last.toFixed(1)} ms at last (${(last / first).toFixed(2)} x), state ${bytes} bytes, ${depth} deep`,
  });
});

/** Of the newest request alone: this must not grow with the conversation either. */
const isAnswerTo = (id: string, text = ''): boolean => text.includes('"type":"message"') && text.includes(`"replyToId":"${id}"`);

const depthOf = (value: unknown): number => (typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0);
