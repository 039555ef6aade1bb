import { createConnection } from 'node:net';
import { message, openStream, SECRET, startDirectLine, type RunningDirectLine } from '../../helpers/directLine';

let service: RunningDirectLine;
beforeEach(async () => void (service = await startDirectLine({ keepAliveMs: 50 })));
afterEach(() => service.stop());

const bearer = SECRET;
const start = async () => (await service.call('POST', '/conversations', { bearer })).json;
const reconnect = async (conversationId: string, watermark: string) =>
  (await service.call('GET', `/conversations/${conversationId}?watermark=${watermark}`, { bearer })).json;
const post = (conversationId: string, text: string) => service.call('POST', `/conversations/${conversationId}/activities`, { bearer, json: message(text) });
const texts = (stream: Awaited<ReturnType<typeof openStream>>) => stream.activities().map(({ text }) => text);

test('the first stream has everything since the start, in order, with watermarks', async () => {
  const { conversationId, streamUrl } = await start();
  await post(conversationId, 'one');
  const stream = await openStream(streamUrl);
  await post(conversationId, 'two');
  await stream.until(() => texts(stream).length === 5);
  expect(texts(stream)).toEqual(['Welcome', 'one', 'one', 'two', 'two']);
  expect(stream.sets().at(-1)).toEqual({ activities: expect.any(Array), watermark: '5' });
});

test('after a cut, the watermark brings what was missed, exactly once', async () => {
  const { conversationId, streamUrl } = await start();
  const first = await openStream(streamUrl);
  await first.until(() => texts(first).includes('Welcome'));
  first.socket.terminate();
  await post(conversationId, 'missed');
  const again = await reconnect(conversationId, first.sets().at(-1).watermark);
  expect(again).toEqual({ conversationId, token: expect.any(String), streamUrl: expect.stringContaining('watermark=1&') });
  const second = await openStream(again.streamUrl);
  await post(conversationId, 'later');
  await second.until(() => texts(second).length === 4);
  expect(texts(second)).toEqual(['missed', 'missed', 'later', 'later']);
});

test('without a watermark only later messages come', async () => {
  const { conversationId } = await start();
  await post(conversationId, 'before');
  const stream = await openStream((await reconnect(conversationId, '')).streamUrl);
  await post(conversationId, 'after');
  await stream.until(() => texts(stream).length === 2);
  expect(texts(stream)).toEqual(['after', 'after']);
});

test('every tab gets everything', async () => {
  const { conversationId, streamUrl } = await start();
  const tabs = [await openStream(streamUrl), await openStream(streamUrl), await openStream((await reconnect(conversationId, '0')).streamUrl)];
  await post(conversationId, 'hi');
  for (const tab of tabs) {
    await tab.until(() => texts(tab).length === 3);
    expect(texts(tab)).toEqual(['Welcome', 'hi', 'hi']);
  }
});

test('typing and stream chunks come live, in order, and are not replayed', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  await stream.until(() => texts(stream).length === 1);
  const { connector } = service.directLine;
  const streamId = await connector.send(conversationId, { type: 'typing', text: 'Once', channelData: { streamType: 'streaming', streamSequence: 1 } });
  await connector.send(conversationId, { type: 'typing', text: 'Once upon', channelData: { streamType: 'streaming', streamSequence: 2, streamId } });
  await connector.send(conversationId, { type: 'message', text: 'Once upon a time', channelData: { streamType: 'final', streamId } });
  await stream.until(() => texts(stream).length === 4);
  expect(texts(stream)).toEqual(['Welcome', 'Once', 'Once upon', 'Once upon a time']);
  expect(stream.activities()[1]).toMatchObject({ id: streamId, from: { id: 'bot', role: 'bot' }, channelData: { streamSequence: 1 } });
  const replay = await openStream((await reconnect(conversationId, '0')).streamUrl);
  await replay.until(() => texts(replay).length === 2);
  expect(texts(replay)).toEqual(['Welcome', 'Once upon a time']);
});

