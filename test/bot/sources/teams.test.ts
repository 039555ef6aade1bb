import { createMemberships } from '../../../bot/sources/memberships';
import { membersByGraph } from '../../../bot/sources/openTeams';
import { createTurnEngine, type TurnEngine } from '../../../bot/turns/engine';
import { userKey } from '../../../bot/turns/keys';
import type { RunnerOptions } from '../../../bot/turns/run';
import { spokenLanguages, wordsFor } from '../../../cards/words';
import { readFrom, sourceProblems } from '../../../dialogs/sourceProblems';
import type { Turn } from '../../../dialogs/turn';
import { SourceError, sourceErrorCodes, type SourceErrorCode } from '../../../threads/error';
import { createGraph, type Graph } from '../../../threads/graph/client';
import type { SourceList, SourceReading, SourceRequest } from '../../../threads/sources';
import { startFakeGraph, type FakeGraph, type FakeMeeting, type FakeTranscript } from '../../helpers/fakeGraph';
import { graphClock } from '../../helpers/graphClock';
import { botMessage, deletedMessage, graphMessage, people } from '../../helpers/graphMessages';
import { startTurnHost, teamsMessage, type TurnHost } from '../../helpers/turnHost';

const TENANT = '11111111-1111-4111-8111-111111111111';
const APP = '99999999-9999-4999-8999-999999999999';

let host: TurnHost;
let service: FakeGraph;
let graph: Graph;
let engine: TurnEngine;
let token: () => Promise<string>;
let act: (turn: Turn) => Promise<void>;
let readLimitMs: number | undefined;

beforeEach(async () => {
  const clock = graphClock();
  host = await startTurnHost(async () => undefined);
  service = await startFakeGraph({ now: clock.now });
  token = async () => 'token';
  readLimitMs = undefined;
  graph = createGraph({ url: service.url, token: () => token(), clock });
  const { database, connectorFor } = host.options;
  const options: RunnerOptions = {
    ...host.options,
    bot: (turn) => act(turn),
    sources: {
      database,
      connectorFor,
      memberships: createMemberships({ connectorFor, otherwise: membersByGraph(graph) }),
      get teams() {
        return { graph, appId: APP, ...(readLimitMs !== undefined && { readLimitMs }) };
      },
    },
  };
  engine = createTurnEngine(options);
});
afterEach(async () => {
  await engine.drain(1_000);
  await graph.close();
  await service.close();
  await host.close();
});

const CHAT = '19:abc@thread.v2';
const MEETING = '19:meeting_xyz@thread.v2';
const MEETING_ID = Buffer.from(`0#${MEETING}#0`).toString('base64');
const ada = { id: '29:ada', name: 'Ada Lovelace', aadObjectId: people.ada.id };
const conversation = (id: string, conversationType = 'groupChat') => ({ conversation: { id, conversationType, tenantId: TENANT, isGroup: true, name: 'Launch' }, from: ada, recipient: { id: `28:${APP}`, name: 'Parley' } });

let asked = 0;
/** What `run` gives in a turn of this conversation. */
async function inTurn<T>(place: object, run: (turn: Turn) => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  act = (turn) => run(turn).then(resolve, reject);
  asked += 1;
  await engine.accept(teamsMessage(host.teams.serviceUrl, CHAT, 'read', { id: `q${asked}`, ...place }));
  return promise;
}

const read = (place: object, request: SourceRequest = { of: 'conversation' }): Promise<SourceReading> => inTurn(place, (turn) => turn.sources.read(request, turn.signal));
const list = (place: object): Promise<SourceList> => inTurn(place, (turn) => turn.sources.list(turn.signal));
const told = (reading: SourceReading): string[] => reading.thread.messages.map(({ text }) => text);
const codes = ({ problems }: Pick<SourceReading, 'problems'>): string[] => problems.map(({ code }) => code);

/** Something that the bot was told, for when Teams gives nothing. */
async function tell(place: object, text: string): Promise<void> {
  act = async () => undefined;
  asked += 1;
  await engine.accept(teamsMessage(host.teams.serviceUrl, CHAT, text, { id: `q${asked}`, ...place }));
  await engine.idle();
}

const transcript = (name: string, at: string, lines: readonly string[]): FakeTranscript => ({
  id: name, callId: `call-${name}`, createdDateTime: at, endDateTime: new Date(Date.parse(at) + 30 * 60_000).toISOString(),
  vtt: `WEBVTT\n\n${lines.map((line, index) => `00:0${index}:00.000 --> 00:0${index}:30.000\n${line}`).join('\n\n')}\n`,
  unattributed: lines.map((line, index) => `00:0${index}:00.000 --> 00:0${index}:30.000\n${line.replace(/<[^>]*>/g, '')}`).join('\n\n'),
});

