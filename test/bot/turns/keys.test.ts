import type { Activity } from 'botbuilder';
import { botKey, conversationKey, userKey } from '../../../bot/turns/keys';

const activity = (more: object = {}): Partial<Activity> => ({
  channelId: 'msteams',
  recipient: { id: '28:bot', name: 'Parley' },
  from: { id: '29:ada', name: 'Ada', aadObjectId: 'ada' },
  conversation: { id: '19:c', tenantId: 'one' },
  ...more,
} as unknown as Partial<Activity>); // a test states what a channel sends, which is less than the SDK's type asks for

test('the same ids in two tenants are two conversations and two people', () => {
  const other = activity({ conversation: { id: '19:c', tenantId: 'two' } });
  expect(conversationKey(other)).not.toBe(conversationKey(activity()));
  expect(userKey(other)).not.toBe(userKey(activity()));
});

test('events that name the tenant in channelData alone belong to the same conversation', () => {
  const event = activity({ conversation: { id: '19:c' }, channelData: { tenant: { id: 'one' } } });
  expect([conversationKey(event), userKey(event), botKey(event)]).toEqual([conversationKey(activity()), userKey(activity()), botKey(activity())]);
});

test.each([[{ tenant: null }], [{ tenant: { id: 7 } }], ['text'], [null]])('channelData %j names no tenant', (channelData) => {
  expect(conversationKey(activity({ conversation: { id: '19:c' }, channelData }))).toBe('28:bot|msteams||19:c');
});

test('no id can look like two', () => {
  const one = activity({ conversation: { id: 'b|c', tenantId: 'a' } });
  const other = activity({ conversation: { id: 'c', tenantId: 'a|b' } });
  const escaped = activity({ conversation: { id: 'b%7Cc', tenantId: 'a' } });
  expect(new Set([one, other, escaped].map(conversationKey)).size).toBe(3);
});

test('a directory id counts in Teams alone: a web page could claim anybody’s', () => {
  const claimed = { channelId: 'directline', conversation: { id: 'c' }, from: { id: 'dl_me', aadObjectId: 'dl_victim' } };
  const victim = { channelId: 'directline', conversation: { id: 'c' }, from: { id: 'dl_victim' } };
  expect(userKey(activity(claimed))).not.toBe(userKey(activity(victim)));
});
