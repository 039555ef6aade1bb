import { findMeeting, type MeetingId } from '../../../threads/graph/meeting';
import { readMembers } from '../../../threads/graph/members';
import { resourceSpecificPermissions } from '../../../threads/graph/permissions';
import { chooseOccurrence, listOccurrences, readOccurrence } from '../../../threads/graph/transcripts';
import type { FakeMeeting, FakeTranscript } from '../../helpers/fakeGraph';
import { people } from '../../helpers/graphMessages';
import { patience, startReading, TENANT, type Reading } from './reading';

let reading: Reading;
beforeEach(async () => {
  reading = await startReading();
});
afterEach(() => reading.close());

const id: MeetingId = { tenantId: TENANT, organizerId: people.ada.id, meetingId: 'MSoxMjM/+==' };
const PERMISSION = 'OnlineMeetingTranscript.Read.Chat';

const transcript = (name: string, at: string, lines: readonly string[], more: Partial<FakeTranscript> = {}): FakeTranscript => ({
  id: name,
  callId: `call-${name}`,
  createdDateTime: at,
  endDateTime: new Date(Date.parse(at) + 30 * 60_000).toISOString(),
  vtt: `WEBVTT\n\n${lines.map((line, index) => `00:00:${String(index * 5).padStart(2, '0')}.000 --> 00:00:${String(index * 5 + 4).padStart(2, '0')}.000\n${line}`).join('\n\n')}\n`,
  unattributed: `${lines.map((line, index) => `00:00:${String(index * 5).padStart(2, '0')}.000 --> 00:00:${String(index * 5 + 4).padStart(2, '0')}.000\n${line.replace(/<[^>]+>/g, '')}`).join('\n\n')}\n`,
  ...more,
});

const monday = transcript('monday', '2026-10-05T09:00:00Z', ['<v Ada Lovelace>We ship on Friday.</v>', '<v Ben Okafor>I write the notes</v>', '<v Ben Okafor>by Thursday.</v>']);
const nextMonday = transcript('next', '2026-10-12T09:00:00Z', ['<v Ada Lovelace>We ship on Monday.</v>']);
const add = (more: Partial<FakeMeeting> = {}): void => reading.service.addMeeting({ organizerId: id.organizerId, id: id.meetingId, transcripts: [monday, nextMonday], ...more });
const list = () => listOccurrences(reading.graph, id, PERMISSION, patience());

test('two occurrences of a recurring meeting are told apart by time, whatever order Graph lists them in', async () => {
  add({ transcripts: [nextMonday, monday, transcript('last', '2026-09-28T09:00:00Z', ['<v Ada Lovelace>Hello.</v>'])] });
  const occurrences = await list();
  expect(occurrences.map((each) => each.id)).toEqual(['call-next', 'call-monday', 'call-last']);
  expect(reading.service.requests).toHaveLength(2); // two pages
  const at = (time: string): string | undefined => chooseOccurrence(occurrences, Date.parse(time))?.id;
  expect(chooseOccurrence(occurrences, undefined)?.id).toBe('call-next');
  expect(at('2026-10-05T09:10:00Z')).toBe('call-monday');
  expect(at('2026-10-08T12:00:00Z')).toBe('call-monday');
  expect(at('2026-10-20T12:00:00Z')).toBe('call-next');
  expect(at('2026-01-01T12:00:00Z')).toBe('call-last');
});

test('a transcription that was stopped and started again is one occurrence, in order', async () => {
  const second = transcript('second', '2026-10-05T09:40:00Z', ['<v Ben Okafor>After the break.</v>'], { callId: 'call-monday' });
  add({ transcripts: [second, monday] });
  const [occurrence] = await list();
  const { messages } = await readOccurrence(reading.graph, id, occurrence!, PERMISSION, patience());
  expect(messages.map(({ text }) => text)).toEqual(['We ship on Friday.', 'I write the notes by Thursday.', 'After the break.']);
  expect(messages.map(({ createdAt }) => createdAt)).toEqual(['2026-10-05T09:00:00.000Z', '2026-10-05T09:00:05.000Z', '2026-10-05T09:40:00.000Z']);
  expect(new Set(messages.map((message) => message.id)).size).toBe(3);
});

