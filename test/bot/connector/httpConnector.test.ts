import pino from 'pino';
import { ConnectorError, type Connector } from '../../../bot/connector/connector';
import type { Connectors } from '../../../bot/connector/httpConnector';
import { startFakeConnector, type FakeConnector, type FakeConnectorOptions } from '../../helpers/fakeConnector';
import { startFakeIdentity, type FakeIdentity } from '../../helpers/fakeIdentity';
import { startHttpServer } from '../../helpers/httpServer';
import { fakeClock, testConnectors } from './connectors';

const CONVERSATION = 'a:1_x/y?z=19%20@thread.tacv2;messageid=17';

let teams: FakeConnector;
let connectors: Connectors;
let connector: Connector;

async function start(options: FakeConnectorOptions = {}, client: Parameters<typeof testConnectors>[0] = {}): Promise<void> {
  teams = await startFakeConnector(options);
  teams.open({ id: CONVERSATION });
  connectors = testConnectors(client);
  connector = connectors.for(teams.serviceUrl);
}

afterEach(async () => {
  await connectors.close();
  await teams.close();
});

const refusalOf = async (call: Promise<unknown>): Promise<ConnectorError> => {
  const error: unknown = await call.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof ConnectorError)) throw new Error(`There was no ConnectorError but ${String(error)}`);
  return error;
};

const texts = (): unknown[] => teams.activities(CONVERSATION).map(({ text }) => text);

describe('operations', () => {
  beforeEach(() => start());

  test('a message is posted to its conversation and its id comes back', async () => {
    const id = await connector.send(CONVERSATION, { type: 'message', text: 'Hello' });
    expect(teams.activities(CONVERSATION)).toEqual([{ id, type: 'message', text: 'Hello' }]);
    expect(teams.requests[0]).toMatchObject({ method: 'POST', path: `/teams/v3/conversations/${encodeURIComponent(CONVERSATION)}/activities` });
  });

  test('a reply is posted below the message that it answers', async () => {
    await connector.send(CONVERSATION, { type: 'message', text: 'Yes', replyToId: 'f:1/2' });
    expect(teams.requests[0]?.path).toMatch(/\/activities\/f%3A1%2F2$/);
  });

  test('a message is replaced and deleted by its id', async () => {
    const id = await connector.send(CONVERSATION, { type: 'message', text: 'Working on it' });
    await connector.update(CONVERSATION, id, { type: 'message', text: 'Done' });
    expect(texts()).toEqual(['Done']);
    await connector.delete(CONVERSATION, id);
    expect(texts()).toEqual([]);
  });

  test('a service URL needs no slash at its end', async () => {
    await connectors.for(teams.serviceUrl.slice(0, -1)).send(CONVERSATION, { type: 'message', text: 'Hello' });
    expect(texts()).toEqual(['Hello']);
  });

  test('all pages of the members come back, with the directory id under one name', async () => {
    const members = [1, 2, 3, 4, 5].map((number) => ({ id: `29:${number}`, name: `Person ${number}`, objectId: `oid-${number}`, email: `p${number}@example.com` }));
    teams.open({ id: 'group', type: 'groupChat', members });
    const found = await connector.members('group');
    expect(found).toEqual(members.map((member) => ({ ...member, aadObjectId: member.objectId })));
    expect(teams.requests).toHaveLength(3);
  });

  test('a member is found by id, and one who left is gone', async () => {
    teams.open({ id: 'group', members: [{ id: '29:a/b', name: 'Ada' }] });
    await expect(connector.member('group', '29:a/b')).resolves.toEqual({ id: '29:a/b', name: 'Ada' });
    await expect(refusalOf(connector.member('group', '29:c'))).resolves.toMatchObject({ code: 'gone', details: { status: 404, serviceCode: 'MemberNotFoundInConversation' } });
  });

  test('the details of a meeting come back whole', async () => {
    const info = {
      details: { id: 'MCMx', msGraphResourceId: 'graph-id', title: 'Weekly', type: 'Recurring', joinUrl: 'https://teams.microsoft.com/l/x' },
      conversation: { id: '19:meeting@thread.v2', isGroup: true, conversationType: 'groupChat' },
      organizer: { id: '29:o', aadObjectId: 'oid', tenantId: 'tid' },
    };
    teams.addMeeting('MCMx/+==', info);
    await expect(connector.meeting('MCMx/+==')).resolves.toEqual(info);
  });

  test('a conversation is created and written to', async () => {
    const id = await connector.createConversation({ isGroup: false, members: [{ id: '29:a', name: 'Ada' }], tenantId: 'tid' });
    await connector.send(id, { type: 'message', text: 'Good morning' });
    expect(JSON.parse(teams.requests[0]?.text ?? '')).toEqual({ isGroup: false, members: [{ id: '29:a', name: 'Ada' }], tenantId: 'tid' });
    expect(teams.activities(id)).toHaveLength(1);
  });

  test.each(['', '.', '..'])('an id %j that would address something else is refused before anything is sent', async (id) => {
    await expect(refusalOf(connector.send(id, { type: 'message' }))).resolves.toMatchObject({ code: 'bad-request' });
    await expect(refusalOf(connector.delete(CONVERSATION, id))).resolves.toMatchObject({ code: 'bad-request' });
    expect(teams.requests).toHaveLength(0);
  });

  test('a service URL that is none is refused', () => {
    expect(() => connectors.for('javascript:alert(1)')).toThrow(ConnectorError);
  });

  test('nothing goes to a service URL that is not allowed, and no token is fetched for it', async () => {
    const asked: string[] = [];
    const strict = testConnectors({
      isAllowed: (serviceUrl) => serviceUrl === 'https://smba.trafficmanager.net/emea/',
      token: async () => {
        asked.push('token');
        return 'secret';
      },
    });
    const refused = strict.for(teams.serviceUrl);
    const calls = [refused.send(CONVERSATION, { type: 'message' }), refused.update(CONVERSATION, '1', {}), refused.delete(CONVERSATION, '1'), refused.members(CONVERSATION), refused.createConversation({})];
    for (const call of calls) await expect(refusalOf(call)).resolves.toMatchObject({ code: 'bad-request' });
    expect([teams.requests, asked]).toEqual([[], []]);
    await strict.close();
  });

  test('a redirect is not followed: the token stays where it was meant for', async () => {
    const elsewhere = await startHttpServer(() => ({ status: 200, body: { id: '1' } }));
    let seen = 0;
    const moved = await startHttpServer(() => {
      seen += 1;
      return { status: 307, headers: { location: elsewhere.url } };
    });
    const bearing = testConnectors({ token: async () => 'secret' });
    await expect(refusalOf(bearing.for(moved.url).send(CONVERSATION, { type: 'message' }))).resolves.toMatchObject({ code: 'bad-request', details: { status: 307 } });
    expect([seen, elsewhere.sockets().peak]).toEqual([1, 0]);
    await Promise.all([bearing.close(), moved.close(), elsewhere.close()]);
  });
});

