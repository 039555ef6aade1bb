import { message, openStream, SECRET, startDirectLine, type RunningDirectLine } from '../../helpers/directLine';

let service: RunningDirectLine;
beforeAll(async () => void (service = await startDirectLine({ allowedOrigins: ['https://shop.example', 'https://other.example'] })));
afterAll(() => service.stop());
afterEach(() => jest.restoreAllMocks());

const invalid = { error: { code: 'BadArgument', message: 'Invalid token or secret' } };
const generate = async (json: object = {}) => (await service.call('POST', '/tokens/generate', { bearer: SECRET, json })).json;
const start = async (bearer: string) => (await service.call('POST', '/conversations', { bearer })).json;

/** Everything that is issued meanwhile is half an hour and a second old. */
const longAgo = () => jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 1_801_000);

test('a secret generates a token for a conversation that has not begun', async () => {
  const { status, json } = await service.call('POST', '/tokens/generate', { bearer: SECRET });
  expect(status).toBe(200);
  expect(json).toEqual({ conversationId: expect.any(String), token: expect.any(String), expires_in: 1800 });
  expect(service.delivered).toEqual([]);
  expect((await service.call('GET', `/conversations/${json.conversationId}/activities`, { bearer: json.token })).status).toBe(404);
});

test('property names are read without regard to case, and the user is readable in the token', async () => {
  const { token } = await generate({ User: { Id: 'dl_1' } });
  expect(JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())).toMatchObject({ user: 'dl_1' });
});

test('a refreshed token is a new one for the same conversation', async () => {
  const { conversationId, token } = await generate({ user: { id: 'dl_1' } });
  const { status, json } = await service.call('POST', '/tokens/refresh', { bearer: token });
  expect(status).toBe(200);
  expect(json).toEqual({ conversationId, token: expect.any(String), expires_in: 1800 });
  expect(json.token).not.toBe(token);
  expect((await start(json.token)).conversationId).toBe(conversationId);
});

test('an expired token is refused with TokenExpired and cannot be refreshed', async () => {
  const clock = longAgo();
  const { conversationId, token } = await generate();
  clock.mockRestore();
  const expired = { error: { code: 'TokenExpired', message: 'Token has expired' } };
  for (const [method, path] of [['POST', '/tokens/refresh'], ['POST', '/conversations'], ['GET', `/conversations/${conversationId}`]] as const) {
    const answer = await service.call(method, path, { bearer: token });
    expect([answer.status, answer.json]).toEqual([403, expired]);
  }
});

test.each([
  ['no authorization', {}, 401, { error: { code: 'BadArgument', message: 'Missing token or secret' } }],
  ['another scheme', { headers: { authorization: `Basic ${SECRET}` } }, 401, { error: { code: 'BadArgument', message: 'Missing token or secret' } }],
  ['a wrong secret', { bearer: 'wrong' }, 403, invalid],
  ['a token that nobody signed', { bearer: 'eyJhbGciOiJub25lIn0.eyJjb252IjoieCJ9.' }, 403, invalid],
])('%s is refused', async (_, call, status, body) => {
  for (const path of ['/tokens/generate', '/tokens/refresh', '/conversations', '/conversations/x/activities', '/conversations/x/upload']) {
    const answer = await service.call('POST', path, call);
    expect([answer.status, answer.json]).toEqual([status, body]);
  }
});

test('a token generates no other tokens', async () => {
  const { token } = await generate();
  expect(await service.call('POST', '/tokens/generate', { bearer: token })).toMatchObject({ status: 403, json: invalid });
});

test('without a configured secret nobody generates tokens', async () => {
  const closed = await startDirectLine({ isWithoutSecret: true });
  try {
    expect((await closed.call('POST', '/tokens/generate', { bearer: SECRET })).status).toBe(403);
    expect((await closed.call('POST', '/tokens/generate', { bearer: 'undefined' })).status).toBe(403);
  } finally {
    await closed.stop();
  }
});

