import { pino } from 'pino';
import type { BotLogic } from '../../bot/turns/run';
import type { Turn } from '../../dialogs/turn';
import { startFakeConnector, type Fault } from '../helpers/fakeConnector';
import type { RecordedRequest } from '../helpers/httpServer';
import { startTurnHost, teamsMessage, type TurnHost } from '../helpers/turnHost';
import { score } from './scorecard';

const CONVERSATIONS = 30;

/** How the answer comes: as a new message, in place of a placeholder (PUT), or as the end of a stream. */
type Way = 'send' | 'update' | 'stream';

/** Every message of a conversation has to be whole, in order, and there once. */
const sentence = (index: number): string => `Sentence number ${index} of the answer.`;
const shortAnswer = Array.from({ length: 3 }, (_, index) => sentence(index)).join('\n\n');
const longAnswer = Array.from({ length: 4_000 }, (_, index) => sentence(index)).join('\n\n'); // 300 KB as Teams counts
const answerTo = (text: string): string => (text.startsWith('long') ? longAnswer : shortAnswer);

let host: TurnHost;
let turns = 0;
const logged: Record<string, unknown>[] = [];

const bot: BotLogic = async (turn) => {
  turns += 1;
  if (turn.text.includes('send')) await turn.context.sendActivity(answerTo(turn.text));
  else await answerLive(turn);
};

async function answerLive(turn: Turn): Promise<void> {
  const id = turn.context.activity.conversation.id;
  const reply = turn.reply();
  if (turn.text.includes('update')) reply.progress('Working on it');
  else reply.show(sentence(0));
  await host.teams.waitFor(() => host.teams.activities(id).length > 0, 30_000);
  await reply.finish({ text: answerTo(turn.text) });
}

beforeAll(async () => {
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
  host = await startTurnHost(bot, { teams: await startFakeConnector(), log });
});
afterAll(async () => {
  await host.close();
  await host.teams.close();
});
beforeEach(() => {
  turns = 0;
  logged.length = 0;
});

interface Seen {
  readonly texts: readonly string[];
  /** POST and PUT of the answer or parts of it, refused ones too. */
  readonly attempts: number;
}

/** Lets 30 people ask at the same time; the first attempt of each answer meets the fault. */
async function ask(name: string, way: Way, fault: Fault | undefined, size: 'short' | 'long' = 'short'): Promise<readonly Seen[]> {
  const type = way === 'update' ? 'groupChat' : 'personal';
  const ids = Array.from({ length: CONVERSATIONS }, (_, index) => host.teams.open({ id: `${name}-${way}-${size}-${index}`, type }));
  for (const id of ids) if (fault) host.teams.failNext([fault], (request) => isAnswer(request, id));
  await Promise.all(ids.map((id) => host.turns.accept(teamsMessage(host.teams.serviceUrl, id, `${size} ${way}`, { conversation: { id, conversationType: type, isGroup: type !== 'personal', name: '' } }))));
  await host.turns.idle();
  return ids.map((id) => ({
    texts: host.teams.activities(id).map(({ text }) => String(text)),
    attempts: host.teams.requests.filter((request) => isAnswer(request, id)).length,
  }));
}

function isAnswer({ path, method, text }: RecordedRequest, id: string): boolean {
  if (method === 'GET' || !path.includes(`/${encodeURIComponent(id)}/`)) return false;
  const activity = JSON.parse(text) as { readonly type: string; readonly text?: string };
  return activity.type === 'message' && /^Sentence number/.test(activity.text ?? '');
}

const doubles = (seen: readonly Seen[]): number => seen.reduce((sum, { texts }) => sum + texts.length - new Set(texts).size, 0);
const isWhole = ({ texts }: Seen, answer: string): boolean => [...new Set(texts)].join('\n\n') === answer;
const givenUp = (code: string): number => logged.filter((line) => line['msg'] === 'reply was not delivered' && line['code'] === code).length;
const load = (what: string): string => `${what} x ${CONVERSATIONS}`;

