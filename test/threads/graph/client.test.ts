import { z } from 'zod';
import type { SourceError } from '../../../threads/error';
import type { GraphRequest } from '../../../threads/graph/client';
import { chatLane } from '../../../threads/graph/pace';
import { graphMessage } from '../../helpers/graphMessages';
import { startHttpServer, type RecordedRequest, type ServerAnswer } from '../../helpers/httpServer';
import { patience, startReading, TENANT, type Reading } from './reading';

const chatId = '19:chat@thread.v2';
const request: GraphRequest = { tenantId: TENANT, path: `/chats/${encodeURIComponent(chatId)}/messages?$top=50`, lane: chatLane(TENANT, chatId), permission: 'ChatMessage.Read.Chat' };

let reading: Reading;
beforeEach(async () => {
  reading = await startReading();
  reading.service.addChat({ id: chatId, messages: Array.from({ length: 120 }, (_, index) => graphMessage({ at: new Date(Date.UTC(2026, 9, 5, 9, index)).toISOString(), text: `m${index}` })) });
});
afterEach(() => reading.close());

async function readAll(graph = reading.graph, signal = patience()): Promise<number> {
  let count = 0;
  for await (const page of graph.pages(request, signal)) count += page.length;
  return count;
}

const throttled = (retryAfter?: string): ServerAnswer => ({ status: 429, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter }, body: { error: { code: 'TooManyRequests', message: 'x' } } });

test('a refusal for the pace is repeated when Graph says so, and not before', async () => {
  reading.service.failNext([throttled('7'), throttled('3')]);
  await expect(readAll()).resolves.toBe(120);
  expect(reading.clock.waits.slice(0, 2)).toEqual([7_000, 3_000]);
});

test('who was told to wait longer than people do says so at once, and asks nothing until then', async () => {
  reading.service.failNext([throttled('600')]);
  await expect(readAll()).rejects.toMatchObject({ code: 'throttled', details: { retryAfterMs: 600_000 } });
  const { length } = reading.service.requests;
  await expect(readAll()).rejects.toMatchObject({ code: 'throttled' });
  expect(reading.service.requests).toHaveLength(length);
});

test('a date in place of seconds is understood', async () => {
  reading.service.failNext([throttled(new Date(Date.now() + 10 * 60_000).toUTCString())]);
  const failure: unknown = await readAll().catch((error: unknown) => error);
  expect((failure as SourceError).details.retryAfterMs).toBeGreaterThan(9 * 60_000);
});

test.each<[string, ServerAnswer]>([
  ['a gateway that gives up', { status: 504, text: '<html>' }],
  ['a service that is down', { status: 503, body: {} }],
  ['a connection that breaks', 'drop'],
])('%s is asked again, up to four times', async (_fault, answer) => {
  reading.service.failNext([answer, answer, answer]);
  await expect(readAll()).resolves.toBe(120);
  reading.service.failNext([answer, answer, answer, answer]);
  await expect(readAll()).rejects.toMatchObject({ code: 'unavailable' });
});

test('a refusal that will not change is not repeated', async () => {
  reading.service.failNext([{ status: 403, body: { error: { code: 'Forbidden', message: 'no' } } }]);
  await expect(readAll()).rejects.toMatchObject({ code: 'consent-missing', details: { permission: 'ChatMessage.Read.Chat' } });
  expect(reading.service.requests).toHaveLength(1);
});

test.each<[number, string, string | undefined, string]>([
  [400, 'BadRequest', undefined, 'not-found'],
  [403, 'Forbidden', 'GraphAccessToTranscriptsDisabled', 'transcripts-disabled'],
  [403, 'Forbidden', 'SpeakerAttributionNotAllowed', 'speakers-hidden'],
  [404, 'NotFound', undefined, 'not-found'],
  [410, 'Gone', undefined, 'not-found'],
])('%i %s (%s) means %s', async (status, code, innerCode, expected) => {
  reading.service.failNext([{ status, body: { error: { code, message: 'x', innerError: { code: innerCode } } } }]);
  await expect(readAll()).rejects.toMatchObject({ code: expected });
});

