import { pino } from 'pino';
import { clouds } from '../../bot/cloud';
import { KeyStore } from '../../bot/keys';
import { createReaders, refuseReaders, type ReadReader } from '../../bot/readers';
import { startFakeIdentity, type FakeIdentity, type TokenOverrides } from '../helpers/fakeIdentity';

/** Of Teams' web client, which asks for the token. */
const TEAMS_WEB = '5e3ce6c0-2b1f-4285-8d4b-75ee78787346';
const tenantId = '00000000-0000-0000-0000-0000000000a1';
const person = { oid: '00000000-0000-0000-0000-00000000ada0', name: 'Ada Lovelace', scp: 'access_as_user' };

let identity: FakeIdentity;
let readerOf: ReadReader;

beforeAll(async () => {
  identity = await startFakeIdentity({ tenantId });
  readerOf = createReaders({
    appId: identity.account.appId,
    cloud: clouds[''],
    keys: new KeyStore({ openIdMetadataUrl: `${identity.authorityUrl}/common/v2.0/.well-known/openid-configuration`, log: pino({ level: 'silent' }) }),
    tenantIds: [tenantId],
    publicUrl: 'https://parley.example',
    now: Date.now,
  });
});
afterAll(() => identity.close());

type Token = TokenOverrides & { readonly version?: '1.0' | '2.0'; readonly tenantId?: string };

const tokenOf = ({ claims, ...token }: Token = {}): Promise<string> => identity.signEntraToken({ callerAppId: TEAMS_WEB, ...token, claims: { ...person, ...claims } });
const read = async (token: Token = {}) => readerOf(`Bearer ${await tokenOf(token)}`);

const ada = { tenantId, objectId: person.oid, name: 'Ada Lovelace' };

test('a person is who Entra ID says, by tokens of its first and second version', async () => {
  const { appId } = identity.account;
  await expect(read()).resolves.toEqual(ada);
  await expect(read({ version: '1.0', audience: `api://parley.example/${appId}` })).resolves.toEqual(ada);
  for (const audience of [`api://${appId}`, `api://botid-${appId}`, `api://parley.example/botid-${appId}`]) await expect(read({ audience })).resolves.toEqual(ada);
  await expect(read({ claims: { scp: 'profile access_as_user', name: undefined } })).resolves.toEqual({ ...ada, name: '' });
});

test.each<[string, Token]>([
  ['for another application', { audience: '00000000-0000-0000-0000-0000000000ff' }],
  ['for another host', { audience: 'api://evil.example/00000000-0000-0000-0000-0000000000ff' }],
  ['of another tenant', { tenantId: '00000000-0000-0000-0000-0000000000b2' }],
  ['whose tenant is not its issuer', { claims: { tid: '00000000-0000-0000-0000-0000000000b2' } }],
  ['of the first version that says to be of the second', { version: '1.0', claims: { ver: '2.0' } }],
  ['of another issuer', { issuer: 'https://login.evil.example/v2.0' }],
  ['of the Bot Framework service', { issuer: 'https://api.botframework.com' }],
  ['without the permission', { claims: { scp: 'access_as_user_too profile' } }],
  ['of an application', { claims: { scp: undefined, roles: ['access_as_user'], idtyp: 'app' } }],
  ['of an application that claims a permission', { claims: { idtyp: 'app' } }],
  ['of nobody', { claims: { oid: undefined } }],
  ['signed by somebody else', { key: 'foreign' }],
  ['that has expired', { expiresInSeconds: -400 }],
  ['that never expires', { expiresInSeconds: null }],
  ['that is valid for a week', { expiresInSeconds: 7 * 24 * 3_600 }],
  ['that brings its key along', { header: { jku: 'https://evil.example/keys' } }],
])('a token %s is refused', async (_name, token) => {
  await expect(read(token)).rejects.toMatchObject({ name: 'AuthenticationError', status: 401 });
});

test.each([['no header', undefined], ['another scheme', 'Basic abc'], ['no token', 'Bearer '], ['a word', 'Bearer token'], ['a very long one', `Bearer ${'a'.repeat(9_000)}`]])('%s is refused', async (_name, header) => {
  await expect(readerOf(header)).rejects.toMatchObject({ name: 'AuthenticationError', status: 401 });
});

test('without an app id nobody can sign in', async () => {
  await expect(refuseReaders(`Bearer ${await tokenOf()}`)).rejects.toMatchObject({ status: 401 });
});

test('while the keys cannot be had nobody is told that a token is bad', async () => {
  const away = await startFakeIdentity({ tenantId });
  const keys = new KeyStore({ openIdMetadataUrl: `${away.authorityUrl}/common/v2.0/.well-known/openid-configuration`, log: pino({ level: 'silent' }) });
  const token = await away.signEntraToken({ callerAppId: TEAMS_WEB, claims: person });
  await away.close();
  const reading = createReaders({ appId: away.account.appId, cloud: clouds[''], keys, tenantIds: [tenantId], now: Date.now })(`Bearer ${token}`);
  await expect(reading).rejects.toMatchObject({ name: 'HttpError', status: 503 });
});
