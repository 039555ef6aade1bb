import { ConnectorError } from '../../../bot/connector/connector';
import { message, openStream, SECRET, startDirectLine, type RunningDirectLine } from '../../helpers/directLine';

let service: RunningDirectLine;
beforeEach(async () => void (service = await startDirectLine({ deliver: () => Promise.resolve() })));
afterEach(() => service.stop());

const bearer = SECRET;
const start = async () => (await service.call('POST', '/conversations', { bearer, json: { user: { id: 'u_1', name: 'Una' } } })).json;
const history = async (conversationId: string, watermark = '') =>
  (await service.call('GET', `/conversations/${conversationId}/activities?watermark=${watermark}`, { bearer })).json;

test('the same outbox id twice sends one activity and gives the first id', async () => {
  const { conversationId } = await start();
  const { connector } = service.directLine;
  const reply = { type: 'message', text: 'once', channelData: { outboxId: 'o-1', kept: true } };
  const ids = await Promise.all([connector.send(conversationId, reply), connector.send(conversationId, { ...reply, text: 'twice' })]);
  expect(ids).toEqual([`${conversationId}|0000001`, `${conversationId}|0000001`]);
  expect((await history(conversationId)).activities).toEqual([expect.objectContaining({ text: 'once', channelData: { kept: true }, from: { id: 'bot', role: 'bot' } })]);
});

test('every property of a reply reaches the client', async () => {
  const { conversationId } = await start();
  const entities = [{ type: 'https://schema.org/Message', '@id': '', citation: [{ position: 1 }] }];
  const suggestedActions = { to: [], actions: [{ type: 'imBack', title: 'a', value: 'a' }] };
  await service.directLine.connector.send(conversationId, { type: 'message', text: 'x', entities, suggestedActions, serviceUrl: 'urn:x', inputHint: 'expectingInput' });
  const [activity] = (await history(conversationId)).activities;
  expect(activity).toMatchObject({ entities, suggestedActions, inputHint: 'expectingInput', channelId: 'directline', conversation: { id: conversationId } });
  expect(activity).not.toHaveProperty('serviceUrl');
});

test('an update shows the new activity in place of the old one, live and in the history', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  const { connector } = service.directLine;
  const id = await connector.send(conversationId, { type: 'message', text: 'working on it' });
  await connector.send(conversationId, { type: 'message', text: 'next' });
  const before = await history(conversationId);
  await connector.update(conversationId, id, { type: 'message', text: 'the answer' });
  await stream.until(() => stream.activities().some(({ text }) => text === 'the answer'));
  expect(stream.activities().at(-1)).toMatchObject({ id, text: 'the answer', timestamp: before.activities[0].timestamp });
  expect((await history(conversationId, before.watermark)).activities.map(({ text }: { text: string }) => text)).toEqual(['the answer']);
  expect((await history(conversationId)).activities.map(({ text }: { text: string }) => text)).toEqual(['next', 'the answer']);
});

test('a deleted activity leaves the history and is told to open streams', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  const id = await service.directLine.connector.send(conversationId, { type: 'message', text: 'oops' });
  await service.directLine.connector.delete(conversationId, id);
  await stream.until(() => stream.activities().some(({ type }) => type === 'messageDelete'));
  expect(stream.activities().at(-1)).toMatchObject({ type: 'messageDelete', id });
  expect(await history(conversationId)).toEqual({ activities: [], watermark: '2' });
});

test('members are the user of the conversation', async () => {
  const { conversationId } = await start();
  const una = { id: 'u_1', name: 'Una', role: 'user' };
  expect(await service.directLine.connector.members(conversationId)).toEqual([una]);
  expect(await service.directLine.connector.member(conversationId, 'u_1')).toEqual(una);
});

test('the bot opens a conversation that the holder of the secret can read', async () => {
  const conversationId = await service.directLine.connector.createConversation({ members: [{ id: 'u_2', name: '' }] });
  await service.directLine.connector.send(conversationId, { type: 'message', text: 'hello' });
  expect((await history(conversationId)).activities).toHaveLength(1);
});

test('what clients never get is not kept', async () => {
  const { conversationId } = await start();
  for (const type of ['trace', 'typing', 'conversationUpdate']) await service.directLine.connector.send(conversationId, { type });
  expect((await history(conversationId)).activities).toEqual([]);
});

test('what is not there is gone', async () => {
  const { conversationId } = await start();
  const { connector } = service.directLine;
  const attempts = [
    () => connector.send('unknown', message('x') as object), () => connector.update(conversationId, `${conversationId}|0000009`, {}),
    () => connector.delete(conversationId, 'not ours'), () => connector.members('unknown'), () => connector.member(conversationId, 'nobody'),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ name: 'ConnectorError', code: 'gone' });
  await expect(connector.meeting('m')).rejects.toBeInstanceOf(ConnectorError);
});

test('a stream that is begun anew for the same message goes on in the place of the first', async () => {
  const { conversationId } = await start();
  const { connector } = service.directLine;
  const begin = (replyToId: string) => connector.send(conversationId, { type: 'typing', text: 'Hel', replyToId, channelData: { streamType: 'streaming', streamSequence: 1 } });
  const [first, again, other] = [await begin('m-1'), await begin('m-1'), await begin('m-2')];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  const next = await connector.send(conversationId, { type: 'typing', text: 'Hello', replyToId: 'm-1', channelData: { streamType: 'streaming', streamSequence: 2, streamId: first } });
  expect(next).not.toBe(first);
});
