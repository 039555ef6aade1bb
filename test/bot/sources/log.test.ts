import type { Activity } from 'botbuilder';
import type { SourceReading, SourceRequest } from '../../../threads/sources';
import { startTurnHost, teamsMessage, type TurnHost } from '../../helpers/turnHost';

let host: TurnHost;
let read: SourceReading | undefined;
let request: SourceRequest = { of: 'conversation' };
beforeAll(async () => {
  host = await startTurnHost(async (turn) => {
    if (turn.text === 'read') read = await turn.sources.read(request, turn.signal);
  });
});
afterAll(() => host.close());

const CHAT = '19:log@thread.v2';
const place = { conversation: { id: CHAT, conversationType: 'groupChat', isGroup: true, tenantId: 'tenant', name: 'Launch' } } as unknown as Partial<Activity>;
const at = (minute: number): Date => new Date(Date.UTC(2026, 9, 1, 9, minute));

async function tell(minute: number, text: string, more: Partial<Activity> = {}): Promise<void> {
  await host.turns.accept(teamsMessage(host.teams.serviceUrl, CHAT, text, { id: String(at(minute).getTime()), timestamp: at(minute), ...place, ...more }));
  await host.turns.idle();
}

const reading = async (minute: number, asked: SourceRequest = { of: 'conversation' }): Promise<SourceReading> => {
  request = asked;
  await tell(minute, 'read');
  if (!read) throw new Error('Nothing was read.');
  return read;
};

test('the log of a conversation has its edits, lacks what was deleted and counts it', async () => {
  host.teams.open({ id: CHAT, type: 'groupChat' });
  await tell(1, 'We ship on Friday.');
  await tell(2, 'My salary is 90,000.');
  await tell(3, 'Ben writes the notes.');
  await tell(4, 'We ship on Monday.', { type: 'messageUpdate', id: String(at(1).getTime()) });
  await tell(5, '', { type: 'messageDelete', id: String(at(2).getTime()) });

  const { thread, from, problems } = await reading(6);
  expect(from).toEqual([{ id: 'log', kind: 'log' }]);
  expect(problems).toEqual([]);
  expect(thread).toMatchObject({ title: 'Launch', kind: 'chat', omitted: [{ reason: 'deleted', count: 1 }] });
  expect(thread.messages.map(({ text }) => text).slice(0, 2)).toEqual(['We ship on Monday.', 'Ben writes the notes.']);
  expect(thread.messages[0]?.editedAt).toMatch(/^\d{4}-/);
  expect(thread.messages[0]?.url).toContain(`/l/message/${encodeURIComponent(CHAT)}/`);
  const store = JSON.stringify(await host.database.query('SELECT * FROM deleted_messages'));
  expect(store).not.toMatch(/salary|ada/i);
});

test('what its author takes back is there again and not counted', async () => {
  await tell(7, 'My salary is a secret.', { type: 'messageUpdate', id: String(at(2).getTime()), channelData: { eventType: 'undeleteMessage', tenant: { id: 'tenant' } } });
  const { thread } = await reading(8);
  expect(thread.omitted).toBeUndefined();
  expect(thread.messages.some(({ text }) => text === 'My salary is a secret.')).toBe(true);
});

test('a time range and a limit end the reading, and it is told that there is more before', async () => {
  const range = await reading(9, { of: 'conversation', since: at(3).toISOString(), until: at(4).toISOString() });
  expect(range.thread.messages.map(({ text }) => text)).toEqual(['Ben writes the notes.']);
  expect(range.thread.hasEarlier).toBeUndefined();
  const newest = await reading(10, { of: 'conversation', limit: 2 });
  expect(newest.thread.messages).toHaveLength(2);
  expect(newest.thread.hasEarlier).toBe(true);
});