test.each<[string, Fault]>([
  ['429 with Retry-After', { status: 429, retryAfter: '1' }],
  ['429 without', { status: 429 }],
  ['412', { status: 412 }],
])('row 18: %s: each answer is there, late, whole and once', async (name, fault) => {
  const seen = await ask(name.replaceAll(' ', ''), 'send', fault);
  expect(seen.filter((one) => isWhole(one, shortAnswer))).toHaveLength(CONVERSATIONS);
  expect(doubles(seen)).toBe(0);
  expect(seen.filter(({ attempts }) => attempts !== 2)).toEqual([]);
  expect(turns).toBe(CONVERSATIONS);
  score(18, { load: load(name), figure: `${seen.length} there, ${doubles(seen)} doubles` });
});

test.each<[string, Fault]>([
  ['502', { status: 502 }],
  ['503', { status: 503, retryAfter: '1' }],
  ['504', { status: 504 }],
  ['504 after delivery', { status: 504, isDelivered: true }],
  ['accept-then-drop', 'drop-after'],
])('row 18: %s: no answer is lost; none is seen twice where it replaces a message, and none more than twice elsewhere', async (name, fault) => {
  const key = name.replaceAll(' ', '');
  const sent = await ask(key, 'send', fault);
  const updated = await ask(key, 'update', fault);
  const streamed = await ask(key, 'stream', fault);
  for (const seen of [sent, updated, streamed]) expect(seen.filter((one) => isWhole(one, shortAnswer))).toHaveLength(CONVERSATIONS);
  expect([doubles(updated), doubles(streamed)]).toEqual([0, 0]);
  expect(sent.filter(({ texts }) => texts.length > 2)).toEqual([]);
  expect([...sent, ...updated, ...streamed].filter(({ attempts }) => attempts > 2)).toEqual([]);
  expect(turns).toBe(3 * CONVERSATIONS);
  score(18, { load: load(`${name} x 3 ways`), figure: `90 there, doubles: ${doubles(sent)} new, ${doubles(updated)} replaced, ${doubles(streamed)} streamed` });
});

test('row 18: 413: what is too large is split before it is sent, and once more where the channel takes less than it says', async () => {
  const large = [...(await ask('413', 'send', undefined, 'long')), ...(await ask('413', 'update', undefined, 'long'))];
  expect(large.filter((one) => isWhole(one, longAnswer))).toHaveLength(2 * CONVERSATIONS);
  const refusedBefore = host.teams.requests.length;
  const refused = await ask('413', 'stream', { status: 413, code: 'MessageSizeTooBig' }, 'long');
  expect(refused.filter((one) => isWhole(one, longAnswer))).toHaveLength(CONVERSATIONS);
  expect(doubles([...large, ...refused])).toBe(0);
  expect(host.teams.requests.length).toBeGreaterThan(refusedBefore + CONVERSATIONS);
  expect(turns).toBe(3 * CONVERSATIONS);
  const parts = large[0]?.texts.length ?? 0;
  score(18, { load: load('413 (300 KB) x 3 ways'), figure: `90 whole, in ${parts} to ${refused[0]?.texts.length} parts, ${doubles([...large, ...refused])} doubles` });
});

test.each<[string, Fault, string]>([
  ['403 blocked', { status: 403, code: 'BotDisabledByAdmin' }, 'blocked'],
  ['404', { status: 404, code: 'ConversationNotFound' }, 'gone'],
])('row 18: %s: is not tried again, and told in the log', async (name, fault, code) => {
  const seen = await ask(name.replaceAll(' ', ''), 'send', fault);
  expect(seen.filter(({ attempts, texts }) => attempts !== 1 || texts.length > 0)).toEqual([]);
  expect(givenUp(code)).toBe(CONVERSATIONS);
  expect(turns).toBe(CONVERSATIONS);
  score(18, { load: load(name), figure: `${givenUp(code)} told, ${seen.reduce((sum, { attempts }) => sum + attempts, 0) - CONVERSATIONS} repeated` });
});
