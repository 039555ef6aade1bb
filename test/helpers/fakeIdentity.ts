import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { startHttpServer, type RecordedRequest, type ServerAnswer } from './httpServer';

export interface BotAccount {
  readonly appId: string;
  readonly tenantId: string;
  readonly password: string;
}

/** What a test changes in an inbound token; the rest is as the Bot Framework service makes it. */
export interface TokenOverrides {
  readonly issuer?: string;
  readonly audience?: string;
  /** From now; negative: already expired. `null`: a token without expiry. */
  readonly expiresInSeconds?: number | null;
  /** `foreign`: signed by a key that is not published, under the key id of the real one. */
  readonly key?: 'current' | 'foreign';
  /** From now; else two hours ago. */
  readonly notBeforeInSeconds?: number;
  /** Beside `alg`, `typ`, `kid` and `x5t`, or in their place. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface FakeIdentity {
  readonly account: BotAccount;
  /** Of the Bot Framework service, for inbound tokens. */
  readonly openIdMetadataUrl: string;
  /** Where Entra ID would be: `{authorityUrl}/{tenantId}/oauth2/v2.0/token`. */
  readonly authorityUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** A token as the Bot Framework service sends it with an activity. */
  signToken(token: { readonly appId?: string; readonly serviceUrl: string } & TokenOverrides): Promise<string>;
  /** A token of Entra ID, as the Emulator and bots that use ours as their skill send it. `version` as in its `ver` claim. */
  signEntraToken(token: { readonly callerAppId: string; readonly tenantId?: string; readonly version?: '1.0' | '2.0' } & TokenOverrides): Promise<string>;
  /** True for an access token that this server gave to the bot and that has not expired. */
  isIssued(accessToken: string): boolean;
  /** From now on tokens are signed with a new key, published under a new id. */
  rotateKeys(): Promise<void>;
  /** Answers of the next requests, in order, in place of the real ones. */
  failNext(...answers: readonly ServerAnswer[]): void;
  close(): Promise<void>;
}

const ISSUER = 'https://api.botframework.com';
const ENDORSEMENTS = ['msteams', 'webchat', 'directline', 'emulator'];
/** What the bot may ask tokens for: the channel, and Microsoft Graph. */
const SCOPES = ['https://api.botframework.com/.default', 'https://graph.microsoft.com/.default'];
const LIFETIME_SECONDS = 3_600;

/** Plays the Bot Framework service's OpenID provider and Entra ID's token endpoint for one bot, over real HTTP. */
export async function startFakeIdentity(options: Partial<BotAccount> & { readonly accessTokenSeconds?: number } = {}): Promise<FakeIdentity> {
  const account = { appId: options.appId ?? randomUUID(), tenantId: options.tenantId ?? randomUUID(), password: options.password ?? 'a-secret-of-the-fake-directory' };
  const issued = new Map<string, number>();
  const requests: RecordedRequest[] = [];
  const scripted: ServerAnswer[] = [];
  const foreign = await newKey();
  const entra = await newKey();
  let current = await newKey();

  const giveToken = (request: RecordedRequest): ServerAnswer => {
    const refusal = refuseTokenRequest(new URLSearchParams(request.text), account);
    if (refusal) return refusal;
    const token = `bot-token-${randomUUID()}`;
    const seconds = options.accessTokenSeconds ?? LIFETIME_SECONDS;
    issued.set(token, Date.now() + seconds * 1000);
    return { status: 200, body: { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token: token } };
  };

  const server = await startHttpServer((request) => {
    requests.push(request);
    const fault = scripted.shift();
    if (fault) return fault;
    const route = `${request.method} ${request.path}`;
    if (route === 'GET /v1/.well-known/openidconfiguration') return { status: 200, body: openIdMetadata(server.url) };
    if (route === 'GET /v1/.well-known/keys') return { status: 200, body: { keys: [current.published] } };
    if (route === 'GET /common/v2.0/.well-known/openid-configuration') return { status: 200, body: { jwks_uri: `${server.url}/common/discovery/v2.0/keys` } };
    if (route === 'GET /common/discovery/v2.0/keys') return { status: 200, body: { keys: [{ ...entra.published, endorsements: undefined }] } };
    if (route === `POST /${account.tenantId}/oauth2/v2.0/token`) return giveToken(request);
    return { status: 404, body: { error: 'not_found', error_description: `The fake identity provider does not have ${route}.` } };
  });

  return {
    account,
    openIdMetadataUrl: `${server.url}/v1/.well-known/openidconfiguration`,
    authorityUrl: server.url,
    requests,
    signToken: ({ appId = account.appId, serviceUrl, ...overrides }) => {
      const key = overrides.key === 'foreign' ? foreign.privateKey : current.privateKey;
      return sign(key, current.published.kid ?? '', { audience: appId, ...overrides, claims: { serviceurl: serviceUrl, ...overrides.claims } });
    },
    signEntraToken: ({ callerAppId, tenantId = account.tenantId, version = '2.0', ...overrides }) => {
      const caller = version === '2.0' ? { azp: callerAppId } : { appid: callerAppId };
      return sign(overrides.key === 'foreign' ? foreign.privateKey : entra.privateKey, entra.published.kid ?? '', {
        issuer: version === '2.0' ? `https://login.microsoftonline.com/${tenantId}/v2.0` : `https://sts.windows.net/${tenantId}/`,
        audience: account.appId,
        ...overrides,
        claims: { ver: version, tid: tenantId, ...caller, ...overrides.claims },
      });
    },
    isIssued: (accessToken) => (issued.get(accessToken) ?? 0) > Date.now(),
    rotateKeys: async () => {
      current = await newKey();
    },
    failNext: (...answers) => scripted.push(...answers),
    close: () => server.close(),
  };
}

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly published: JWK & { readonly endorsements: readonly string[] };
}

async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = randomUUID();
  return { privateKey, published: { ...(await exportJWK(publicKey)), kid, x5t: kid, use: 'sig', endorsements: ENDORSEMENTS } };
}

const openIdMetadata = (url: string): unknown => ({
  issuer: ISSUER,
  authorization_endpoint: 'https://invalid.botframework.com',
  jwks_uri: `${url}/v1/.well-known/keys`,
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
});

async function sign(key: CryptoKey, kid: string, token: TokenOverrides): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const expiresIn = token.expiresInSeconds === undefined ? LIFETIME_SECONDS : token.expiresInSeconds;
  const jwt = new SignJWT({ ...token.claims })
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid, x5t: kid, ...token.header })
    .setIssuer(token.issuer ?? ISSUER)
    .setAudience(token.audience ?? '')
    .setNotBefore(now + (token.notBeforeInSeconds ?? -2 * LIFETIME_SECONDS));
  return (expiresIn === null ? jwt : jwt.setExpirationTime(now + expiresIn)).sign(key);
}

/** Entra ID's rules for the client credentials grant, with its error codes. */
function refuseTokenRequest(form: URLSearchParams, account: BotAccount): ServerAnswer | undefined {
  const refuse = (status: number, error: string, description: string): ServerAnswer => ({ status, body: { error, error_description: description } });
  if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type', 'AADSTS70003');
  if (!SCOPES.includes(form.get('scope') ?? '')) return refuse(400, 'invalid_scope', 'AADSTS70011');
  if (form.get('client_id') !== account.appId) return refuse(400, 'unauthorized_client', 'AADSTS700016');
  if (form.get('client_secret') !== account.password) return refuse(401, 'invalid_client', 'AADSTS7000215');
  return undefined;
}