describe('a stream', () => {
  beforeEach(() => start());

  const chunk = (streamSequence: number, text: string, streamId?: string) => ({
    type: 'typing',
    text,
    entities: [{ type: 'streaminfo', streamType: 'streaming', streamSequence, ...(streamId && { streamId }) }],
  });

  test('gives its id with the first chunk and none with the later ones', async () => {
    const streamId = await connector.send(CONVERSATION, chunk(1, 'One'));
    await expect(connector.send(CONVERSATION, chunk(2, 'One two', streamId))).resolves.toBe('');
    const final = { type: 'message', text: 'One two three', entities: [{ type: 'streaminfo', streamType: 'final', streamId }] };
    await expect(connector.send(CONVERSATION, final)).resolves.toBe('');
    expect(teams.activities(CONVERSATION)).toEqual([{ ...final, id: streamId }]);
  });

  test('that comes out of order is refused, though the service answers 202', async () => {
    const streamId = await connector.send(CONVERSATION, chunk(1, 'One'));
    await connector.send(CONVERSATION, chunk(2, 'One two', streamId));
    const refusal = await refusalOf(connector.send(CONVERSATION, chunk(2, 'One two three', streamId)));
    expect(refusal).toMatchObject({ code: 'stream-refused', details: { status: 202, serviceCode: 'ContentStreamSequenceOrderPreConditionFailed' } });
    expect(texts()).toEqual(['One two']);
  });

  test('that the person stopped is refused with the words of the service', async () => {
    const streamId = await connector.send(CONVERSATION, chunk(1, 'One'));
    teams.stopStream(CONVERSATION);
    const refusal = await refusalOf(connector.send(CONVERSATION, chunk(2, 'One two', streamId)));
    expect(refusal).toMatchObject({
      code: 'stream-refused',
      details: { status: 403, serviceCode: 'ContentStreamNotAllowed', serviceMessage: 'Content stream was canceled by user.' },
    });
    expect(teams.requests).toHaveLength(2);
  });

  test('has no place in a group', async () => {
    teams.open({ id: 'group', type: 'groupChat' });
    await expect(refusalOf(connector.send('group', chunk(1, 'One')))).resolves.toMatchObject({ code: 'stream-refused' });
  });
});