test('a token opens its own conversation only', async () => {
  const mine = await start((await generate()).token);
  const other = await start((await generate()).token);
  for (const [method, path] of [['GET', ''], ['GET', '/activities'], ['POST', '/activities'], ['POST', '/upload']] as const) {
    const answer = await service.call(method, `/conversations/${other.conversationId}${path}`, { bearer: mine.token });
    expect([answer.status, answer.json.error.code]).toEqual([403, 'BadArgument']);
  }
});

test('the token of a stream address is good for the stream only', async () => {
  const { conversationId, streamUrl } = await start((await generate()).token);
  const bearer = new URL(streamUrl).searchParams.get('t') ?? '';
  expect(await service.call('GET', `/conversations/${conversationId}`, { bearer })).toMatchObject({ status: 403, json: invalid });
});

test('a stream address is good for a minute', async () => {
  const clock = longAgo();
  const bearer = SECRET;
  const { conversationId, streamUrl } = await start(bearer);
  clock.mockRestore();
  await expect(openStream(streamUrl)).rejects.toThrow('403');
  const again = await service.call('GET', `/conversations/${conversationId}`, { bearer });
  await (await openStream(again.json.streamUrl)).close();
});

test('a token with trusted origins serves those only, on the stream as well', async () => {
  const { token } = await generate({ trustedOrigins: ['https://shop.example'] });
  const { conversationId, streamUrl } = await start(token);
  const from = (origin: string) => service.call('GET', `/conversations/${conversationId}`, { bearer: token, headers: { origin } });
  expect((await from('https://shop.example')).status).toBe(200);
  expect(await from('https://other.example')).toMatchObject({ status: 403, json: { error: { code: 'BadArgument' } } });
  await expect(openStream(streamUrl, { origin: 'https://other.example' })).rejects.toThrow('403');
  await (await openStream(streamUrl, { origin: 'https://shop.example' })).close();
});

test('the host issues a token for a visitor and for the same visitor again', async () => {
  const first = await service.directLine.issueToken({ origin: 'https://shop.example' });
  expect(first).toEqual({ conversationId: expect.any(String), token: expect.any(String), expires_in: 1800, userId: expect.stringMatching(/^dl_.{20,}/) });
  expect((await service.call('POST', '/conversations', { bearer: first.token })).status).toBe(201);
  const again = await service.directLine.issueToken({ userId: first.userId, conversationId: first.conversationId });
  expect((await service.call('POST', '/conversations', { bearer: again.token })).status).toBe(200);
  await expect(service.directLine.issueToken({ userId: 'dl_other', conversationId: first.conversationId })).rejects.toMatchObject({ status: 403 });
});

test('a dl_ user of the token replaces whoever the activity says it is from', async () => {
  const { token } = await generate({ user: { id: 'dl_me' } });
  const { conversationId } = await start(token);
  await service.call('POST', `/conversations/${conversationId}/activities`, { bearer: token, json: message('hi', { from: { id: 'dl_you', role: 'bot', aadObjectId: 'x' } }) });
  expect(service.messages().at(-1)?.from).toEqual({ id: 'dl_me', role: 'user' });
});

test('a dl_ user who is not in the token, and the bot, cannot be claimed', async () => {
  const { token } = await generate();
  const { conversationId } = await start(token);
  for (const id of ['dl_you', 'bot']) {
    const answer = await service.call('POST', `/conversations/${conversationId}/activities`, { bearer: token, json: message('hi', { from: { id } }) });
    expect([answer.status, answer.json.error.code]).toEqual([400, 'BadArgument']);
  }
});

test('a user in the token speaks for himself, whatever his id looks like', async () => {
  const { token } = await generate({ user: { id: 'ada' } });
  const { conversationId } = await start(token);
  await service.call('POST', `/conversations/${conversationId}/activities`, { bearer: token, json: message('hi', { from: { id: 'ben' } }) });
  expect(service.messages().at(-1)?.from).toEqual({ id: 'ada', role: 'user' });
});

test('a token that was given to one page is recognised on no other', async () => {
  const { token, conversationId, userId } = await service.directLine.issueToken({ origin: 'https://shop.example' });
  await expect(service.directLine.recognise(token, 'https://shop.example')).resolves.toEqual({ conversationId, userId, origin: 'https://shop.example' });
  await expect(service.directLine.recognise(token, 'https://other.example')).resolves.toBeUndefined();
});
