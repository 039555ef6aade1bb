import { pino } from 'pino';
import { clouds } from '../../../bot/cloud';
import { createGraphToken } from '../../../bot/sources/graphToken';
import { startFakeIdentity, type FakeIdentity } from '../../helpers/fakeIdentity';

let entra: FakeIdentity;
const closing = new AbortController();
beforeAll(async () => {
  entra = await startFakeIdentity();
});
afterAll(async () => {
  closing.abort();
  await entra.close();
});

const tokens = (password = entra.account.password) => createGraphToken({
  identity: { kind: 'secret', appId: entra.account.appId, tenantId: 'botframework.com', password },
  cloud: clouds[''],
  authorityUrl: entra.authorityUrl,
  signal: closing.signal,
  log: pino({ level: 'silent' }),
});

test('a token is for Microsoft Graph and for the organization of the chat, and is kept', async () => {
  const token = tokens();
  const [one, two] = await Promise.all([token(entra.account.tenantId), token(entra.account.tenantId)]);
  expect(one).toBe(two);
  expect(entra.isIssued(one)).toBe(true);
  expect(await token(entra.account.tenantId)).toBe(one);
  const asked = entra.requests.filter(({ path }) => path === `/${entra.account.tenantId}/oauth2/v2.0/token`);
  expect(asked).toHaveLength(1);
  expect(new URLSearchParams(asked[0]?.text).get('scope')).toBe('https://graph.microsoft.com/.default');
});

test('credentials that Entra ID refuses are told from an Entra ID that does not answer', async () => {
  await expect(tokens('wrong')(entra.account.tenantId)).rejects.toMatchObject({ name: 'SourceError', code: 'unauthorized' });
  await expect(tokens()('22222222-2222-4222-8222-222222222222')).rejects.toMatchObject({ name: 'SourceError', code: 'unavailable' });
});

test('a managed identity has no tokens of another organization', async () => {
  const token = createGraphToken({ identity: { kind: 'managed-identity', appId: 'x', tenantId: 'home' }, cloud: clouds[''], signal: closing.signal, log: pino({ level: 'silent' }) });
  await expect(token('elsewhere')).rejects.toMatchObject({ name: 'SourceError', code: 'unauthorized' });
});

test('each cloud has a Graph of its own', () => {
  expect(Object.values(clouds).map(({ graphUrl }) => graphUrl)).toEqual(['https://graph.microsoft.com', 'https://graph.microsoft.us', 'https://microsoftgraph.chinacloudapi.cn']);
});