test('a stream that begins and ends while its question is held back shows only its end: no chunk comes after it', async () => {
  const quick = await startDirectLine({
    deliver: async ({ conversation, type }) => {
      if (type !== 'message') return;
      const streamId = await quick.directLine.connector.send(conversation.id, { type: 'typing', text: 'Reading', channelData: { streamType: 'informative', streamSequence: 1 } });
      await quick.directLine.connector.send(conversation.id, { type: 'message', text: 'Read', channelData: { streamType: 'final', streamId } });
    },
  });
  const { conversationId, streamUrl } = (await quick.call('POST', '/conversations', { bearer })).json;
  const stream = await openStream(streamUrl);
  for (const question of ['one', 'two', 'three']) {
    await quick.call('POST', `/conversations/${conversationId}/activities`, { bearer, json: message(question) });
  }
  await stream.until(() => texts(stream).filter((text) => text === 'Read').length === 3);
  const shown = stream.activities().filter(({ text }) => text === 'Reading' || text === 'Read').map(({ text }) => text);
  expect(shown.join(' ')).toMatch(/^((Reading )?Read ?)+$/);
  await quick.stop();
});

test('a client knows the id of its activity before the activity comes back', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  await stream.until(() => texts(stream).length === 1);
  for (let index = 0; index < 5; index++) {
    const { json } = await post(conversationId, 'mine');
    expect(stream.activities().map(({ id }) => id)).not.toContain(json.id);
    await stream.until(() => stream.activities().some(({ id }) => id === json.id));
  }
});

test('an idle stream gets empty messages and stays open; the client\'s own are ignored', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  stream.socket.send('');
  await stream.until(() => stream.frames.filter((frame) => frame === '').length >= 4);
  await post(conversationId, 'still here');
  await stream.until(() => texts(stream).includes('still here'));
});

test('a client that no longer answers is cut', async () => {
  const { streamUrl } = await start();
  const stream = await openStream(streamUrl, { autoPong: false });
  expect(await stream.closed).toBe(1006);
});

test('a client that does not read is cut and does not hold back others', async () => {
  await service.stop();
  service = await startDirectLine({ keepAliveMs: 2_000 }); // a machine that is busy answers later than others
  const { conversationId, streamUrl } = await start();
  const slow = await openStream(streamUrl);
  slow.socket.pause();
  const quick = await openStream(streamUrl);
  for (let index = 0; index < 60; index++) {
    await service.directLine.connector.send(conversationId, { type: 'message', text: 'x'.repeat(200_000) });
  }
  await quick.until(() => texts(quick).length === 61);
  await new Promise((resolve) => setTimeout(resolve, 4_500)); // two keep-alives
  slow.socket.resume();
  expect(await slow.closed).toBe(1006);
});

test('a client that sends more than keep-alives is cut', async () => {
  const { streamUrl } = await start();
  const stream = await openStream(streamUrl);
  stream.socket.send('x'.repeat(5_000));
  expect(await stream.closed).toBe(1009);
});

test('the number of streams of a conversation is bounded', async () => {
  const { streamUrl } = await start();
  for (let index = 0; index < 16; index++) await openStream(streamUrl);
  await expect(openStream(streamUrl)).rejects.toThrow('429');
});

test.each([
  ['no token', (url: string) => url.replace(/&t=.*/, ''), '401'],
  ['a forged token', (url: string) => `${url}x`, '403'],
  ['another conversation', (url: string) => url.replace(/conversations\/[\w-]+/, 'conversations/other'), '403'],
  ['another path', (url: string) => url.replace('/stream', '/streams'), '404'],
  ['a path outside the service', (url: string) => url.replace('/v3/directline', '/v3/other'), '404'],
])('a stream with %s is refused', async (_, change, status) => {
  const { streamUrl } = await start();
  await expect(openStream(change(streamUrl))).rejects.toThrow(status);
});

test('a handshake that breaks off does no harm', async () => {
  const { streamUrl } = await start();
  const { host, port, hostname, pathname, search } = new URL(streamUrl);
  const socket = createConnection(Number(port), hostname);
  socket.end(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  await new Promise((resolve) => socket.on('close', resolve).resume());
  await (await openStream(streamUrl)).close();
});

test('closing the service closes streams with 1001', async () => {
  const { streamUrl } = await start();
  const stream = await openStream(streamUrl);
  await service.directLine.close();
  expect(await stream.closed).toBe(1001);
});
