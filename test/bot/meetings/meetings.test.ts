import { startFakeIdentity, type FakeIdentity } from '../../helpers/fakeIdentity';
import { buttonsOf } from '../../helpers/conversation';
import { startParley, wordsOf, type Parley } from '../../helpers/parley';
import { ada, ben, type Person, type TeamsChat } from '../../helpers/teamsChat';

let identity: FakeIdentity;
let parley: Parley;
beforeAll(async () => {
  identity = await startFakeIdentity();
  parley = await startParley({ identity });
});
afterAll(async () => {
  await parley.close();
  await identity.close();
});

let series = 0;

/** A meeting's chat, and its events as Teams sends them: recorded shapes of msteams-docs, "meeting-apps-apis". */
function openMeeting({ organizer }: { readonly organizer?: Person } = {}) {
  series += 1;
  const id = `19:meeting_${series}@thread.v2`;
  const meetingId = Buffer.from(`0#${id}#0`).toString('base64');
  parley.teams.open({ id, type: 'groupChat' });
  if (organizer) parley.teams.addMeeting(meetingId, { details: { id: meetingId, title: 'Stand-up', type: 'Recurring' }, conversation: { id }, organizer: { id: organizer.id, aadObjectId: organizer.aadObjectId, tenantId: 'tenant' } });
  const chat = parley.teamsChat({ type: 'groupChat', id });
  const channelData = { tenant: { id: 'tenant' }, meeting: { id: meetingId } };
  const tell = (name: string, value: unknown, timestamp: string) => chat.exchange(chat.activity('event', { name: `application/vnd.microsoft.${name}`, value, timestamp, channelData }));
  const place = { MeetingType: 'Recurring', Title: 'Stand-up', Id: meetingId, JoinUrl: 'https://teams.microsoft.com/l/meetup-join/19%3ameeting' };
  return {
    chat,
    tell,
    start: (time: string) => tell('meetingStart', { ...place, StartTime: time }, time),
    end: (time: string) => tell('meetingEnd', { ...place, EndTime: time }, time),
    come: (person: Person, time: string, kind: 'Join' | 'Leave' = 'Join') => tell(`meetingParticipant${kind}`, {
      members: [{ user: { id: person.id, name: person.name, aadObjectId: person.aadObjectId, tenantId: 'tenant' }, meeting: { inMeeting: kind === 'Join', role: 'Attendee' } }],
    }, time),
    press: (title: string, person: Person = ada) => {
      const button = chat.shown().flatMap((shown) => buttonsOf(shown)).find((each) => each.title === title);
      if (!button) throw new Error(`No button "${title}".`);
      return chat.exchange(chat.activity('message', { value: button.data, channelData }, person));
    },
  };
}

const offers = (chat: TeamsChat) => chat.shown().filter((shown) => wordsOf([shown]).includes('The meeting is over')).length;

test('when a meeting is over a summary is offered once, however often Teams tells of the end', async () => {
  const { chat, start, end } = openMeeting({ organizer: ben });
  expect(await start('2026-11-30T09:00:00Z')).toEqual([]);
  expect(wordsOf(await end('2026-11-30T09:45:00Z'))).toBe('**The meeting is over**\n\nShall I sum it up? I read nothing until somebody asks.');
  expect(await end('2026-11-30T09:45:00Z')).toEqual([]);
  expect(await end('2026-11-30T09:45:01Z')).toEqual([]);
  expect(offers(chat)).toBe(1);
});

test('each occurrence of a series has its own offer', async () => {
  const { chat, start, end } = openMeeting({ organizer: ben });
  for (const day of ['2026-11-30', '2026-12-01', '2026-12-02']) {
    await start(`${day}T09:00:00Z`);
    await end(`${day}T09:15:00Z`);
  }
  expect(offers(chat)).toBe(3);
});

test('nobody is asked again in a series that somebody has muted, until somebody wants it', async () => {
  const { chat, end, press } = openMeeting({ organizer: ben });
  await end('2026-11-30T09:45:00Z');
  expect(wordsOf(await press('No more offers here'))).toContain('I no longer offer summaries after this meeting');
  await end('2026-12-01T09:45:00Z');
  expect(offers(chat)).toBe(1);
  expect(wordsOf(await chat.say('offer summaries'))).toContain('I offer a summary again');
  await end('2026-12-02T09:45:00Z');
  expect(offers(chat)).toBe(2);
});

test('words do the same as the button', async () => {
  const { chat, end } = openMeeting();
  expect(wordsOf(await chat.say('stop offering summaries'))).toContain('I no longer offer summaries after this meeting');
  await end('2026-12-02T09:45:00Z');
  expect(offers(chat)).toBe(0);
});

test('whoever organizes meetings ends the offers in all of them, and nobody else does', async () => {
  const organizer: Person = { id: '29:orga', name: 'Orga', aadObjectId: '00000000-0000-0000-0000-0000000000aa' };
  const [first, second] = [openMeeting({ organizer }), openMeeting({ organizer })];
  await first.end('2026-11-30T09:45:00Z');
  expect(wordsOf(await first.press('Never in my meetings', ada))).toContain('That is for whoever organizes this meeting');
  expect(wordsOf(await first.press('Never in my meetings', organizer))).toContain('after meetings that you organize');
  for (const meeting of [first, second]) await meeting.end('2026-12-01T09:45:00Z');
  expect([offers(first.chat), offers(second.chat)]).toEqual([1, 0]);
});

test.each([['may not be read', 403], ['are gone', 404]] as const)('where the details of a meeting %s, the offer comes without them', async (_name, status) => {
  const { chat, end } = openMeeting({ organizer: ben });
  parley.teams.failNext([{ status }], ({ path }) => path.includes('/v1/meetings/'));
  await end('2026-11-30T09:45:00Z');
  expect(offers(chat)).toBe(1);
});

test('a crowd that comes at once is no flood', async () => {
  const strict = await startParley({ env: { MESSAGES_PER_MINUTE: '3', CONVERSATION_MESSAGES_PER_MINUTE: '3' } });
  try {
    const chat = strict.teamsChat({ type: 'groupChat' });
    for (let guest = 0; guest < 30; guest += 1) await chat.exchange(chat.activity('event', { name: 'application/vnd.microsoft.meetingParticipantJoin', value: { members: [{ user: { id: `29:${guest}` } }] } }));
    expect(chat.shown()).toEqual([]);
  } finally {
    await strict.close();
  }
});