test('a token that was withdrawn is replaced once', async () => {
  const tokens = ['old', 'new'];
  const other = await startReading({ token: async (_tenant, refused) => (refused === 'old' ? 'new' : tokens[0] ?? '') });
  try {
    other.service.addChat({ id: chatId });
    other.service.failNext([{ status: 401, body: {} }]);
    await expect(readAll(other.graph)).resolves.toBe(0);
    expect(other.service.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    other.service.failNext([{ status: 401, body: {} }, { status: 401, body: {} }]);
    await expect(readAll(other.graph)).rejects.toMatchObject({ code: 'unauthorized' });
  } finally {
    await other.close();
  }
});

describe('links that lead elsewhere', () => {
  let elsewhere: Awaited<ReturnType<typeof startHttpServer>>;
  const caught: RecordedRequest[] = [];
  beforeAll(async () => {
    elsewhere = await startHttpServer((received) => {
      caught.push(received);
      return { status: 200, body: { value: [] } };
    });
  });
  afterAll(() => elsewhere.close());

  test.each([
    () => `${elsewhere.url}/v1.0/chats`,
    () => reading.service.url.replace('http://', 'http://user@'),
    () => `${reading.service.url}@${new URL(elsewhere.url).host}/v1.0/`,
    () => `${reading.service.url}.${new URL(elsewhere.url).host}/v1.0/`,
    () => `${reading.service.url}\\@${new URL(elsewhere.url).host}/v1.0/`,
    () => reading.service.url.replace('http:', 'https:'),
    () => `${reading.service.url}/v1.0`,
    () => 'http://169.254.169.254/metadata/identity/oauth2/token',
    () => 'file:///etc/passwd',
    () => '//evil.example/v1.0/',
    () => '',
  ])('number %# is not followed, and sees no token', async (link) => {
    reading.service.misleadTo(link());
    const failure: unknown = await readAll().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'SourceError', code: 'unavailable' });
    expect(reading.service.requests).toHaveLength(1);
    expect(caught).toEqual([]);
  });

  test('a circle ends', async () => {
    const round = `${reading.service.url}/v1.0/chats/${encodeURIComponent(chatId)}/messages?$skiptoken=round`;
    reading.service.misleadTo(round);
    reading.service.failNext([{ status: 200, body: { value: [], '@odata.nextLink': round } }], ({ query }) => query.get('$skiptoken') === 'round');
    await expect(readAll()).rejects.toMatchObject({ code: 'unavailable' });
    expect(reading.service.requests).toHaveLength(2);
  });
});

test('an answer that is no JSON, or of another shape, cannot be read', async () => {
  reading.service.failNext([{ status: 200, text: '<html>login</html>' }]);
  await expect(readAll()).rejects.toMatchObject({ code: 'unavailable' });
  reading.service.failNext([{ status: 200, body: { value: 'none' } }]);
  await expect(readAll()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(reading.graph.json({ ...request, path: `/chats/${encodeURIComponent(chatId)}/members` }, z.object({ missing: z.string() }), patience())).rejects.toMatchObject({ code: 'unavailable' });
});

test('the end of patience ends the reading, in a wait and in a request', async () => {
  reading.service.failNext(['hang']);
  await expect(readAll(reading.graph, AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'timeout' });
  await expect(readAll(reading.graph, AbortSignal.abort())).rejects.toMatchObject({ code: 'timeout' });
});

test('a chat is asked once a second, and two chats do not wait for each other', async () => {
  reading.service.addChat({ id: '19:two@thread.v2' });
  const other = { ...request, path: '/chats/19%3Atwo%40thread.v2/messages', lane: chatLane(TENANT, '19:two@thread.v2') };
  await reading.graph.json(request, z.unknown(), patience());
  await reading.graph.json(other, z.unknown(), patience());
  expect(reading.clock.waits).toEqual([]);
  await reading.graph.json(request, z.unknown(), patience());
  expect(reading.clock.waits).toEqual([1_000]);
  expect(reading.service.refusedForPace()).toBe(0);
});
