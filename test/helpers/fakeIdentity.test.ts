import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startFakeIdentity, type FakeIdentity } from './fakeIdentity';

let identity: FakeIdentity;
const serviceUrl = 'https://smba.trafficmanager.net/emea/';

beforeEach(async () => {
  identity = await startFakeIdentity();
});
afterEach(() => identity.close());

/** As a bot does: by the published metadata and keys. */
async function verify(token: string) {
  const metadata = (await (await fetch(identity.openIdMetadataUrl)).json()) as { jwks_uri: string; issuer: string };
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  return jwtVerify(token, keys, { issuer: metadata.issuer, audience: identity.account.appId });
}

test('an inbound token verifies and names its service URL', async () => {
  const { payload, protectedHeader } = await verify(await identity.signToken({ serviceUrl }));
  expect(payload).toMatchObject({ iss: 'https://api.botframework.com', aud: identity.account.appId, serviceurl: serviceUrl });
  expect(protectedHeader.alg).toBe('RS256');
});

test.each([
  ['signed by a key that is not published', { key: 'foreign' as const }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['for another bot', { audience: 'another' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['of another issuer', { issuer: 'https://sts.example.com' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['that has expired', { expiresInSeconds: -1 }, 'ERR_JWT_EXPIRED'],
])('a token %s is refused', async (_what, overrides, code) => {
  await expect(verify(await identity.signToken({ serviceUrl, ...overrides }))).rejects.toMatchObject({ code });
});

test('after a rotation the old tokens no longer verify', async () => {
  const old = await identity.signToken({ serviceUrl });
  await identity.rotateKeys();
  await expect(verify(old)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  await expect(verify(await identity.signToken({ serviceUrl }))).resolves.toBeDefined();
});

const askToken = (overrides: Readonly<Record<string, string>> = {}): Promise<Response> => {
  const { appId, tenantId, password } = identity.account;
  const form = { grant_type: 'client_credentials', scope: 'https://api.botframework.com/.default', client_id: appId, client_secret: password };
  return fetch(`${identity.authorityUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams({ ...form, ...overrides }) });
};

test('the bot gets an access token for its secret', async () => {
  const answer = (await (await askToken()).json()) as { access_token: string };
  expect(identity.isIssued(answer.access_token)).toBe(true);
  expect(identity.isIssued('made-up')).toBe(false);
});

test.each([
  [{ client_secret: 'wrong' }, 401, 'invalid_client'],
  [{ client_id: 'nobody' }, 400, 'unauthorized_client'],
  [{ scope: 'https://vault.azure.net/.default' }, 400, 'invalid_scope'],
  [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
])('a token request with %j is refused', async (overrides, status, error) => {
  const answer = await askToken(overrides);
  expect(answer.status).toBe(status);
  await expect(answer.json()).resolves.toMatchObject({ error });
});

test('an outage can be played', async () => {
  identity.failNext({ status: 503 }, 'drop');
  expect((await fetch(identity.openIdMetadataUrl)).status).toBe(503);
  await expect(fetch(identity.openIdMetadataUrl)).rejects.toThrow('fetch failed');
  expect((await fetch(identity.openIdMetadataUrl)).status).toBe(200);
});
