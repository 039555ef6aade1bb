import { MAX_ANNOUNCEMENT_BYTES } from '../../../state/database';
import { createDirectLineStore } from '../../../state/directLine';
import { message, openStream, SECRET, startDirectLine, type RunningDirectLine } from '../../helpers/directLine';
import { startPostgres, type PostgresServer } from '../../helpers/postgres';

/** Two processes' worth of services on one store: a balancer sends each request to either. */
let server: PostgresServer;
let first: RunningDirectLine;
let second: RunningDirectLine;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());
beforeEach(async () => {
  const file = await server.databaseUrl();
  [first, second] = [await startDirectLine({ file }), await startDirectLine({ file })];
});
afterEach(() => Promise.all([first.stop(), second.stop()]));

const bearer = SECRET;
const start = async (service = first) => (await service.call('POST', '/conversations', { bearer })).json;
const post = (service: RunningDirectLine, conversationId: string, text: string, more: object = {}) =>
  service.call('POST', `/conversations/${conversationId}/activities`, { bearer, json: message(text, more) });
const texts = (stream: Awaited<ReturnType<typeof openStream>>) => stream.activities().map(({ text }) => text);

test('a stream of one replica shows what is said at the other, in order and once', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  const said = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  for (const [index, text] of said.entries()) await post(index % 2 === 0 ? second : first, conversationId, text);
  await stream.until(() => texts(stream).length >= 41);
  expect(texts(stream)).toEqual(['Welcome', ...said.flatMap((text) => [text, text])]);
});

test('a client knows the id of its activity before it comes back by the other replica', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  await stream.until(() => texts(stream).length === 1);
  for (let index = 0; index < 5; index++) {
    const { json } = await post(second, conversationId, 'mine');
    expect(stream.activities().map(({ id }) => id)).not.toContain(json.id);
    await stream.until(() => texts(stream).length === 3 + 2 * index); // the reply too: a stream that reads on reads all there is
  }
});

test('typing and chunks of a stream are shown at once at every replica; a chunk that is too large is left out elsewhere', async () => {
  const { conversationId, streamUrl } = await start();
  const { streamUrl: streamUrlOfSecond } = (await second.call('GET', `/conversations/${conversationId}?watermark=0`, { bearer })).json;
  const streams = [await openStream(streamUrl), await openStream(streamUrlOfSecond)] as const;
  for (const stream of streams) await stream.until(() => texts(stream).includes('Welcome'));
  const { connector } = second.directLine;
  const chunk = (text: string, streamSequence: number, streamId?: string) => ({ type: 'typing', text, channelData: { streamType: 'streaming', streamSequence, streamId } });
  const streamId = await connector.send(conversationId, chunk('Hel', 1));
  await connector.send(conversationId, chunk('Hello', 2, streamId));
  for (const stream of streams) await stream.until(() => texts(stream).includes('Hello'));
  await connector.send(conversationId, chunk('x'.repeat(MAX_ANNOUNCEMENT_BYTES + 1), 3, streamId));
  await connector.send(conversationId, { type: 'message', text: 'Hello there', channelData: { streamType: 'final', streamId } });
  for (const stream of streams) await stream.until(() => texts(stream).includes('Hello there'));
  expect(texts(streams[0])).toEqual(['Welcome', 'Hel', 'Hello', 'Hello there']);
  expect(texts(streams[1])).toEqual(['Welcome', 'Hel', 'Hello', 'x'.repeat(MAX_ANNOUNCEMENT_BYTES + 1), 'Hello there']);
});

test('a post that is repeated at the other replica at the same time is kept once, under one id', async () => {
  const { conversationId } = await start();
  for (let round = 0; round < 10; round++) {
    const copy = { channelData: { clientActivityID: `copy-${round}` } };
    const answers = await Promise.all([first, second, first, second].map((service) => post(service, conversationId, `round ${round}`, copy)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
  }
  const { json } = await second.call('GET', `/conversations/${conversationId}/activities`, { bearer });
  const mine = json.activities.filter(({ from }: { from: { role: string } }) => from.role === 'user').map(({ text }: { text: string }) => text);
  expect(mine).toEqual(Array.from({ length: 10 }, (_, round) => `round ${round}`));
});

test('a post that a replica kept and could not hand to the bot any more is answered when its client comes back, once', async () => {
  const { conversationId } = await start();
  const store = createDirectLineStore(first.database);
  await store.append(conversationId, {
    isDelivered: false,
    toJson: (id) => JSON.stringify({ type: 'message', id, text: 'interrupted', timestamp: new Date().toISOString(), from: { id: 'user', role: 'user' }, conversation: { id: conversationId } }),
  });
  const { streamUrl } = (await second.call('GET', `/conversations/${conversationId}?watermark=0`, { bearer })).json;
  const stream = await openStream(streamUrl);
  await stream.until(() => texts(stream).filter((text) => text === 'interrupted').length === 2);
  const again = await openStream(streamUrl);
  await again.until(() => texts(again).length === 3);
  await post(second, conversationId, 'next');
  await again.until(() => texts(again).length >= 5);
  expect(texts(again)).toEqual(['Welcome', 'interrupted', 'interrupted', 'next', 'next']);
});

test('tokens of one replica are good at the other', async () => {
  const { token, conversationId } = await first.directLine.issueToken({});
  expect((await second.call('POST', '/conversations', { bearer: token })).json).toMatchObject({ conversationId });
});

test('a stream stays open while the store restarts, and then shows what was said', async () => {
  const { conversationId, streamUrl } = await start();
  const stream = await openStream(streamUrl);
  await stream.until(() => texts(stream).includes('Welcome'));
  await server.kill();
  const during = postUntilKept(second, conversationId, 'during');
  await server.restart();
  await during;
  await stream.until(() => texts(stream).filter((text) => text === 'during').length === 2);
  await post(first, conversationId, 'after');
  await stream.until(() => texts(stream).length >= 5);
  expect(texts(stream)).toEqual(['Welcome', 'during', 'during', 'after', 'after']);
});

/** As Web Chat does it: a post that is refused is repeated, and known by its mark. */
async function postUntilKept(service: RunningDirectLine, conversationId: string, text: string): Promise<void> {
  let status = 0;
  while (status !== 200) ({ status } = await post(service, conversationId, text, { channelData: { clientActivityID: text } }));
}