const monday = transcript('monday', '2026-10-05T09:00:00Z', ['<v Ada Lovelace>We ship on Friday.</v>', '<v Ben Okafor>I write the notes.</v>', '<v Dora Visitor>Fine with me.</v>']);
const nextMonday = transcript('next', '2026-10-12T09:00:00Z', ['<v Ada Lovelace>We ship on Monday.</v>']);
const details = (more: object = {}): object => ({ details: { id: 'x', msGraphResourceId: 'graph-meeting', type: 'Recurring', title: 'Launch weekly', ...more }, conversation: { id: MEETING }, organizer: { id: '29:ada', aadObjectId: people.ada.id, tenantId: TENANT } });

function addMeeting(more: Partial<FakeMeeting> = {}, info: object = details()): void {
  host.teams.open({ id: MEETING, type: 'groupChat', members: [ada] });
  host.teams.addMeeting(MEETING_ID, info);
  service.addMeeting({ organizerId: people.ada.id, id: 'graph-meeting', transcripts: [monday, nextMonday], ...more });
  service.addChat({
    id: MEETING,
    messages: [
      graphMessage({ at: '2026-10-01T12:00:00Z', text: 'Between the meetings' }),
      graphMessage({ at: '2026-10-05T08:55:00Z', from: people.cleo, text: 'I am late.' }),
      graphMessage({ at: '2026-10-05T09:01:30Z', from: people.ben, html: '<p>The notes: <a href="https://example.com/n">here</a></p>' }),
      botMessage('2026-10-05T09:20:00Z', APP, '<p>Summary: you ship on Friday.</p>'),
      deletedMessage('2026-10-05T09:21:00Z'),
      graphMessage({ at: '2026-10-05T10:10:00Z', from: people.ben, text: 'Sent.' }),
      graphMessage({ at: '2026-10-12T09:05:00Z', from: people.ben, text: 'The second time' }),
    ],
  });
}

test('a group chat is read from Teams, with people called as in the log', async () => {
  host.teams.open({ id: CHAT, type: 'groupChat', members: [ada] });
  service.addChat({ id: CHAT, messages: [graphMessage({ at: '2026-10-05T09:00:00Z', html: '<p>Hello</p>' }), deletedMessage('2026-10-05T09:01:00Z')] });
  const reading = await read(conversation(CHAT));
  expect(reading.from).toEqual([{ id: 'chat', kind: 'chat' }]);
  expect(reading.problems).toEqual([]);
  expect(reading.thread).toMatchObject({ title: 'Launch', kind: 'chat', isLog: true, omitted: [{ reason: 'deleted', count: 1 }] });
  const [message] = reading.thread.messages;
  expect(message?.author.id).toBe(userKey({ channelId: 'msteams', ...conversation(CHAT) }));
  expect(message?.url).toMatch(/^https:\/\/teams\.microsoft\.com\/l\/message\/19%3Aabc%40thread\.v2\/\d+\?context=/);
});

