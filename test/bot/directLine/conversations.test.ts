import { gzipSync } from 'node:zlib';
import type { Activity } from 'botbuilder';
import { message, SECRET, startDirectLine, type RunningDirectLine } from '../../helpers/directLine';

let service: RunningDirectLine;
let failure: Error | undefined;
beforeAll(async () => {
  service = await startDirectLine({ deliver: () => (failure ? Promise.reject(failure) : Promise.resolve()) });
});
afterAll(() => service.stop());
beforeEach(() => void (failure = undefined));

const bearer = SECRET;
const start = async (json?: object) => (await service.call('POST', '/conversations', { bearer, json })).json;
const post = (conversationId: string, json: unknown) => service.call('POST', `/conversations/${conversationId}/activities`, { bearer, json });
const history = async (conversationId: string, watermark = '') =>
  (await service.call('GET', `/conversations/${conversationId}/activities?watermark=${watermark}`, { bearer })).json;

test('the first start gives 201 with a stream, the second 200 for the same conversation', async () => {
  const { json: { token, conversationId } } = await service.call('POST', '/tokens/generate', { bearer });
  const first = await service.call('POST', '/conversations', { bearer: token });
  expect(first.status).toBe(201);
  expect(first.json).toEqual({ conversationId, token: expect.any(String), expires_in: 1800, streamUrl: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/v3\/directline\/conversations\/[\w-]+\/stream\?watermark=0&t=/) });
  const second = await service.call('POST', '/conversations', { bearer: token });
  expect(second.status).toBe(200);
  expect(second.json.conversationId).toBe(conversationId);
  expect(service.delivered.filter((activity) => activity.conversation.id === conversationId)).toHaveLength(1);
});

test('the bot hears of the start with members and locale, clients do not', async () => {
  const { conversationId } = await start({ user: { id: 'u_1', name: 'Una' }, locale: 'zh-CN' });
  const update = service.delivered.at(-1);
  expect(update).toMatchObject({
    type: 'conversationUpdate', channelId: 'directline', serviceUrl: 'urn:parley:directline', locale: 'zh-CN',
    conversation: { id: conversationId }, recipient: { id: 'bot' }, from: { id: 'u_1', name: 'Una' },
    membersAdded: [{ id: 'bot' }, { id: 'u_1', name: 'Una' }],
  });
  expect((await history(conversationId)).activities).toEqual([]);
});

test('a locale that is none is ignored', async () => {
  await start({ locale: { x: 'test' } });
  expect(service.delivered.at(-1)).not.toHaveProperty('locale');
});

test('a conversation starts even when the bot fails to greet', async () => {
  failure = new Error('down');
  expect((await service.call('POST', '/conversations', { bearer })).status).toBe(201);
});

test('an activity reaches the bot as one of the channel', async () => {
  const { conversationId } = await start();
  const { status, json } = await post(conversationId, message('hello', { locale: 'de-AT', recipient: { id: 'x' }, serviceUrl: 'https://evil.example', channelId: 'msteams', callerId: 'x', value: { a: 1 } }));
  expect([status, json]).toEqual([200, { id: `${conversationId}|0000001` }]);
  const got = service.messages().at(-1);
  expect(got).toEqual({
    type: 'message', text: 'hello', locale: 'de-AT', value: { a: 1 }, id: json.id, timestamp: expect.any(Date), channelId: 'directline',
    serviceUrl: 'urn:parley:directline', conversation: { id: conversationId }, from: { id: 'user', role: 'user' }, recipient: { id: 'bot', role: 'bot' },
  });
});

test('clients read their own activities and go on from a watermark', async () => {
  const { conversationId } = await start();
  await post(conversationId, message('one', { channelData: { clientActivityID: 'c1' } }));
  const first = await history(conversationId);
  expect(first).toEqual({ watermark: '1', activities: [expect.objectContaining({ text: 'one', channelData: { clientActivityID: 'c1' }, from: { id: 'user', role: 'user' }, conversation: { id: conversationId } })] });
  await post(conversationId, message('two'));
  expect((await history(conversationId, '1')).activities.map(({ text }: Activity) => text)).toEqual(['two']);
  expect(await history(conversationId, '2')).toEqual({ activities: [], watermark: '2' });
  expect((await history(conversationId, '-')).activities).toHaveLength(2);
  expect(await history(conversationId, '999')).toEqual({ activities: [], watermark: '2' });
});

test('long histories come in pages until there is nothing more', async () => {
  const { conversationId } = await start();
  for (let index = 0; index < 130; index++) await service.directLine.connector.send(conversationId, { type: 'message', text: String(index) });
  const texts: string[] = [];
  for (let page = await history(conversationId); page.activities.length > 0; page = await history(conversationId, page.watermark)) {
    texts.push(...page.activities.map(({ text }: Activity) => text));
  }
  expect(texts).toEqual([...Array(130).keys()].map(String));
});

test('typing goes to the bot and is never read again', async () => {
  const { conversationId } = await start();
  const { status, json } = await post(conversationId, { type: 'typing', from: { id: 'user' } });
  expect([status, typeof json.id]).toEqual([200, 'string']);
  expect(service.delivered.at(-1)).toMatchObject({ type: 'typing' });
  expect((await history(conversationId)).activities).toEqual([]);
});

