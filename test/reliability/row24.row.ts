import { randomInt } from 'node:crypto';
import { Agent, request } from 'undici';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { fuzzCases, type FuzzCase } from './fuzzActivities';
import { jsonCases } from './jsonCases';
import { inParallel } from './load';
import { expectMeasured, score } from './scorecard';

const CASES = 10_000;
const RANDOM_CASES = 2_000;
const WEB_CASES = 1_500;
/** The first one most often: a conversation is where a visitor is. */
const PATHS = [...Array<string>(6).fill('/v3/directline/conversations/ID/activities'), '/v3/directline/conversations/ID/upload', '/v3/directline/conversations', '/v3/directline/tokens/refresh', '/api/webchat/token'];
const FIXED_SEED = 20_261_122;
const WIDTH = 16;
const MAX_LOOP_DELAY_MS = 200;

const closing = closeAfterwards();
const agent = new Agent({ connections: WIDTH });
const conversations = Array.from({ length: 60 }, (_, index) => `fuzz-${index}`);
let cluster: Cluster;
let tokens: Readonly<Record<FuzzCase['caller'], string | undefined>>;

beforeAll(async () => {
  cluster = closing(await startCluster({ name: 'row24' }));
  const { identity, teams } = cluster.channel;
  for (const id of conversations) teams.open({ id });
  const token = await identity.signToken({ serviceUrl: teams.serviceUrl });
  tokens = { channel: token, stranger: undefined, liar: await identity.signToken({ serviceUrl: teams.serviceUrl, key: 'foreign' }) };
});
afterAll(() => agent.destroy());

test('row 24: whatever an activity holds, it is answered, and the host goes on', async () => {
  const seed = randomInt(2 ** 31);
  console.log(`The random seed is ${seed}.`);
  const place = { serviceUrl: cluster.channel.teams.serviceUrl, conversations };
  await usage(); // what the start took is not counted
  const statuses = await postAll([...fuzzCases(place, CASES, FIXED_SEED), ...fuzzCases(place, RANDOM_CASES, seed)]);
  await cluster.settled();

  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  const { loopDelayMs } = await expectHealth();
  const taken = statuses.filter((status) => status === 200).length;
  expect(taken).toBeGreaterThan(CASES / 5); // it is no use to refuse everything
  score(24, { load: `${CASES} fuzzed activities and ${RANDOM_CASES} with seed ${seed}`, figure: `0 statuses >= 500, 0 exits, ${taken} taken, event loop held ${loopDelayMs.toFixed(0)} ms at most` });
});

test('row 24: whatever a visitor of the page posts, it is answered', async () => {
  const url = cluster.replicas[0]?.url ?? '';
  const { token, conversationId } = (await (await fetch(`${url}/api/webchat/token`, { method: 'POST' })).json()) as { readonly token: string; readonly conversationId: string };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await request(`${url}/v3/directline/conversations`, { method: 'POST', headers, dispatcher: agent });
  await usage();
  const cases = fuzzCases({ serviceUrl: url, conversations: [conversationId] }, WEB_CASES, FIXED_SEED + 1);
  const statuses = await inParallel(cases.length, WIDTH, async (index) => {
    const body = toText(cases[index]?.activity);
    const path = PATHS[index % PATHS.length]?.replace('ID', conversationId) ?? '';
    const { statusCode, body: answer } = await request(`${url}${path}`, { method: 'POST', headers, body, dispatcher: agent });
    await answer.dump();
    return statusCode;
  });
  await cluster.settled();

  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  const { loopDelayMs } = await expectHealth();
  score(24, { load: `${WEB_CASES} fuzzed activities to Direct Line and the token service`, figure: `0 statuses >= 500, 0 exits, ${statuses.filter((status) => status === 200).length} taken, event loop held ${loopDelayMs.toFixed(0)} ms at most` });
});

test('row 24: the corner cases of JSON, as bodies and inside of activities', async () => {
  await usage();
  const bodies = [
    ...jsonCases.valid.map((body) => ({ body: Buffer.from(body), right: [400] })), // JSON, but no activity
    ...jsonCases.invalid.map((body) => ({ body: Buffer.from(body), right: [400] })),
    ...jsonCases.open.map((body) => ({ body: Buffer.from(body), right: [400] })),
    ...jsonCases.valid.map((value) => ({ body: around(value), right: [200] })),
    ...jsonCases.invalid.filter(({ length }) => length > 0 && length < 1_000).map((value) => ({ body: around(value), right: [400, 200] })),
    ...jsonCases.open.map((value) => ({ body: around(value), right: [200, 400] })),
  ];
  const statuses = await inParallel(bodies.length, WIDTH, (index) => postBody(bodies[index]?.body ?? Buffer.alloc(0), tokens.channel));
  await cluster.settled();

  expect(bodies.flatMap(({ body, right }, index) => (right.includes(statuses[index] ?? 0) ? [] : [{ body: body.subarray(0, 200).toString('latin1'), status: statuses[index] }]))).toEqual([]);
  const { loopDelayMs } = await expectHealth();
  score(24, {
    load: `${jsonCases.valid.length} valid, ${jsonCases.invalid.length} invalid and ${jsonCases.open.length} open texts, as bodies and as values`,
    figure: `${bodies.length}/${bodies.length} right, 0 statuses >= 500, event loop held ${loopDelayMs.toFixed(0)} ms at most`,
  });
});

/** A rejection that nobody handled ends a Node process: a host that still runs had none. */
async function expectHealth(): Promise<{ readonly loopDelayMs: number }> {
  const [replica] = cluster.replicas;
  expect(replica?.isRunning).toBe(true);
  const { loopDelayMs } = await usage();
  expectMeasured(loopDelayMs).toBeLessThan(MAX_LOOP_DELAY_MS);
  const after = await cluster.channel.say('after', 'hello');
  expect(after.outcomes).toEqual([200]);
  await cluster.channel.allAnswered(10_000);
  return { loopDelayMs };
}

async function usage(): Promise<{ readonly loopDelayMs: number }> {
  const [replica] = cluster.replicas;
  if (!replica) throw new Error('There is no replica.');
  return replica.usage();
}

const postAll = (cases: readonly FuzzCase[]): Promise<readonly number[]> => inParallel(cases.length, WIDTH, async (index) => {
  const { activity, caller } = cases[index] ?? { activity: undefined, caller: 'stranger' };
  return postBody(Buffer.from(toText(activity)), tokens[caller]);
});

/** JSON; '' for what has none. */
const toText = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

async function postBody(body: Buffer, token: string | undefined): Promise<number> {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const answer = await request(`${cluster.replicas[0]?.url ?? ''}/api/messages`, { method: 'POST', headers, body, dispatcher: agent });
  await answer.body.dump();
  return answer.statusCode;
}

/** An activity that a channel would send, with this text as its value. */
function around(value: string | Buffer): Buffer {
  const activity = JSON.stringify({ type: 'event', channelId: 'msteams', serviceUrl: cluster.channel.teams.serviceUrl, conversation: { id: 'fuzz-0' }, recipient: { id: '28:bot' }, from: { id: '29:ada' } });
  return Buffer.concat([Buffer.from(`${activity.slice(0, -1)},"value":`), Buffer.from(value), Buffer.from('}')]);
}
