import { pino } from 'pino';
import { clouds } from '../../bot/cloud';
import { createConnectorToken, type ConnectorToken } from '../../bot/credentials';
import { createFindService } from '../../bot/serviceUrls';
import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import type { ServerAnswer } from '../helpers/httpServer';

const teams = 'https://smba.trafficmanager.net/emea/';
const parent = { appId: '99999999-2222-3333-4444-555555555555', host: 'parent.example' };

let identity: FakeIdentity;
let stopping: AbortController;

beforeEach(async () => {
  identity = await startFakeIdentity();
  stopping = new AbortController();
});
afterEach(async () => {
  stopping.abort();
  await identity.close();
});

const tokens = (password = identity.account.password): ConnectorToken => createConnectorToken({
  identity: { kind: 'secret', ...identity.account, password },
  cloud: clouds[''],
  findService: createFindService({ cloud: clouds[''], extraHosts: [], callers: [parent], allowsLoopback: true }),
  authorityUrl: identity.authorityUrl,
  signal: stopping.signal,
  log: pino({ enabled: false }),
});
const scopes = (): readonly (string | null)[] => identity.requests.map(({ text }) => new URLSearchParams(text).get('scope'));

test('a channel gets the bot\'s token, which is fetched before anybody asks and shared by all', async () => {
  const token = tokens();
  const shown = await Promise.all([token(teams), token(teams), token('https://webchat.botframework.com/')]);
  expect(new Set(shown).size).toBe(1);
  expect(identity.isIssued(String(shown[0]))).toBe(true);
  expect(scopes()).toEqual(['https://api.botframework.com/.default']);
});

test.each(['http://localhost:50000/', 'https://evil.example/', 'http://smba.trafficmanager.net/', ''])('"%s" gets no token', async (serviceUrl) => {
  expect(await tokens()(serviceUrl)).toBeUndefined();
});

test('a bot that uses ours as its skill gets a token for itself, which is worth nothing at Bot Framework', async () => {
  const token = tokens();
  await token(teams);
  await expect(token('https://parent.example/api/skills/')).rejects.toMatchObject({ code: 'refused' }); // the fake directory does not know the parent
  expect(scopes()).toEqual(['https://api.botframework.com/.default', `${parent.appId}/.default`]);
});

test('a bot without an identity shows no token', async () => {
  const token = createConnectorToken({ identity: { kind: 'none' }, cloud: clouds[''], findService: () => ({ kind: 'channel' }), signal: stopping.signal, log: pino({ enabled: false }) });
  expect(await token(teams)).toBeUndefined();
});

test('a wrong secret is refused, in words that do not hold it', async () => {
  const error: unknown = await tokens('a-wrong-secret-of-the-bot')(teams).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'TokenError', code: 'refused', message: expect.stringContaining('Check MicrosoftAppId') as string });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('a-wrong-secret');
});

test.each<[string, ServerAnswer]>([
  ['503', { status: 503, text: 'busy' }],
  ['a proxy that wants a login', { status: 401, text: '<html>' }],
  ['an error that passes', { status: 400, body: { error: 'temporarily_unavailable' } }],
  ['a cut connection', 'drop'],
  ['an answer without a token', { status: 200, body: { expires_in: 3_600 } }],
  ['a token without an end', { status: 200, body: { access_token: 'x' } }],
])('%s in place of a token is an outage', async (_what, answer) => {
  identity.failNext(answer);
  await expect(tokens()(teams)).rejects.toMatchObject({ name: 'TokenError', code: 'unavailable' });
});
