import { startFakeGraph, type FakeGraph } from './fakeGraph';
import { graphMessage, systemMessage } from './graphMessages';

let service: FakeGraph;
let nowMs = 0;
beforeEach(async () => {
  nowMs = 0;
  service = await startFakeGraph({ now: () => nowMs });
  service.addChat({
    id: 'c',
    messages: [
      ...Array.from({ length: 60 }, (_, index) => graphMessage({ at: new Date(Date.UTC(2026, 9, 5, 9, index)).toISOString(), text: `m${index}` })),
      { ...graphMessage({ at: '2026-10-01T00:00:00Z', text: 'edited' }), lastModifiedDateTime: '2026-10-06T00:00:00.000Z' },
    ],
  });
});
afterEach(() => service.close());

interface Answer {
  readonly status: number;
  readonly body: { readonly value: readonly { readonly id: string; readonly messageType: string; readonly body: { readonly content: string } }[]; readonly '@odata.nextLink'?: string; readonly error?: { readonly code: string; readonly message: string } };
}

async function get(path: string, headers: Readonly<Record<string, string>> = { authorization: 'Bearer x' }): Promise<Answer> {
  nowMs += 10_000;
  const response = await fetch(path.startsWith('http') ? path : `${service.url}/v1.0${path}`, { headers });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const first = async (query: string): Promise<string | undefined> => (await get(`/chats/c/messages?${query}`)).body.value[0]?.body.content;

test.each([
  ['$top=51', 'The limit of'],
  ['$orderby=createdDateTime asc', 'ascending'],
  ['$orderby=createdDateTime', 'ascending'],
  ['$filter=createdDateTime gt 2026-10-05T09:30:00Z&$orderby=createdDateTime desc', 'not supported'],
  ['$select=id', 'not allowed'],
  ['$skip=1', 'not allowed'],
])('a list with %s is refused', async (query, message) => {
  const { status, body } = await get(`/chats/c/messages?${query}`);
  expect(status).toBe(400);
  expect(body.error?.message).toContain(message);
});

test('the newest comes first: by the last change without an order, by its birth with it', async () => {
  expect(await first('')).toBe('edited');
  expect(await first('$orderby=createdDateTime desc')).toBe('m59');
});

test('a filter by another property than that of the order is ignored without a word', async () => {
  expect(await first('$orderby=createdDateTime desc&$filter=createdDateTime lt 2026-10-05T09:30:00Z')).toBe('m29');
  expect(await first('$filter=createdDateTime lt 2026-10-05T09:30:00Z')).toBe('edited');
  expect(await first('$orderby=createdDateTime desc&$filter=lastModifiedDateTime gt 2026-10-06T00:00:00Z')).toBe('m59');
});

test('a next link is opaque, leads on with everything that was asked for, and is known as it stands alone', async () => {
  const { body } = await get('/chats/c/messages?$top=50&$orderby=createdDateTime desc');
  expect(body.value).toHaveLength(50);
  const link = body['@odata.nextLink'] ?? '';
  expect(new URL(link).search).toMatch(/^\?\$skiptoken=[\w-]+$/);
  const next = await get(link);
  expect(next.body.value.map(({ body: { content } }) => content)).toEqual(['m9', 'm8', 'm7', 'm6', 'm5', 'm4', 'm3', 'm2', 'm1', 'm0', 'edited']);
  expect(next.body['@odata.nextLink']).toBeUndefined();
  expect((await get(`${link}x`)).status).toBe(400);
});

test('one request a second is taken for a chat, four for a team', async () => {
  const statuses = async (path: string, count: number): Promise<number[]> => {
    const found: number[] = [];
    nowMs += 60_000;
    for (let index = 0; index < count; index += 1) found.push((await fetch(`${service.url}/v1.0${path}`, { headers: { authorization: 'Bearer x' } })).status);
    return found;
  };
  expect(await statuses('/chats/c/messages', 2)).toEqual([200, 429]);
  expect(await statuses('/teams/t/channels/x/messages', 5)).toEqual([404, 404, 404, 404, 429]);
  expect(service.refusedForPace()).toBe(2);
});

test('without a token, for an unknown chat and without the permission it refuses as Graph does', async () => {
  expect((await get('/chats/c/messages', {})).body.error?.code).toBe('InvalidAuthenticationToken');
  expect((await get('/chats/unknown/messages')).status).toBe(404);
  service.addChat({ id: 'closed', consents: ['ChatSettings.Read.Chat'] });
  expect((await get('/chats/closed/messages')).body.error?.message).toContain("API requires one of 'ChatMessage.Read.Chat'");
});

test('new kinds of messages are named only to those who ask for them', async () => {
  service.addChat({ id: 's', messages: [systemMessage('2026-10-05T09:00:00Z')] });
  const kind = async (headers: object): Promise<string | undefined> => (await get('/chats/s/messages', { authorization: 'Bearer x', ...headers })).body.value[0]?.messageType;
  expect(await kind({})).toBe('unknownFutureValue');
  expect(await kind({ prefer: 'include-unknown-enum-members' })).toBe('systemEventMessage');
});

test('what it does not have is a failure of the test, not an answer', async () => {
  const response = await fetch(`${service.url}/v1.0/me/messages`, { headers: { authorization: 'Bearer x' } });
  expect(await response.text()).toContain('The fake Graph does not have /v1.0/me/messages');
  expect(response.status).toBe(500);
});
