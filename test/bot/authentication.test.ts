import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Activity } from 'botbuilder';
import { pino } from 'pino';
import { createAuthentication, trustThisMachine } from '../../bot/authentication';
import { clouds, type Cloud } from '../../bot/cloud';
import { KeysUnavailable, KeyStore } from '../../bot/keys';
import { createHttpServer } from '../../bot/server';
import { createFindService, type ServiceOptions } from '../../bot/serviceUrls';
import type { EntraOptions } from '../../bot/token';
import { startFakeIdentity, type FakeIdentity, type TokenOverrides } from '../helpers/fakeIdentity';
import { teamsMessage } from '../helpers/turnHost';

const serviceUrl = 'https://smba.trafficmanager.net/emea/';
const log = pino({ level: 'silent' });

const services = (more: Partial<ServiceOptions> = {}) =>
  createFindService({ cloud: clouds[''], extraHosts: ['extra.example:8443'], callers: [], allowsLoopback: false, ...more });

describe('POST /api/messages', () => {
  let identity: FakeIdentity;
  let url: string;
  let server: ReturnType<typeof createHttpServer>;
  const accepted: Activity[] = [];

  beforeAll(async () => {
    identity = await startFakeIdentity();
    server = createHttpServer({
      authenticate: createAuthentication({
        appId: identity.account.appId,
        cloud: clouds[''],
        channelKeys: new KeyStore({ openIdMetadataUrl: identity.openIdMetadataUrl, log }),
        allowedTenants: ['tenant'],
        findService: services(),
        now: Date.now,
      }),
      accept: async (activity) => void accepted.push(activity),
      noteUnacknowledged: async () => undefined,
      answerInvoke: async () => ({ status: 200, body: { ok: true } }),
      checkStore: async () => undefined,
      backlog: () => 0,
      isDraining: () => false,
      log,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    url = `http://127.0.0.1:${(server.address()).port}/api/messages`;
  });
  afterAll(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.server.closeAllConnections(); // fetch keeps them alive
    await closed;
    await identity.close();
  });
  beforeEach(() => {
    accepted.length = 0;
  });

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  const bearer = async (overrides: TokenOverrides = {}, forUrl = serviceUrl): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await identity.signToken({ serviceUrl: forUrl, ...overrides })}`,
  });
  const message = (more: Partial<Activity> = {}): Activity => teamsMessage(serviceUrl, 'a:1', 'hello', more);

  test('takes an activity with a token of the Bot Framework service', async () => {
    const response = await post(message(), await bearer());
    expect(response.status).toBe(200);
    expect(accepted.map(({ text }) => text)).toEqual(['hello']);
  });

  test('verifies a token once and fetches keys once, however often it comes', async () => {
    const before = identity.requests.length;
    const headers = await bearer();
    await Promise.all(Array.from({ length: 20 }, () => post(message(), headers)));
    expect(accepted).toHaveLength(20);
    expect(identity.requests.length - before).toBe(0);
  });

  test('refuses what a page in a browser posts', async () => {
    const response = await post(message(), { ...(await bearer()), origin: 'https://evil.example' });
    expect([response.status, accepted.length]).toEqual([403, 0]);
  });

  test('reads nothing of a caller who is not known', async () => {
    const large = 'x'.repeat(3 * 1024 * 1024);
    const broken = await Promise.all([post('{"type":'), post(large), post(large, { authorization: 'Bearer junk' })]);
    expect(broken.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect((await post(message(), await bearer())).status).toBe(200);
  });

  test('answers an invoke in the response', async () => {
    const response = await post(message({ type: 'invoke', name: 'adaptiveCard/action' }), await bearer());
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
  });

  const refusals: [string, TokenOverrides | undefined, Partial<Activity>, number][] = [
    ['no token', undefined, {}, 401],
    ['another audience', { audience: 'somebody-else' }, {}, 401],
    ['another issuer', { issuer: 'https://sts.windows.net/x/' }, {}, 401],
    ['an expired token', { expiresInSeconds: -360 }, {}, 401],
    ['a token for longer than a day', { expiresInSeconds: 90_000 }, {}, 401],
    ['a token that is not valid yet', { notBeforeInSeconds: 600 }, {}, 401],
    ['a token without a service URL', { claims: { serviceurl: undefined } }, {}, 401],
    ['a token that never expires', { expiresInSeconds: null }, {}, 401],
    ['a foreign key', { key: 'foreign' }, {}, 401],
    ['another service URL', {}, { serviceUrl: 'https://evil.example/' }, 401],
    ['an empty service URL', {}, { serviceUrl: '' }, 401],
    ['a channel that the key may not speak for', {}, { channelId: 'slack' }, 401],
    ['a tenant beside the allowed one', {}, { channelData: { tenant: { id: 'other' } } }, 403],
    ['another tenant', {}, { conversation: { id: 'a:1', tenantId: 'other' } as Activity['conversation'] }, 403],
  ];
  test.each(refusals)('refuses %s with a constant body', async (_what, overrides, more, status) => {
    const response = await post(message(more), overrides && (await bearer(overrides)));
    const body = await response.text();
    expect(response.status).toBe(status);
    expect(body).toBe(JSON.stringify({ error: status === 401 ? { code: 'unauthorized', message: 'The caller could not be verified.' } : { code: 'forbidden', message: 'The caller is not allowed here.' } }));
    expect(accepted).toEqual([]);
  });

  test('refuses a service URL on an unknown host though the token names it', async () => {
    const response = await post(message({ serviceUrl: 'https://smba.trafficmanager.net.evil.example/' }), await bearer({}, 'https://smba.trafficmanager.net.evil.example/'));
    expect(response.status).toBe(403);
  });

  test.each(['junk', 'Bearer', 'Bearer junk', 'Basic abc', `Bearer ${'x'.repeat(9_000)}`, 'Bearer eyJhbGciOiJub25lIn0.e30.'])('refuses the header %.20s', async (authorization) => {
    expect((await post(message(), { authorization })).status).toBe(401);
  });

  test('takes a token that a new key signed, after the keys were rotated', async () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000); // an unknown key id asks again once a minute
    await identity.rotateKeys();
    const response = await post(message(), await bearer());
    jest.restoreAllMocks();
    expect(response.status).toBe(200);
  });

  test.each<[string, unknown, number]>([
    ['no body', '', 400],
    ['broken JSON', '{"type":', 400],
    ['a list', [], 400],
    ['null', 'null', 400],
    ['an empty object', {}, 400],
    ['a type that is no string', { ...teamsMessage(serviceUrl, 'a:1', 'x'), type: 7 }, 400],
    ['no conversation', { ...teamsMessage(serviceUrl, 'a:1', 'x'), conversation: undefined }, 400],
    ['a text that is no string', { ...teamsMessage(serviceUrl, 'a:1', 'x'), text: {} }, 400],
    ['entities that are no list', { ...teamsMessage(serviceUrl, 'a:1', 'x'), entities: 'x' }, 400],
    ['two megabytes', { ...teamsMessage(serviceUrl, 'a:1', 'x'.repeat(2 * 1024 * 1024)) }, 413],
  ])('refuses %s, whoever sends it, without any detail', async (_what, body, status) => {
    const response = await post(body, await bearer());
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: { code: expect.any(String), message: expect.stringMatching(/^The body is /) } });
    expect(accepted).toEqual([]);
  });

  test.each(['gzip', 'deflate', 'br'])('refuses the encoding %s: a broken gzip body would end restify', async (encoding) => {
    expect((await post('not compressed', { ...(await bearer()), 'content-encoding': encoding })).status).toBe(415);
    expect((await post(message(), await bearer())).status).toBe(200);
  });

  test('takes null for what a service leaves out', async () => {
    expect((await post({ ...message(), replyToId: null, attachments: null, name: null }, await bearer())).status).toBe(200);
  });

  test.each([
    'GET / HTTP/1.1\r\nHost: evil; x y\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n',
    'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /threads/%E0%A4%A HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET //evil.example/../.. HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
    'BREW / HTTP/1.1\r\nHost: x\r\n\r\n',
  ])('answers the broken request %j with a refusal and goes on', async (request) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(request));
      socket.once('data', (data) => resolve(String(data)));
      socket.once('error', reject).once('close', () => resolve('closed'));
      socket.once('data', () => socket.destroy());
    });
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404|405) /);
    expect((await post(message(), await bearer())).status).toBe(200);
  });

  test.each([['/nothing', 'GET', 404], ['/api/messages', 'GET', 405], ['/api/messages', 'DELETE', 405]])('%s by %s is a constant %d', async (path, method, status) => {
    const response = await fetch(new URL(path, url), { method });
    expect([response.status, await response.json()]).toEqual([status, { error: { code: String(status), message: expect.stringMatching(/here\.$/) } }]);
  });
});

describe('tokens of Entra ID', () => {
  const parent = '99999999-2222-3333-4444-555555555555';
  const here = 'http://localhost:50000/';
  const there = 'https://parent.example/api/skills/';
  let identity: FakeIdentity;

  beforeAll(async () => {
    identity = await startFakeIdentity();
  });
  afterAll(() => identity.close());

  const check = async (settings: { emulator?: boolean; callers?: boolean }, token: string, activity: Partial<Activity>): Promise<string> => {
    const callers = settings.callers ? [{ appId: parent, host: 'parent.example' }] : [];
    const entra: EntraOptions = {
      keys: new KeyStore({ openIdMetadataUrl: `${identity.authorityUrl}/common/v2.0/.well-known/openid-configuration`, log }),
      tenantIds: [identity.account.tenantId],
      allowsEmulator: settings.emulator ?? false,
      callerAppIds: callers.map(({ appId }) => appId),
    };
    const authenticate = createAuthentication({
      appId: identity.account.appId,
      cloud: clouds[''],
      channelKeys: new KeyStore({ openIdMetadataUrl: identity.openIdMetadataUrl, log }),
      allowedTenants: ['tenant'],
      findService: services({ callers, allowsLoopback: settings.emulator ?? false }),
      now: Date.now,
      ...((settings.emulator ?? settings.callers) && { entra }),
    });
    return authenticate(`Bearer ${token}`).then((admit) => admit(activity)).then(() => 'taken', (error: unknown) => String((error as { status?: unknown }).status));
  };
  const own = (): string => identity.account.appId;
  const message = (serviceUrl: string, more: Partial<Activity> = {}): Activity => teamsMessage(serviceUrl, 'a:1', 'hello', more);

  test.each<[string, { emulator?: boolean; callers?: boolean }, () => Parameters<FakeIdentity['signEntraToken']>[0], Partial<Activity>, string]>([
    ['the Emulator on this machine, where it is allowed', { emulator: true }, () => ({ callerAppId: own() }), message(here, { channelData: undefined, conversation: { id: 'x' } as Activity['conversation'] }), 'taken'],
    ['the Emulator with a token of the first version', { emulator: true }, () => ({ callerAppId: own(), version: '1.0' }), message(here), 'taken'],
    ['the Emulator where it is not allowed', {}, () => ({ callerAppId: own() }), message(here), '401'],
    ['the Emulator where only other bots are allowed', { callers: true }, () => ({ callerAppId: own() }), message(here), '401'],
    ['the Emulator with an address elsewhere', { emulator: true }, () => ({ callerAppId: own() }), message('https://smba.trafficmanager.net/emea/'), '403'],
    ['a bot that is allowed', { callers: true }, () => ({ callerAppId: parent }), message(there), 'taken'],
    ['a bot that is allowed, with a token of the first version', { callers: true }, () => ({ callerAppId: parent, version: '1.0' }), message(there), 'taken'],
    ['a bot that is not allowed', { callers: true }, () => ({ callerAppId: '88888888-2222-3333-4444-555555555555' }), message(there), '401'],
    ['a bot where none is allowed', {}, () => ({ callerAppId: parent }), message(there), '401'],
    ['a bot that wants answers at a channel', { callers: true }, () => ({ callerAppId: parent }), message('https://smba.trafficmanager.net/emea/'), '403'],
    ['a bot whose people are of another tenant', { callers: true }, () => ({ callerAppId: parent }), message(there, { channelData: { tenant: { id: 'other' } } }), '403'],
    ['a bot of a foreign tenant', { callers: true }, () => ({ callerAppId: parent, tenantId: '77777777-2222-3333-4444-555555555555' }), message(there), '401'],
    ['a bot whose tenant and issuer differ', { callers: true }, () => ({ callerAppId: parent, claims: { tid: '77777777-2222-3333-4444-555555555555' } }), message(there), '401'],
    ['a bot that speaks to another bot', { callers: true }, () => ({ callerAppId: parent, audience: 'other' }), message(there), '401'],
    ['a forged token of a bot', { callers: true }, () => ({ callerAppId: parent, key: 'foreign' }), message(there), '401'],
  ])('%s', async (_who, settings, token, activity, expected) => {
    expect(await check(settings, await identity.signEntraToken(token()), activity)).toBe(expected);
  });

  test('do not let a bot speak for Bot Framework, nor Bot Framework for a bot', async () => {
    const asChannel = await identity.signEntraToken({ callerAppId: parent, issuer: 'https://api.botframework.com', claims: { serviceurl: 'https://smba.trafficmanager.net/emea/' } });
    expect(await check({ callers: true }, asChannel, message('https://smba.trafficmanager.net/emea/'))).toBe('401');
    expect(await check({ callers: true }, await identity.signToken({ serviceUrl: there }), message(there))).toBe('403');
  });
});

describe('the signing keys', () => {
  const jwks = { keys: [] as unknown[] };
  let provider: Server;
  let mode: 'answer' | 'fail' = 'answer';
  let asked = 0;
  let metadataUrl: string;

  beforeAll(async () => {
    provider = createServer((request, response) => {
      asked += 1;
      if (mode === 'fail') response.statusCode = 503;
      response.end(JSON.stringify(request.url === '/keys' ? jwks : { jwks_uri: request.url?.endsWith('elsewhere') ? 'http://localhost:9/keys' : metadataUrl.replace('/metadata', '/keys') }));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    metadataUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/metadata`;
    const identity = await startFakeIdentity();
    const metadata = (await (await fetch(identity.openIdMetadataUrl)).json()) as { jwks_uri: string };
    jwks.keys = ((await (await fetch(metadata.jwks_uri)).json()) as typeof jwks).keys;
    await identity.close();
  });
  afterAll(async () => {
    const closed = new Promise((resolve) => provider.close(resolve));
    provider.closeAllConnections();
    await closed;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    mode = 'answer';
    asked = 0;
  });

  const keyId = (): string => (jwks.keys[0] as { kid: string }).kid;

  test('are fetched once for many callers at once', async () => {
    const store = new KeyStore({ openIdMetadataUrl: metadataUrl, log });
    const found = await Promise.all(Array.from({ length: 50 }, () => store.find(keyId())));
    expect(found.every((key) => key !== undefined)).toBe(true);
    expect(asked).toBe(2);
  });

  test('stay in use when they are old and the provider is down', async () => {
    const store = new KeyStore({ openIdMetadataUrl: metadataUrl, log });
    await store.find(keyId());
    mode = 'fail';
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 25 * 60 * 60 * 1000);
    expect(await store.find(keyId())).toBeDefined();
  });

  test('are asked for once a minute by unknown key ids, however many are forged', async () => {
    const store = new KeyStore({ openIdMetadataUrl: metadataUrl, log });
    await store.find(keyId());
    asked = 0;
    for (let forged = 0; forged < 20; forged += 1) expect(await store.find(`forged-${forged}`)).toBeUndefined();
    expect(asked).toBe(2); // the metadata and the keys
  });

  test('are no longer trusted after a week without the provider', async () => {
    let now = Date.now();
    const store = new KeyStore({ openIdMetadataUrl: metadataUrl, log, now: () => now });
    expect(store.ageMs).toBeUndefined();
    await store.find(keyId());
    mode = 'fail';
    now += 7 * 24 * 3_600_000 + 1;
    expect(store.ageMs).toBeGreaterThan(7 * 24 * 3_600_000);
    await expect(store.find(keyId())).rejects.toThrow(KeysUnavailable);
  });

  test('are taken from the provider itself only', async () => {
    const store = new KeyStore({ openIdMetadataUrl: `${metadataUrl}?elsewhere`, log });
    await expect(store.find(keyId())).rejects.toThrow(KeysUnavailable);
  });

  test('that cannot be understood do not cost the others', async () => {
    const [known] = jwks.keys;
    jwks.keys.unshift({ kid: 'curve', kty: 'EC' }, { kid: 'broken', kty: 'RSA', n: 7 }, 'junk');
    expect(await new KeyStore({ openIdMetadataUrl: metadataUrl, log }).find(keyId())).toBeUndefined();
    expect(await new KeyStore({ openIdMetadataUrl: metadataUrl, log }).find((known as { kid: string }).kid)).toBeDefined();
    jwks.keys.splice(0, 3);
  });
});

