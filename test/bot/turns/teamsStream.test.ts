import type { Activity } from 'botbuilder';
import { isPartOfStream } from '../../../bot/connector/streamMarks';
import type { BotLogic } from '../../../bot/turns/run';
import { startFakeConnector, type FakeConnector, type Fault } from '../../helpers/fakeConnector';
import type { RecordedRequest } from '../../helpers/httpServer';
import { startTurnHost, teamsMessage, type TurnHost } from '../../helpers/turnHost';

// Teams' rules for streams (https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux), each fault at each place.
// All conversations go on at the same time, since each takes seconds: the pace is Teams' own.

const WORDS = 'One two three four five six seven eight nine ten.'.split(' ');
const WHOLE = `${WORDS.join(' ')} The end.`; // what comes with the end alone
const WORD_EVERY_MS = 450; // the whole takes longer than two chunks, shorter than four
const SECOND_MS = 1_000;
const LATE_ANSWER_MS = 30; // what comes before the answer to the last is seen

interface Row {
  readonly what: string;
  readonly fault: Fault;
  /** What the person sees in the end where the fault hit the first chunk, one in the midst, the end. */
  readonly first: Outcome;
  readonly middle: Outcome;
  readonly end: Outcome;
}

/**
 * `closed`: by the end of the stream. `replaced`: its message was updated. `plain`: a message of its own, without a stream
 * before. `beside`: a message of its own, since it was not known whether a stream had begun. `half`: what was shown when the person pressed Stop.
 */
type Outcome = 'closed' | 'replaced' | 'plain' | 'beside' | 'half' | 'nothing';

const refused = (message: string): Fault => ({ status: 403, code: 'ContentStreamNotAllowed', message });
const outOfOrder: Fault = { status: 202, code: 'ContentStreamSequenceOrderPreConditionFailed', message: 'PreCondition failed exception when processing streaming activity.' };

const rows: readonly Row[] = [
  { what: '202, out of order', fault: outOfOrder, first: 'plain', middle: 'closed', end: 'replaced' },
  { what: '400', fault: { status: 400, code: 'BadRequest', message: 'Start streaming activities should include text' }, first: 'plain', middle: 'replaced', end: 'replaced' },
  { what: '403, not permitted here', fault: refused('Content stream is not allowed'), first: 'plain', middle: 'replaced', end: 'replaced' },
  { what: '403, completed', fault: refused('Content stream is not allowed on an already completed streamed message'), first: 'plain', middle: 'replaced', end: 'replaced' },
  { what: '403, over two minutes', fault: refused('Content stream finished due to exceeded streaming time.'), first: 'plain', middle: 'replaced', end: 'replaced' },
  { what: '403, too large', fault: refused('Message size too large'), first: 'plain', middle: 'closed', end: 'nothing' }, // words that cannot be cut any smaller
  { what: '413, too large', fault: { status: 413, code: 'MessageSizeTooBig', message: 'Message size too large' }, first: 'plain', middle: 'closed', end: 'nothing' },
  { what: '403, without what was shown', fault: refused('Request streamed content should contain the previously streamed content'), first: 'plain', middle: 'replaced', end: 'replaced' },
  { what: '403, Stop', fault: refused('Content stream was canceled by user.'), first: 'nothing', middle: 'half', end: 'half' },
  { what: '403, Stop in other words', fault: refused('Content stream was cancelled by user'), first: 'nothing', middle: 'half', end: 'half' },
  { what: '403, the bot was removed', fault: { status: 403, code: 'BotNotInConversationRoster' }, first: 'plain', middle: 'replaced', end: 'nothing' },
  { what: '401', fault: { status: 401, code: 'Unauthorized' }, first: 'closed', middle: 'closed', end: 'closed' },
  { what: '404, the message is gone', fault: { status: 404, code: 'ActivityNotFoundInConversation' }, first: 'plain', middle: 'replaced', end: 'beside' },
  { what: '429', fault: { status: 429, code: 'TooManyRequests', message: 'API calls quota exceeded' }, first: 'closed', middle: 'closed', end: 'closed' },
  { what: '429 with Retry-After', fault: { status: 429, retryAfter: '2' }, first: 'closed', middle: 'closed', end: 'closed' },
  { what: '412', fault: { status: 412 }, first: 'closed', middle: 'closed', end: 'closed' },
  { what: '500', fault: { status: 500 }, first: 'plain', middle: 'closed', end: 'replaced' },
  { what: '502', fault: { status: 502 }, first: 'plain', middle: 'closed', end: 'replaced' },
  { what: '503', fault: { status: 503, retryAfter: '1' }, first: 'plain', middle: 'closed', end: 'replaced' },
  { what: '504, and it arrived', fault: { status: 504, isDelivered: true }, first: 'beside', middle: 'closed', end: 'replaced' },
  { what: 'a connection that is cut', fault: 'drop-before', first: 'plain', middle: 'closed', end: 'replaced' },
  { what: 'a connection that is cut, and it arrived', fault: 'drop-after', first: 'beside', middle: 'closed', end: 'replaced' },
  { what: 'no answer', fault: 'hang', first: 'plain', middle: 'closed', end: 'replaced' },
];

