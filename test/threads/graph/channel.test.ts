import { readChannel, type ChannelRequest } from '../../../threads/graph/channel';
import { deletedMessage, graphMessage, people, quotingMessage } from '../../helpers/graphMessages';
import { context, patience, startReading, TENANT, type Reading } from './reading';

let reading: Reading;
beforeEach(async () => {
  reading = await startReading({}, { expandedReplies: 3 });
});
afterEach(() => reading.close());

const minute = (index: number): string => new Date(Date.UTC(2026, 9, 5, 9, index)).toISOString();
const teamId = '22222222-2222-4222-8222-222222222222';
const channelId = '19:general@thread.tacv2';
const root = { ...graphMessage({ at: minute(0), from: people.cleo, html: '<p>Which venue do we take?</p>' }), subject: 'Venue', webUrl: `https://teams.microsoft.com/l/message/${encodeURIComponent(channelId)}/1?groupId=${teamId}&parentMessageId=1` };
const request: ChannelRequest = { tenantId: TENANT, teamId, channelId, rootId: root.id, context, limit: 5_000 };
const read = (more: Partial<ChannelRequest> = {}) => readChannel(reading.graph, { ...request, ...more }, patience());

test('a thread of three levels is read whole: the post, its replies, and replies that quote replies', async () => {
  const replies = Array.from({ length: 130 }, (_, index) => ({ ...graphMessage({ at: minute(index + 1), from: index % 2 ? people.ada : people.ben, html: `<p>Reply ${index}</p>` }), replyToId: root.id }));
  const quoting = { ...quotingMessage(minute(200), people.ada, replies[40]!, 'I agree with that one.'), replyToId: root.id };
  reading.service.addChannel({ teamId, channelId, threads: [{ root, replies: [...replies, { ...deletedMessage(minute(150)), replyToId: root.id }, quoting] }, { root: graphMessage({ at: minute(5), text: 'Another thread' }), replies: [] }] });

  const found = await read();
  expect(found.messages.map(({ text }) => text)).toEqual(['Venue\nWhich venue do we take?', ...replies.map((_, index) => `Reply ${index}`), 'I agree with that one.']);
  expect(found.messages[1]?.replyTo).toBe(root.id);
  expect(found.messages.at(-1)?.replyTo).toBe(replies[40]?.id);
  expect(found.messages[0]).not.toHaveProperty('replyTo');
  expect(found.omitted).toEqual([{ reason: 'deleted', count: 1 }]);
  expect(found.messages[0]?.url).toBe(root.webUrl);
  expect(reading.service.requests).toHaveLength(4);
  expect(reading.service.refusedForPace()).toBe(0);
});

test.each(['https://evil.example/l/message/1', 'https://teams.microsoft.com.evil.example/l/1', 'javascript:alert(1)', 'http://teams.microsoft.com@evil.example/'])('an address of a message elsewhere (%s) is not shown', async (webUrl) => {
  reading.service.addChannel({ teamId, channelId, threads: [{ root: { ...root, webUrl }, replies: [] }] });
  const found = await read();
  expect(found.messages[0]?.url).toBe(`https://teams.microsoft.com/l/message/chat/${root.id}`);
});

test('the whole channel is read with the replies that did not come along', async () => {
  const threads = Array.from({ length: 60 }, (_, index) => {
    const post = graphMessage({ at: minute(index * 10), text: `Post ${index}` });
    return { root: post, replies: Array.from({ length: index === 59 ? 70 : 2 }, (_each, reply) => ({ ...graphMessage({ at: minute(index * 10 + 1 + reply), text: `Post ${index} reply ${reply}` }), id: `${post.id}${reply}`, replyToId: post.id })) };
  });
  reading.service.addChannel({ teamId, channelId, threads });
  const found = await read({ rootId: undefined });
  expect(found.messages).toHaveLength(60 + 59 * 2 + 70);
  expect(new Set(found.messages.map(({ id }) => id)).size).toBe(found.messages.length);
  const times = found.messages.map(({ createdAt }) => createdAt ?? '');
  expect(times).toEqual(times.toSorted());
  expect(Object.fromEntries(reading.service.requests[0]?.query ?? [])).toEqual({ $top: '50', $expand: 'replies' });
});

test('a channel is read back to the time that is asked for and no further', async () => {
  const threads = Array.from({ length: 200 }, (_, index) => ({ root: graphMessage({ at: minute(index), text: `Post ${index}` }), replies: [] }));
  reading.service.addChannel({ teamId, channelId, threads });
  const found = await read({ rootId: undefined, since: minute(170) });
  expect(found.messages).toHaveLength(30);
  expect(found.hasEarlier).toBe(false);
  expect(reading.service.requests.length).toBeLessThanOrEqual(2);
});

test('without the permission, and without the thread, the reason is thrown', async () => {
  reading.service.addChannel({ teamId, channelId, threads: [], consents: ['TeamMember.Read.Group'] });
  await expect(read()).rejects.toMatchObject({ code: 'consent-missing', details: { permission: 'ChannelMessage.Read.Group' } });
  reading.service.addChannel({ teamId, channelId, threads: [] });
  await expect(read()).rejects.toMatchObject({ code: 'not-found' });
});