async function fetchToken({ account, authorityUrl }: FakeIdentity): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: 'https://api.botframework.com/.default', client_id: account.appId, client_secret: account.password };
  const answer = await fetch(`${authorityUrl}/${account.tenantId}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
  return ((await answer.json()) as { access_token: string }).access_token;
}

describe('tokens', () => {
  test('the bot token goes with every call, asked for again before a repetition', async () => {
    const identity = await startFakeIdentity();
    const token = (): Promise<string> => fetchToken(identity);
    await start({ identity }, { token, retry: fakeClock().retry });
    teams.failNext([{ status: 429 }]);
    await connector.members(CONVERSATION);
    expect(identity.requests).toHaveLength(2);
    expect(new Set(teams.requests.map(({ headers }) => headers.authorization)).size).toBe(2);
    await identity.close();
  });

  test('a call with a wrong token is unauthorized and not repeated', async () => {
    const identity = await startFakeIdentity();
    await start({ identity }, { token: async () => 'made-up' });
    await expect(refusalOf(connector.send(CONVERSATION, { type: 'message' }))).resolves.toMatchObject({ code: 'unauthorized', details: { status: 401 } });
    expect(teams.requests).toHaveLength(1);
    await identity.close();
  });

  test('a token that was withdrawn before its time is replaced by another, and the message arrives once', async () => {
    const identity = await startFakeIdentity();
    const asked: (string | undefined)[] = [];
    const token = async (_serviceUrl: string, refused?: string): Promise<string> => {
      asked.push(refused);
      return refused === undefined ? 'withdrawn' : fetchToken(identity);
    };
    await start({ identity }, { token });
    await connector.send(CONVERSATION, { type: 'message', text: 'Hello' });
    expect(asked).toEqual([undefined, 'withdrawn']);
    expect(texts()).toEqual(['Hello']);
    expect(teams.requests).toHaveLength(2);
    await identity.close();
  });

  test('without a token from Entra nothing is sent', async () => {
    const clock = fakeClock();
    await start({}, { token: () => Promise.reject(new Error('Entra is down')), retry: clock.retry });
    await expect(refusalOf(connector.send(CONVERSATION, { type: 'message' }))).resolves.toMatchObject({ code: 'unavailable' });
    expect(clock.waitsMs).toHaveLength(0);
    await expect(refusalOf(connector.members(CONVERSATION))).resolves.toMatchObject({ code: 'unavailable' });
    expect(clock.waitsMs).toHaveLength(4);
    expect(teams.requests).toHaveLength(0);
  });
});

describe('refusals are named and not repeated', () => {
  beforeEach(() => start());

  test.each([
    [{ status: 400, code: 'BadSyntax' }, 'bad-request'],
    [{ status: 401 }, 'unauthorized'],
    [{ status: 403, code: 'MessageWritesBlocked' }, 'blocked'],
    [{ status: 403, code: 'ContentStreamNotAllowed', message: 'Content stream finished due to exceeded streaming time.' }, 'stream-refused'],
    [{ status: 403, code: 'ContentStreamNotAllowed', message: 'Message size too large' }, 'too-large'],
    [{ status: 403, code: 'Forbidden', message: 'Request streamed content should contain the previously streamed content' }, 'stream-refused'],
    [{ status: 404, code: 'ConversationNotFound' }, 'gone'],
    [{ status: 409 }, 'bad-request'],
    [{ status: 413, code: 'MessageSizeTooBig' }, 'too-large'],
    [{ status: 501 }, 'bad-request'],
  ] as const)('%j is %s', async (fault, code) => {
    teams.failNext([fault]);
    const refusal = await refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'Hello' }));
    expect(refusal).toMatchObject({ code, details: { status: fault.status } });
    expect(teams.requests).toHaveLength(1);
  });

  test('a message over 100 KB of UTF-16 is too large', async () => {
    await expect(refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'x'.repeat(52_000) }))).resolves.toMatchObject({ code: 'too-large' });
  });

  test('the message of an error holds no text of the conversation', async () => {
    teams.failNext([{ status: 400, message: 'Bad: SECRET' }]);
    const refusal = await refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'SECRET' }));
    expect(refusal.message).toBe('The channel answered POST with 400 Scripted400');
  });
});

describe('the service asks to wait', () => {
  test.each([[{ status: 429 }], [{ status: 412 }]])('%j is repeated after 1, 2, 4 and 8 seconds, then reported', async (fault) => {
    const clock = fakeClock();
    await start({}, { retry: clock.retry });
    teams.failNext([fault, fault, fault, fault, fault]);
    await expect(refusalOf(connector.members(CONVERSATION))).resolves.toMatchObject({ code: 'rate-limited' });
    expect(clock.waitsMs).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(teams.requests).toHaveLength(5);
  });

  test.each([[{ status: 429, retryAfter: '1' }], [{ status: 412 }]])('a message that met %j is left to its sender', async (fault) => {
    const clock = fakeClock();
    await start({}, { retry: clock.retry });
    teams.failNext([fault, fault]);
    await expect(refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'Hello' }))).resolves.toMatchObject({ code: 'rate-limited' });
    await expect(refusalOf(connector.update(CONVERSATION, '1', { type: 'message', text: 'Hello' }))).resolves.toMatchObject({ code: 'rate-limited' });
    expect(teams.requests).toHaveLength(2);
    expect(clock.waitsMs).toEqual([]);
  });

  test.each([
    ['7', 7_000],
    ['0', 0],
    ['3600', 60_000],
    ['never', 1_000],
  ])('Retry-After %s waits %d ms', async (retryAfter, waitMs) => {
    const clock = fakeClock();
    await start({}, { retry: clock.retry });
    teams.failNext([{ status: 429, retryAfter }]);
    await connector.members(CONVERSATION);
    expect(clock.waitsMs).toEqual([waitMs]);
  });

  test('Retry-After may be a date', async () => {
    const clock = fakeClock();
    await start({}, { retry: clock.retry });
    teams.failNext([{ status: 429, retryAfter: new Date(Date.now() + 30_000).toUTCString() }]);
    await connector.members(CONVERSATION);
    expect(clock.waitsMs[0]).toBeGreaterThan(25_000);
    expect(clock.waitsMs[0]).toBeLessThanOrEqual(30_000);
  });

  test('jitter comes on top of the wait, never below it and never over the cap', async () => {
    const clock = fakeClock();
    await start({}, { retry: { ...clock.retry, random: () => 1 } });
    teams.failNext([{ status: 429, retryAfter: '8' }, { status: 429, retryAfter: '60' }]);
    await connector.members(CONVERSATION);
    expect(clock.waitsMs).toEqual([10_000, 60_000]);
  });

  test('waits that would pass the deadline are not begun, and the caller learns how long it would be', async () => {
    const clock = fakeClock();
    await start({}, { retry: { ...clock.retry, deadlineMs: 90_000 } });
    teams.failNext([{ status: 429, retryAfter: '60' }, { status: 429, retryAfter: '45' }]);
    const refusal = await refusalOf(connector.members(CONVERSATION));
    expect(refusal).toMatchObject({ code: 'rate-limited', details: { retryAfterMs: 45_000 } });
    expect(clock.waitsMs).toEqual([60_000]);
  });

  test('closing ends the wait', async () => {
    const clock = fakeClock((_waitMs, signal) => {
      void connectors.close();
      expect(signal.aborted).toBe(true);
    });
    await start({}, { retry: clock.retry });
    teams.failNext([{ status: 429 }]);
    const refusal = refusalOf(connector.members(CONVERSATION));
    await expect(refusal).resolves.toMatchObject({ code: 'rate-limited' });
    expect(teams.requests).toHaveLength(1);
  });

  test('each repetition is logged without the text and the address', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line) => lines.push(line) });
    await start({}, { log, retry: fakeClock().retry });
    teams.failNext([{ status: 429, message: 'SECRET' }]);
    await connector.member(CONVERSATION, 'SECRET').catch(() => undefined);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, method: 'GET', code: 'rate-limited', status: 429, attempt: 1, waitMs: 1_000 });
    expect(lines[0]).not.toContain('SECRET');
  });
});

describe('it is unknown whether a message arrived', () => {
  const lost = [
    { status: 408 },
    { status: 500 },
    { status: 502, isDelivered: true },
    { status: 503, retryAfter: '1' },
    { status: 504 },
    'drop-before',
    'drop-after',
  ] as const;

  test.each(lost)('a post that met %j is ambiguous and attempted once', async (fault) => {
    await start();
    teams.failNext([fault]);
    await expect(refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'Hello' }))).resolves.toMatchObject({ code: 'ambiguous' });
    await expect(connector.member(CONVERSATION, 'nobody')).rejects.toMatchObject({ code: 'gone' });
    expect(teams.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(texts()).toEqual(fault === 'drop-after' || (typeof fault === 'object' && 'isDelivered' in fault) ? ['Hello'] : []);
  });

  test('a connection that is cut after many messages does not post the last one again', async () => {
    await start();
    for (let count = 1; count <= 5; count++) await connector.send(CONVERSATION, { type: 'message', text: `Message ${count}` });
    teams.failNext(['drop-after']);
    await expect(refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'Last' }))).resolves.toMatchObject({ code: 'ambiguous' });
    await connector.send(CONVERSATION, { type: 'message', text: 'Next' });
    expect(texts().slice(-3)).toEqual(['Message 5', 'Last', 'Next']);
  });

  test('a post without an answer is ambiguous when its time is over', async () => {
    await start({}, { timeoutMs: 100 });
    teams.failNext(['hang']);
    await expect(refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'Hello' }))).resolves.toMatchObject({ code: 'ambiguous' });
    expect(teams.requests).toHaveLength(1);
  });

  test('creating a conversation is not repeated either', async () => {
    await start();
    teams.failNext(['drop-after']);
    await expect(refusalOf(connector.createConversation({ members: [] }))).resolves.toMatchObject({ code: 'ambiguous' });
    expect(teams.requests).toHaveLength(1);
  });

  test.each(lost)('an update that met %j may be repeated, and is left to its sender', async (fault) => {
    await start({}, { retry: fakeClock().retry });
    const id = await connector.send(CONVERSATION, { type: 'message', text: 'Working on it' });
    teams.failNext([fault]);
    await expect(refusalOf(connector.update(CONVERSATION, id, { type: 'message', text: 'Done' }))).resolves.toMatchObject({ code: 'unavailable' });
    expect(teams.requests).toHaveLength(2);
    await connector.update(CONVERSATION, id, { type: 'message', text: 'Done' });
    expect(texts()).toEqual(['Done']);
  });

  test('a read is given up on after five attempts', async () => {
    await start({}, { retry: fakeClock().retry });
    teams.failNext(Array.from({ length: 5 }, () => ({ status: 503 })));
    await expect(refusalOf(connector.members(CONVERSATION))).resolves.toMatchObject({ code: 'unavailable', details: { status: 503 } });
    expect(teams.requests).toHaveLength(5);
  });

  test('a read without an answer is repeated', async () => {
    await start({}, { retry: fakeClock().retry, timeoutMs: 100 });
    teams.failNext(['hang']);
    await expect(connector.members(CONVERSATION)).resolves.toEqual([]);
    expect(teams.requests).toHaveLength(2);
  });

  test('reads and deletes are repeated', async () => {
    await start({}, { retry: fakeClock().retry });
    const id = await connector.send(CONVERSATION, { type: 'message', text: 'Hello' });
    teams.failNext([{ status: 502 }, 'drop-before']);
    await connector.delete(CONVERSATION, id);
    teams.failNext([{ status: 500 }]);
    await expect(connector.members(CONVERSATION)).resolves.toEqual([]);
    expect(teams.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'DELETE', 'DELETE', 'GET', 'GET']);
  });
});

describe('nothing was written', () => {
  test('a refused connection is tried again until the service is back', async () => {
    await start();
    const { port, serviceUrl } = teams;
    await teams.close();
    const clock = fakeClock(async () => {
      if (clock.waitsMs.length < 3) return;
      teams = await startFakeConnector({ port });
      teams.open({ id: CONVERSATION });
    });
    await connectors.close();
    connectors = testConnectors({ retry: clock.retry });
    await expect(refusalOf(connectors.for(serviceUrl).send(CONVERSATION, { type: 'message' }))).resolves.toMatchObject({ code: 'unavailable' });
    await expect(connectors.for(serviceUrl).members(CONVERSATION)).resolves.toEqual([]);
    expect(clock.waitsMs).toEqual([1_000, 2_000, 4_000]);
    expect(teams.requests).toHaveLength(1);
  });

  test('a host that does not exist is unavailable after five attempts', async () => {
    const clock = fakeClock();
    await start({}, { retry: clock.retry });
    const call = connectors.for('http://parley.invalid/').members(CONVERSATION);
    await expect(refusalOf(call)).resolves.toMatchObject({ code: 'unavailable' });
    expect(clock.waitsMs).toHaveLength(4);
  });

  test('a message that waited too long for a socket is not sent behind the back of its sender', async () => {
    const clock = fakeClock();
    await start({}, { retry: { ...clock.retry, maxAttempts: 1 }, maxSockets: 1, timeoutMs: 150 });
    teams.failNext(['hang']);
    const [first, second] = await Promise.all([
      refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'First' })),
      refusalOf(connector.send(CONVERSATION, { type: 'message', text: 'Second' })),
    ]);
    expect([first.code, second.code]).toEqual(['ambiguous', 'unavailable']);
    await connector.send(CONVERSATION, { type: 'message', text: 'Third' });
    expect(texts()).toEqual(['Third']);
  });
});

describe('sockets', () => {
  test('200 messages at once share the sockets that are allowed', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((open) => (release = open));
    await start({ gate: () => held }, { maxSockets: 8 });
    const sending = Promise.all(Array.from({ length: 200 }, (_, number) => connector.send(CONVERSATION, { type: 'message', text: `Message ${number}` })));
    await teams.waitFor(() => teams.requests.length === 8);
    release();
    expect(new Set(await sending).size).toBe(200);
    expect(teams.activities(CONVERSATION)).toHaveLength(200);
    expect(teams.sockets().peak).toBe(8);
  });

  test('messages one after the other keep their sockets', async () => {
    await start();
    for (let count = 0; count < 20; count++) await connector.send(CONVERSATION, { type: 'message', text: 'Hello' });
    // Two: undici looks at a socket once more, a moment after the answer, before it uses it again.
    expect(teams.sockets().peak).toBeLessThanOrEqual(2);
  });

  test('closing lets the message on the wire arrive', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((open) => (release = open));
    await start({ gate: () => held });
    const sending = connector.send(CONVERSATION, { type: 'message', text: 'Hello' });
    await teams.waitFor(() => teams.requests.length === 1);
    const closing = connectors.close();
    release();
    await closing;
    await expect(sending).resolves.toMatch(/^\d+$/);
  });
});

describe('answers of other channels', () => {
  const answering = async (answers: Readonly<Record<string, Parameters<typeof reply>[0]>>, run: (connector: Connector) => Promise<void>): Promise<void> => {
    const server = await startHttpServer((request) => reply(answers[`${request.method} ${request.path}`] ?? { status: 404 }));
    connectors = testConnectors({ retry: { maxAttempts: 1 } });
    teams = await startFakeConnector();
    await run(connectors.for(server.url)).finally(() => server.close());
  };
  const reply = (answer: { readonly status: number; readonly text?: string }) => answer;

  test.each(['', '{}', '<html>', 'null', '{"id":7}'])('a message that was taken with %j has no id', (text) =>
    answering({ 'POST /v3/conversations/c/activities': { status: 200, text } }, async (other) => {
      await expect(other.send('c', { type: 'message' })).resolves.toBe('');
    }),
  );

  test('members come from the unpaged operation where the paged one is unknown', () =>
    answering({ 'GET /v3/conversations/c/members': { status: 200, text: '[{"id":"user"}]' } }, async (other) => {
      await expect(other.members('c')).resolves.toEqual([{ id: 'user', name: '' }]);
    }));

  test('an answer that cannot be read is unavailable', () =>
    answering({ 'GET /v3/conversations/c/members/m': { status: 200, text: '<html>' } }, async (other) => {
      await expect(refusalOf(other.member('c', 'm'))).resolves.toMatchObject({ code: 'unavailable' });
    }));
});