const places = ['first', 'middle', 'end'] as const;
type Place = (typeof places)[number];

let teams: FakeConnector;
let host: TurnHost;
/** Parts of streams that are being answered now, by conversation, and the most that there were. */
const atOnce = new Map<string, { now: number; most: number }>();
const aborted = new Set<string>();

const conversationOf = ({ path }: RecordedRequest): string => decodeURIComponent(path.split('/')[4] ?? '');
const bodyOf = ({ text }: RecordedRequest): Partial<Activity> => JSON.parse(text) as Partial<Activity>;
interface Info { readonly streamType: string; readonly streamSequence?: number; readonly streamId?: string }
const infoOf = (request: RecordedRequest): Info => bodyOf(request).channelData as Info;

const requestsOf = (conversation: string): readonly RecordedRequest[] => teams.requests.filter((request) => conversationOf(request) === conversation);
const partsOf = (conversation: string): readonly RecordedRequest[] => requestsOf(conversation).filter((request) => isPartOfStream(bodyOf(request)));
const seenIn = (conversation: string): readonly unknown[] => teams.activities(conversation).map(({ text }) => text);

const isAt: Readonly<Record<Place, (info: Info) => boolean>> = {
  first: ({ streamSequence }) => streamSequence === 1,
  middle: ({ streamSequence }) => streamSequence === 2,
  end: ({ streamType }) => streamType === 'final',
};

/** A model that writes a word now and then, until it is stopped. */
const writes: BotLogic = async (turn) => {
  const { id } = turn.context.activity.conversation;
  const reply = turn.reply();
  for (const [index] of WORDS.entries()) {
    if (turn.signal.aborted) break;
    reply.show(() => WORDS.slice(0, index + 1).join(' '));
    await new Promise((resolve) => setTimeout(resolve, WORD_EVERY_MS));
  }
  if (turn.signal.aborted) aborted.add(id);
  await reply.finish({ text: WHOLE });
};

async function track(request: RecordedRequest): Promise<void> {
  const conversation = conversationOf(request);
  const count = atOnce.get(conversation) ?? { now: 0, most: 0 };
  atOnce.set(conversation, count);
  if (isPartOfStream(bodyOf(request))) count.most = Math.max(count.most, ++count.now);
  await new Promise((resolve) => setTimeout(resolve, LATE_ANSWER_MS));
  if (isPartOfStream(bodyOf(request))) count.now -= 1;
}

const nameOf = (row: Row, place: Place): string => `${row.what} at ${place}`;
const cases = rows.flatMap((row) => places.map((place) => ({ name: nameOf(row, place), row, place, outcome: row[place] })));