test('where the organization hides speakers, the words are read without names', async () => {
  add({ transcripts: [{ ...monday, unattributed: `${monday.unattributed}\n00:00:30.000 --> 00:00:34.000\nBudget: five thousand.\n` }] });
  reading.service.tenant.namesSpeakers = false;
  const [occurrence] = await list();
  const { messages, speakersHidden } = await readOccurrence(reading.graph, id, occurrence!, PERMISSION, patience());
  expect(speakersHidden).toBe(true);
  expect(messages.map(({ text }) => text)).toEqual(['We ship on Friday.', 'I write the notes', 'by Thursday.', 'Budget: five thousand.']);
  expect(new Set(messages.map(({ author }) => author.name))).toEqual(new Set(['Speaker']));
  expect(reading.service.requests.slice(-2).map(({ headers }) => headers.accept)).toEqual(['text/vtt', 'application/vnd.microsoft.graph.transcript+text']);
});

test.each<[string, () => void, string]>([
  ['the organization gives out no transcripts', () => {
    add();
    reading.service.tenant.givesTranscripts = false;
  }, 'transcripts-disabled'],
  ['the permission was not given', () => add({ consents: ['ChatMessage.Read.Chat'] }), 'consent-missing'],
  ['no policy lets the app read the organizer’s meetings', () => add({ withoutPolicy: true }), 'policy-missing'],
  ['the meeting has expired', () => add({ isExpired: true }), 'meeting-expired'],
  ['nobody had it transcribed', () => add({ transcripts: [] }), 'no-transcript'],
])('where %s, that is the reason', async (_why, arrange, code) => {
  arrange();
  await expect(list()).rejects.toMatchObject({ code });
});

test('an empty transcript is none', async () => {
  add({ transcripts: [transcript('empty', '2026-10-05T09:00:00Z', [])] });
  const [occurrence] = await list();
  await expect(readOccurrence(reading.graph, id, occurrence!, PERMISSION, patience())).rejects.toMatchObject({ code: 'no-transcript' });
});

describe('the meeting of a chat', () => {
  const chatId = '19:meeting_x@thread.v2';
  const joinWebUrl = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a%221%22%7d&who=o'neil";

  test('is found by its address', async () => {
    add({ joinWebUrl });
    reading.service.addChat({ id: chatId, meeting: { joinWebUrl, organizerId: people.ada.id } });
    await expect(findMeeting(reading.graph, { tenantId: TENANT, chatId }, patience())).resolves.toEqual(id);
  });

  test('is none where the chat has no invitation, or the meeting is gone', async () => {
    reading.service.addChat({ id: chatId });
    await expect(findMeeting(reading.graph, { tenantId: TENANT, chatId }, patience())).rejects.toMatchObject({ code: 'not-scheduled' });
    reading.service.addChat({ id: chatId, meeting: { joinWebUrl, organizerId: people.ada.id } });
    await expect(findMeeting(reading.graph, { tenantId: TENANT, chatId }, patience())).rejects.toMatchObject({ code: 'meeting-expired' });
  });
});

test('members of a chat are known by their ids in the directory, and a guest without one makes the list incomplete', async () => {
  const chatId = '19:chat@thread.v2';
  reading.service.addChat({ id: chatId, members: [{ userId: people.ada.id, displayName: 'Ada' }] });
  await expect(readMembers(reading.graph, { tenantId: TENANT, chatId }, patience())).resolves.toEqual({ members: [{ id: '', directoryId: people.ada.id }], isComplete: true });
  reading.service.addChat({ id: chatId, members: [{ userId: people.ada.id, displayName: 'Ada' }, { userId: null, displayName: 'Guest' }] });
  await expect(readMembers(reading.graph, { tenantId: TENANT, chatId }, patience())).resolves.toMatchObject({ isComplete: false });
});

test('the app asks for each permission once, and for no more than a manifest may hold', () => {
  const names = resourceSpecificPermissions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeLessThanOrEqual(16);
  expect(names).toEqual(expect.arrayContaining(['ChatMessage.Read.Chat', 'OnlineMeetingTranscript.Read.Chat', 'ChannelMessage.Read.Group']));
});
