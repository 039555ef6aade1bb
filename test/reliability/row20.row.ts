import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign as signBytes, type KeyObject } from 'node:crypto';
import { Agent, request } from 'undici';
import { percentile } from '../bench/statistics';
import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import { startParley, type Parley } from '../helpers/parley';
import { expectMeasured, score } from './scorecard';

const TIMES = 20;
const TENANT = '0c1b2a3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const CALLER = '99999999-2222-3333-4444-555555555555';

type Part = Readonly<Record<string, unknown>>;
type Authorization = string | undefined;
interface Kind {
  readonly what: string;
  readonly status: 401 | 403 | 431;
  readonly authorization: () => Authorization | Promise<Authorization>;
  /** What of the activity is different; undefined takes a property away. */
  readonly activity?: Part;
}

let identity: FakeIdentity;
let parley: Parley;
let serviceUrl: string;
const agent = new Agent({ connections: 8 });
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });

beforeAll(async () => {
  identity = await startFakeIdentity();
  parley = await startParley({ identity, env: { ALLOWED_TENANTS: TENANT } });
  ({ serviceUrl } = parley.teams);
});
afterAll(async () => {
  await agent.close();
  await parley.close();
  await identity.close();
});

const encode = (part: Part | string): string => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const seconds = (ahead: number): number => Math.floor(Date.now() / 1000) + ahead;
const genuineClaims = (): Part => ({ iss: 'https://api.botframework.com', aud: identity.account.appId, serviceurl: serviceUrl, nbf: seconds(-60), exp: seconds(3_600) });

/** A token put together by hand, with whatever signature. */
function forge(header: Part, claims: Part, sign: (signed: string) => Buffer): string {
  const signed = `${encode({ typ: 'JWT', ...header })}.${encode(claims)}`;
  return `Bearer ${signed}.${sign(signed).toString('base64url')}`;
}

const byAttacker = (signed: string): Buffer => signBytes('sha256', Buffer.from(signed), attacker.privateKey);
const unsigned = (): Buffer => Buffer.alloc(0);

async function publishedKey(): Promise<{ readonly kid: string; readonly key: KeyObject }> {
  const { keys } = (await (await fetch(identity.openIdMetadataUrl.replace('openidconfiguration', 'keys'))).json()) as { keys: [{ kid: string }] };
  return { kid: keys[0].kid, key: createPublicKey({ key: keys[0], format: 'jwk' }) };
}

async function genuineKid(): Promise<string> {
  return (await publishedKey()).kid;
}

const genuine = async (overrides: Partial<Parameters<FakeIdentity['signToken']>[0]> = {}): Promise<string> => `Bearer ${await identity.signToken({ serviceUrl, ...overrides })}`;

/** The public key is known to everybody: an HMAC with it as the secret must count for nothing. */
async function withHmac(): Promise<string> {
  const { kid, key } = await publishedKey();
  const secret = key.export({ type: 'spki', format: 'pem' });
  return forge({ alg: 'HS256', kid }, genuineClaims(), (signed) => createHmac('sha256', secret).update(signed).digest());
}

async function tampered(): Promise<string> {
  const [header = '', , signature = ''] = (await genuine()).split('.');
  return `${header}.${encode({ ...genuineClaims(), exp: seconds(7_200) })}.${signature}`;
}

const withOwnKey = async (header: (jwk: Part) => Part, kid?: string): Promise<string> =>
  forge({ alg: 'RS256', kid: kid ?? (await genuineKid()), ...header(attacker.publicKey.export({ format: 'jwk' })) }, genuineClaims(), byAttacker);