beforeAll(async () => {
  teams = await startFakeConnector({ minChunkIntervalMs: SECOND_MS, gate: track });
  host = await startTurnHost(writes, { teams, timeoutMs: 2_000 });
  for (const { name, row, place } of cases) {
    const isHit = (request: RecordedRequest): boolean => conversationOf(request) === name && isPartOfStream(bodyOf(request)) && isAt[place](infoOf(request));
    // What is too large stays so, and so does the bot's removal.
    const times = place === 'end' && row.end === 'nothing' ? 20 : 1;
    const which = times > 1 ? (request: RecordedRequest): boolean => conversationOf(request) === name && bodyOf(request).type === 'message' : isHit;
    teams.failNext(Array.from({ length: times }, () => row.fault), which);
    teams.open({ id: name });
  }
  await Promise.all(cases.map(({ name }) => host.turns.accept(teamsMessage(teams.serviceUrl, name, 'count'))));
  await host.turns.idle();
}, 60_000);
afterAll(async () => {
  await host.close();
  await teams.close();
});

const isHalf = (text: unknown): boolean => typeof text === 'string' && WHOLE.startsWith(text) && text !== WHOLE;

describe.each(cases)('$name', ({ name, row, place, outcome }) => {
  test(`the person sees in the end: ${outcome}`, () => {
    const seen = seenIn(name);
    const methods = requestsOf(name).filter((request) => bodyOf(request).type === 'message').map(({ method, text }) => `${method}${text.includes('"final"') ? ' end' : ''}`);
    if (outcome === 'nothing') expect(seen.filter((text) => text === WHOLE)).toEqual([]);
    else if (outcome === 'half') expect(seen).toEqual([expect.any(String)]);
    else if (outcome === 'beside') expect(seen.at(-1)).toBe(WHOLE);
    else expect(seen).toEqual([WHOLE]);
    if (outcome === 'half') expect(isHalf(seen[0])).toBe(true);
    if (outcome === 'closed') expect(methods.at(-1)).toBe('POST end');
    if (outcome === 'replaced') expect(methods.at(-1)).toBe('PUT');
    if (outcome === 'plain') expect(methods).toEqual(['POST']);
  });

  test('goes out one request at a time, a second or more apart, under numbers without gaps, and never takes text back', () => {
    const parts = partsOf(name);
    expect(atOnce.get(name)?.most).toBe(1);
    for (const [index, part] of parts.entries()) {
      const before = parts[index - 1];
      if (before) expect(part.receivedAtMs - before.receivedAtMs).toBeGreaterThanOrEqual(SECOND_MS);
    }
    const chunks = parts.filter((part) => infoOf(part).streamType === 'streaming');
    const numbers = chunks.map((part) => infoOf(part).streamSequence ?? 0);
    expect(numbers.every((number, index) => number - (numbers[index - 1] ?? 0) <= 1)).toBe(true);
    expect(new Set(chunks.slice(numbers.lastIndexOf(1) + 1).map((part) => infoOf(part).streamId)).size).toBeLessThanOrEqual(1);
    const texts = parts.map((part) => bodyOf(part).text ?? '');
    expect(texts.every((text, index) => text.startsWith(texts[index - 1] ?? ''))).toBe(true);
  });

  if (row.what.includes('Stop')) {
    test('the model is stopped, and nothing more is sent', () => {
      expect(aborted.has(name)).toBe(place !== 'end');
      const all = requestsOf(name);
      const last = all.findLastIndex((request) => isPartOfStream(bodyOf(request)) && isAt[place](infoOf(request)));
      expect(all.slice(last + 1)).toEqual([]);
    });
  }
});

test('no stream in any of them was refused for its pace', () => {
  const asked = cases.filter(({ row }) => typeof row.fault === 'string' || row.fault.status !== 429);
  expect(asked.every(({ name }) => teams.refusedForPace(name) === 0)).toBe(true);
});