describe('a recurring meeting', () => {
  test('is heard and read together, in order of time, speakers known by those who write', async () => {
    addMeeting();
    const reading = await read(conversation(MEETING), { of: 'meeting', at: '2026-10-06T00:00:00Z' });
    expect(told(reading)).toEqual(['I am late.', 'We ship on Friday.', 'I write the notes.', 'The notes: here (https://example.com/n)', 'Fine with me.', 'Sent.']);
    expect(reading.from.map(({ id }) => id)).toEqual(['transcript:call-monday', 'chat']);
    expect(reading.thread).toMatchObject({ title: 'Launch weekly', kind: 'meeting' });
    expect(reading.thread.omitted).toEqual(expect.arrayContaining([{ reason: 'own', count: 1 }, { reason: 'deleted', count: 1 }]));
    const [, , spoken, written] = reading.thread.messages;
    expect(spoken?.author).toEqual(written?.author);
    expect(codes(reading)).toEqual([]);
  });

  test('has the newest time by default, and each by its name', async () => {
    addMeeting();
    expect(told(await read(conversation(MEETING), { of: 'meeting' }))).toEqual(['We ship on Monday.', 'The second time']);
    const { sources } = await list(conversation(MEETING));
    expect(sources.map(({ id }) => id)).toEqual(['transcript:call-next', 'transcript:call-monday', 'chat', 'log']);
    expect(sources[1]).toMatchObject({ kind: 'transcript', startedAt: '2026-10-05T09:00:00.000Z', endedAt: '2026-10-05T09:30:00.000Z' });
    expect(told(await read(conversation(MEETING), { of: 'meeting', sourceId: 'transcript:call-monday' }))).toContain('We ship on Friday.');
  });

  test('is chosen by the time that is asked for, and is none where nobody met then', async () => {
    addMeeting();
    const week = { since: '2026-10-05T00:00:00Z', until: '2026-10-09T00:00:00Z' };
    expect(told(await read(conversation(MEETING), { of: 'meeting', ...week }))).toContain('We ship on Friday.');
    const before = await read(conversation(MEETING), { of: 'meeting', since: '2026-10-01T00:00:00Z', until: '2026-10-04T00:00:00Z' });
    expect(told(before)).toEqual(['Between the meetings']);
    expect(codes(before)).toEqual(['no-transcript']);
  });

  test('is read by its chat alone where the transcript is refused, and that is said', async () => {
    addMeeting();
    service.tenant.givesTranscripts = false;
    const reading = await read(conversation(MEETING), { of: 'meeting' });
    expect(told(reading)).toContain('Sent.');
    expect(codes(reading)).toEqual(['transcripts-disabled']);
    expect(readFrom(wordsFor('en'), reading.from)).toBe('Read from the chat.');
  });

  test('is heard although its chat is refused: what the bot was told stands in, without its own words', async () => {
    addMeeting();
    service.addChat({ id: MEETING, messages: [], consents: ['OnlineMeetingTranscript.Read.Chat'] });
    await tell({ ...conversation(MEETING), timestamp: new Date('2026-10-12T09:10:00Z') }, 'Told to the bot');
    const reading = await read(conversation(MEETING), { of: 'meeting' });
    expect(told(reading)).toEqual(['We ship on Monday.', 'Told to the bot']);
    expect(reading.from.map(({ kind }) => kind)).toEqual(['transcript', 'log']);
    expect(codes(reading)).toEqual(['consent-missing']);
  });

  test('whose details Teams does not tell is found by its chat', async () => {
    addMeeting({ joinWebUrl: 'https://teams.microsoft.com/l/meetup-join/1' }, { details: {} });
    service.addChat({ id: MEETING, messages: [], meeting: { joinWebUrl: 'https://teams.microsoft.com/l/meetup-join/1', organizerId: people.ada.id } });
    expect(told(await read(conversation(MEETING), { of: 'meeting' }))).toEqual(['We ship on Monday.']);
  });
});

describe('a thread of a channel', () => {
  const teamId = '22222222-2222-4222-8222-222222222222';
  const channelId = '19:general@thread.tacv2';
  const root = graphMessage({ at: '2026-10-05T09:00:00Z', text: 'Which venue?' });
  const inThread = { ...conversation(`${channelId};messageid=${root.id}`, 'channel'), channelData: { tenant: { id: TENANT }, team: { id: '19:team@thread.tacv2', aadGroupId: teamId }, channel: { id: channelId } } };
  beforeEach(() => {
    host.teams.open({ id: channelId, type: 'channel', members: [ada] });
    service.addChannel({ teamId, channelId, threads: [{ root, replies: [{ ...graphMessage({ at: '2026-10-05T09:05:00Z', from: people.ben, text: 'The big one.' }), replyToId: root.id }] }] });
  });

  test('is read with its root and replies', async () => {
    const reading = await read(inThread);
    expect(told(reading)).toEqual(['Which venue?', 'The big one.']);
    expect(reading.from).toEqual([{ id: 'thread', kind: 'channel' }]);
    expect(reading.thread.kind).toBe('channel');
  });

  test('finds its team by name where the message does not say its group', async () => {
    host.teams.addTeam('19:team@thread.tacv2', { name: 'Team', aadGroupId: teamId });
    const team = { id: inThread.channelData.team.id };
    expect(told(await read({ ...inThread, channelData: { ...inThread.channelData, team } }))).toEqual(['Which venue?', 'The big one.']);
  });
});

test.each([['a personal chat', { conversation: { id: 'a:1', conversationType: 'personal', tenantId: TENANT } }], ['a tenant without an id of the directory', { conversation: { id: CHAT, conversationType: 'groupChat', tenantId: 'tenant' } }], ['a web chat', { channelId: 'directline', conversation: { id: 'web' } }]])('in %s nothing is asked of Graph', async (_where, place) => {
  const reading = await read(place);
  expect(reading.from).toEqual([{ id: 'log', kind: 'log' }]);
  expect((await list(place)).sources).toEqual([{ id: 'log', kind: 'log' }]);
  expect(service.requests).toEqual([]);
});