const kinds: readonly Kind[] = [
  { what: 'no header', status: 401, authorization: () => undefined },
  { what: 'another scheme', status: 401, authorization: () => `Basic ${encode('bot:secret')}` },
  { what: 'alg none', status: 401, authorization: () => forge({ alg: 'none' }, genuineClaims(), unsigned) },
  { what: 'alg none with a real key id', status: 401, authorization: async () => forge({ alg: 'none', kid: await genuineKid() }, genuineClaims(), unsigned) },
  { what: 'HS256 with the public key', status: 401, authorization: withHmac },
  { what: 'a signature by another key', status: 401, authorization: () => genuine({ key: 'foreign' }) },
  { what: 'claims changed after signing', status: 401, authorization: tampered },
  { what: 'no signature', status: 401, authorization: async () => (await genuine()).replace(/[^.]*$/, '') },
  { what: 'another audience', status: 401, authorization: () => genuine({ audience: randomUUID() }) },
  { what: 'another issuer', status: 401, authorization: () => genuine({ issuer: 'https://api.botframework.us' }) },
  { what: 'expired six minutes ago', status: 401, authorization: () => genuine({ expiresInSeconds: -360 }) },
  { what: 'valid from ten minutes on', status: 401, authorization: () => genuine({ notBeforeInSeconds: 600 }) },
  { what: 'no expiry', status: 401, authorization: () => genuine({ expiresInSeconds: null }) },
  { what: 'an expiry in ten years', status: 401, authorization: () => genuine({ expiresInSeconds: 315_360_000 }) },
  { what: 'an unknown key id', status: 401, authorization: () => withOwnKey(() => ({}), randomUUID()) },
  { what: 'a path as key id', status: 401, authorization: () => withOwnKey(() => ({}), '../../../../dev/null') },
  { what: 'no key id', status: 401, authorization: () => genuine({ header: { kid: undefined } }) },
  { what: 'its own key in the header', status: 401, authorization: () => withOwnKey((jwk) => ({ jwk })) },
  { what: 'an address of its own keys', status: 401, authorization: () => withOwnKey(() => ({ jku: `${parley.teams.serviceUrl}keys`, x5u: `${parley.teams.serviceUrl}certificate` })) },
  { what: 'an extension that must be understood', status: 401, authorization: () => genuine({ header: { crit: ['b64'], b64: true } }) },
  { what: 'a token of 12 KB', status: 401, authorization: () => `Bearer ${'a'.repeat(6_000)}.${'b'.repeat(3_000)}.${'c'.repeat(3_000)}` },
  { what: 'a token of 1 MB', status: 431, authorization: () => `Bearer ${'a'.repeat(1024 * 1024)}` },
  { what: 'the Emulator', status: 401, authorization: async () => `Bearer ${await identity.signEntraToken({ callerAppId: identity.account.appId })}` },
  { what: 'a bot that uses ours as a skill', status: 401, authorization: async () => `Bearer ${await identity.signEntraToken({ callerAppId: CALLER, version: '1.0' })}` },
  { what: 'a token for another service', status: 401, authorization: () => genuine({ serviceUrl: 'https://smba.trafficmanager.net/emea/' }) },
  { what: 'an activity with an empty service URL', status: 401, authorization: () => genuine(), activity: { serviceUrl: '' } },
  { what: 'an activity without a service URL', status: 401, authorization: () => genuine(), activity: { serviceUrl: undefined } },
  { what: 'a token and an activity for a foreign service', status: 403, authorization: () => genuine({ serviceUrl: 'https://evil.example/' }), activity: { serviceUrl: 'https://evil.example/' } },
  { what: 'a key that may not speak for the channel', status: 401, authorization: () => genuine(), activity: { channelId: 'slack' } },
  { what: 'a tenant that is not allowed', status: 403, authorization: () => genuine(), activity: { channelData: { tenant: { id: randomUUID() } } } },
];

interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

async function post(kind: Kind, id: string): Promise<Refusal> {
  const activity = {
    type: 'message', id, text: 'let me in', channelId: 'msteams', serviceUrl, from: { id: '29:eve' }, recipient: { id: `28:${identity.account.appId}` },
    conversation: { id: 'a:1', tenantId: TENANT }, channelData: { tenant: { id: TENANT } }, ...kind.activity,
  };
  const authorization = await kind.authorization();
  const startedAt = performance.now();
  const { statusCode, body } = await request(`${parley.url}/api/messages`, {
    dispatcher: agent, method: 'POST', body: JSON.stringify(activity), headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
  });
  return { status: statusCode, body: await body.text(), ms: performance.now() - startedAt };
}

const bodies: Readonly<Record<Kind['status'], string>> = {
  401: '{"error":{"code":"unauthorized","message":"The caller could not be verified."}}',
  403: '{"error":{"code":"forbidden","message":"The caller is not allowed here."}}',
  431: '', // Node's parser ends at 16 KB of headers, before anybody looks at them
};

test('row 20: thirty kinds of forged and odd tokens are refused alike, without a turn, a word of detail or a wait', async () => {
  const startedAt = performance.now();
  const before = { connector: parley.teams.requests.length, identity: identity.requests.length };
  const refusals: (Refusal & { readonly kind: Kind })[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    for (const kind of kinds) refusals.push({ ...(await post(kind, `${time}`)), kind });
  }
  await parley.settled();

  expect(kinds).toHaveLength(30);
  expect(refusals).toHaveLength(600);
  expect(refusals.filter(({ status, kind }) => status !== kind.status).map(({ status, kind }) => `${kind.what}: ${status}`)).toEqual([]);
  expect(refusals.filter(({ body, kind }) => body !== bodies[kind.status]).map(({ body, kind }) => `${kind.what}: ${body}`)).toEqual([]);
  const turns = parley.logged.filter((line) => line.includes('"turn finished"')).length;
  const outbound = parley.teams.requests.length - before.connector;
  const p99Ms = percentile(refusals.map(({ ms }) => ms), 0.99);
  expect([turns, outbound]).toEqual([0, 0]);
  expectMeasured(p99Ms).toBeLessThan(50);
  expect(parley.logged.filter((line) => /eyJ|Bearer /.test(line))).toEqual([]); // how every token begins
  await expectGoodOnesPass();
  score(20, { load: `${kinds.length} kinds x ${TIMES}`, figure: `${refusals.length}/600 refused, ${turns} turns, ${outbound} outbound, p99 ${p99Ms.toFixed(1)} ms` });
  console.log(`row 20 took ${((performance.now() - startedAt) / 1000).toFixed(1)} s; ${identity.requests.length - before.identity} requests to the identity service (tests' own included)`);
});

/** The same activity with a good token is taken: the refusals had no other reason. */
async function expectGoodOnesPass(): Promise<void> {
  const good = await post({ what: 'a good token', status: 401, authorization: () => genuine() }, 'good');
  expect(good.status).toBe(200);
}