const gov = clouds['https://botframework.azure.us'];
const china = clouds['https://botframework.azure.cn'];

test.each<[string, boolean, Cloud?]>([
  ['https://smba.trafficmanager.net/emea/', true],
  ['https://smba.infra.gcc.teams.microsoft.com/teams', true],
  ['https://SMBA.trafficmanager.net/emea/', true],
  ['https://directline.botframework.com/', true],
  ['https://europe.directline.botframework.com', true],
  ['https://smba.infra.gov.teams.microsoft.us/teams', false],
  ['https://smba.infra.gov.teams.microsoft.us/teams', true, gov],
  ['https://smba.infra.dod.teams.microsoft.us/teams', true, gov],
  ['https://webchat.botframework.azure.us/', true, gov],
  ['https://smba.trafficmanager.net/emea/', false, gov],
  ['https://webchat.botframework.azure.cn/', true, china],
  ['https://webchat.botframework.azure.cn/', false],
  ['https://extra.example:8443/', true],
  ['http://extra.example:8443/', false],
  ['https://extra.example/', false],
  ['http://smba.trafficmanager.net/emea/', false],
  ['https://smba.trafficmanager.net:8443/', false],
  ['https://smba.trafficmanager.net:443/', false],
  ['https://smba.trafficmanager.net./', false],
  ['https://smba.trafficmanager.net\\@evil.example/', false],
  ['https://smba.trafficmanager.net/\\evil.example', false],
  [' https://smba.trafficmanager.net/', false],
  ['https://smba.traffic\tmanager.net/', false],
  ['https://smba。trafficmanager。net/', false],
  ['https://ｓｍｂａ.trafficmanager.net/', false],
  ['https://smba.trafficmanаger.net/', false],
  ['https://smba.trafficmanager.net/?x=1', false],
  ['https://smba.trafficmanager.net/#x', false],
  ['https://user@smba.trafficmanager.net/', false],
  ['https://smba.trafficmanager.net.evil.example/', false],
  ['https://evilbotframework.com/', false],
  ['https://botframework.com/', false],
  ['https://169.254.169.254/', false],
  ['http://localhost:3978/', false],
  ['https://2130706433/', false],
  ['https://0177.0.0.1/', false],
  ['https://[::ffff:127.0.0.1]/', false],
  ['not an address', false],
  ['', false],
])('the bot token goes to %s: %s', (url, expected, cloud = clouds['']) => {
  expect(services({ cloud })(url) !== undefined).toBe(expected);
});

test.each<[string, boolean]>([
  ['http://localhost:56150/_connector', true],
  ['http://127.0.0.1:3000/', true],
  ['http://[::1]:3000/', true],
  ['https://extra.example:8443/', true],
  ['http://plain.example:8080/', true],
  ['http://169.254.169.254/', false],
  ['http://10.0.0.1/', false],
  ['http://2130706433/', false],
  ['http://127.1/', false],
  ['http://localhost.evil.example/', false],
  ['file:///etc/passwd', false],
  ['urn:parley:directline', false],
  ['', false],
])('without an app id the bot answers to %s: %s', async (serviceUrl, expected) => {
  const findService = services({ allowsLoopback: true, extraHosts: ['extra.example:8443', 'http://plain.example:8080'] });
  const checked = trustThisMachine(findService)(undefined).then((admit) => admit({ serviceUrl })).then(() => true, () => false);
  expect(await checked).toBe(expected);
});