const throttled = { status: 429, headers: { 'retry-after': '90' }, body: { error: { code: 'TooManyRequests', message: 'x' } } };
const isForMessages = ({ path }: { path: string }): boolean => path.endsWith('/messages');

/** How each reason comes about, and of what it is told. */
const reasons: Readonly<Record<SourceErrorCode, { readonly of: SourceRequest['of']; readonly arrange: () => void; readonly place?: object }>> = {
  'not-installed': { of: 'conversation', place: conversation('19:elsewhere@thread.v2'), arrange: () => void service.addChat({ id: '19:elsewhere@thread.v2', consents: [] }) },
  'consent-missing': { of: 'conversation', arrange: () => void service.addChat({ id: MEETING, consents: ['ChatSettings.Read.Chat'] }) },
  'policy-missing': { of: 'meeting', arrange: () => addOther({ withoutPolicy: true }) },
  'transcripts-disabled': { of: 'meeting', arrange: () => void (service.tenant.givesTranscripts = false) },
  'speakers-hidden': { of: 'meeting', arrange: () => void (service.tenant.namesSpeakers = false) },
  'no-transcript': { of: 'meeting', arrange: () => addOther({ transcripts: [] }) },
  'meeting-expired': { of: 'meeting', arrange: () => host.teams.failNext([{ status: 404, code: 'MeetingNotFound' }], ({ path }) => path.includes('/v1/meetings/')) },
  'not-scheduled': { of: 'meeting', arrange: () => host.teams.addMeeting(MEETING_ID, details({ msGraphResourceId: undefined, type: 'GroupCall' })) },
  'not-found': { of: 'conversation', place: conversation('19:unknown@thread.v2'), arrange: () => void host.teams.open({ id: '19:unknown@thread.v2', type: 'groupChat', members: [ada] }) },
  throttled: { of: 'conversation', arrange: () => service.failNext([throttled], isForMessages) },
  unavailable: { of: 'conversation', arrange: () => service.failNext(Array.from({ length: 4 }, () => ({ status: 503, body: {} })), isForMessages) },
  unauthorized: { of: 'conversation', arrange: () => void (token = () => Promise.reject(new SourceError('unauthorized', 'refused'))) },
  timeout: { of: 'conversation', arrange: () => {
    readLimitMs = 200;
    service.failNext(['hang'], isForMessages);
  } },
};

const addOther = (more: Partial<FakeMeeting>): void => {
  host.teams.addMeeting(MEETING_ID, details({ msGraphResourceId: 'other' }));
  service.addMeeting({ organizerId: people.ada.id, id: 'other', transcripts: [monday], ...more });
};

describe.each(sourceErrorCodes)('%s', (code) => {
  test('is told as a sentence with what to do, in every language, and something is read all the same', async () => {
    const { of, arrange, place = conversation(MEETING) } = reasons[code];
    addMeeting();
    await tell(place, 'What the bot was told.');
    arrange();
    const reading = await read(place, { of });
    expect(codes(reading)).toContain(code);
    expect(reading.thread.messages.length).toBeGreaterThan(0);
    for (const language of spokenLanguages) {
      const sentences = sourceProblems(wordsFor(language), reading.problems);
      expect(sentences).toHaveLength(new Set(codes(reading)).size);
      for (const sentence of sentences) {
        expect(sentence.match(/[.!?:](?= |$)/g)?.length).toBeGreaterThanOrEqual(2); // the reason, and the mend
        expect(sentence).not.toMatch(/undefined|NaN|\b4\d\d\b|Error|Graph(?!ique)/);
      }
    }
  });
});

test('who must wait is told for how long', async () => {
  addMeeting();
  service.failNext([throttled], isForMessages);
  const { problems } = await read(conversation(MEETING));
  expect(sourceProblems(wordsFor('en'), problems)).toEqual(['Teams is busy, so I could not read everything. Ask again in 90 seconds.']);
});

test('a permission of the whole organization is asked of an administrator', () => {
  const [sentence] = sourceProblems(wordsFor('en'), [new SourceError('consent-missing', 'x', { permission: 'OnlineMeetingTranscript.Read.All' })]);
  expect(sentence).toBe('Some of this I may not read yet. An administrator can allow it: the permission is OnlineMeetingTranscript.Read.All.');
});

test('who is in a chat is asked of Graph where the channel does not tell', async () => {
  service.addChat({ id: '19:hidden@thread.v2', members: [{ userId: people.ben.id, displayName: 'Ben' }] });
  const members = await inTurn(conversation(CHAT), (turn) => turn.sources.members('19:hidden@thread.v2'));
  expect(members).toEqual({ members: [{ id: '', directoryId: people.ben.id }], isComplete: true });
});