test('a repeated post gives the first id and is delivered once', async () => {
  const { conversationId } = await start();
  const activity = message('again', { channelData: { clientActivityID: 'same' } });
  const answers = await Promise.all([post(conversationId, activity), post(conversationId, activity)]);
  answers.push(await post(conversationId, activity));
  expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
  expect(service.messages().filter(({ text }) => text === 'again')).toHaveLength(1);
  expect((await history(conversationId)).activities).toHaveLength(1);
});

test('the same client id of another user is another activity', async () => {
  const { conversationId } = await start();
  const from = (id: string) => post(conversationId, message('x', { from: { id }, channelData: { clientActivityID: 'same' } }));
  expect((await from('a')).json.id).not.toBe((await from('b')).json.id);
});

test('a failing bot gives 502, and the repeated post is delivered with the same id', async () => {
  const { conversationId } = await start();
  const activity = message('retry me', { channelData: { clientActivityID: 'r' } });
  failure = new Error('secret detail');
  const failed = await post(conversationId, activity);
  expect([failed.status, failed.json]).toEqual([502, { error: { code: 'BotError', message: 'Failed to send activity: bot returned an error' } }]);
  failure = undefined;
  const { status, json } = await post(conversationId, activity);
  expect(status).toBe(200);
  expect(service.messages().filter(({ text }) => text === 'retry me').map(({ id }) => id)).toEqual([json.id, json.id]);
  expect((await history(conversationId)).activities).toHaveLength(1);
});

test.each([
  ['Latin', 'x'.repeat(100_000), JSON.stringify],
  ['Chinese, 300 KB', '会议纪要很长。'.repeat(15_000).slice(0, 100_000), JSON.stringify],
  ['Chinese, escaped', '会议纪要很长。'.repeat(15_000).slice(0, 100_000), escapedJson],
])('100,000 characters arrive whole: %s', async (_, text, toJson) => {
  const { conversationId } = await start();
  const sent = await service.call('POST', `/conversations/${conversationId}/activities`, { bearer, body: toJson(message(text)) });
  expect(sent.status).toBe(200);
  expect(service.messages().at(-1)?.text).toBe(text);
  expect((await history(conversationId)).activities.at(-1)?.text).toBe(text);
});

/** As clients in other languages write JSON: six bytes for each character outside ASCII. */
function escapedJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

test.each([
  ['no body', {}, 400, 'MissingProperty'],
  ['broken JSON', { body: '{"type":' }, 400, 'BadArgument'],
  ['a list', { json: [] }, 400, 'BadArgument'],
  ['no type', { json: { text: 'x', from: { id: 'u' } } }, 400, 'MissingProperty'],
  ['no sender', { json: { type: 'message', text: 'x' } }, 400, 'MissingProperty'],
  ['text that is none', { json: message('x', { text: 5 }) }, 400, 'BadArgument'],
  ['attachments that are none', { json: message('x', { attachments: 'file' }) }, 400, 'BadArgument'],
  ['a pretended conversationUpdate', { json: { type: 'conversationUpdate', from: { id: 'u' } } }, 400, 'BadArgument'],
  ['a body over 1 MB', { json: message('x'.repeat(1_100_000)) }, 413, 'MessageSizeTooBig'],
  ['a compressed body', { body: gzipSync(JSON.stringify(message('x'))), headers: { 'content-encoding': 'gzip' } }, 415, 'BadArgument'],
])('%s is refused in the shape of the service', async (_, call, status, code) => {
  const { conversationId } = await start();
  const before = service.delivered.length;
  const answer = await service.call('POST', `/conversations/${conversationId}/activities`, { bearer, ...call });
  expect([answer.status, answer.json]).toEqual([status, { error: { code, message: expect.any(String) } }]);
  expect(service.delivered).toHaveLength(before);
});

test.each([
  ['GET', '/conversations/unknown'], ['GET', '/conversations/unknown/activities'], ['GET', '/nothing'], ['PUT', '/conversations'],
  ['GET', '/attachments/unknown/unknown'],
])('%s %s gives 404 in the shape of the service', async (method, path) => {
  const answer = await service.call(method, path, { bearer });
  expect([answer.status, Object.keys(answer.json.error)]).toEqual([404, ['code', 'message']]);
});

test('posting to a conversation that never began gives 404', async () => {
  expect((await post('unknown', message('x'))).status).toBe(404);
});

test('an invalid watermark gives 400', async () => {
  const { conversationId } = await start();
  expect((await service.call('GET', `/conversations/${conversationId}/activities?watermark=abc`, { bearer })).status).toBe(400);
});

test('forgetting a conversation empties it and lets it go on', async () => {
  const { conversationId } = await start();
  await post(conversationId, message('forget this'));
  await service.directLine.forget(conversationId);
  expect((await history(conversationId)).activities).toEqual([]);
  expect((await post(conversationId, message('next'))).json.id).toBe(`${conversationId}|0000002`);
});

test('the session id is the same for the same conversation', async () => {
  const { token } = (await service.call('POST', '/tokens/generate', { bearer })).json;
  const read = async () => (await service.call('GET', '/session/getsessionid', { bearer: token })).json;
  expect(await read()).toEqual({ sessionId: expect.any(String) });
  expect(await read()).toEqual(await read());
});
