import { decodeJwt, type JWTPayload } from 'jose';
import { z } from 'zod';
import { AuthenticationError, orRefused, readBearer } from './authentication';
import type { Cloud } from './cloud';
import type { KeyStore } from './keys';
import { verifyJwt, type TrustedIssuer } from './token';

/** A person who asks for a page's data, as Entra ID vouches. */
export interface Reader {
  readonly tenantId: string;
  /** In Entra ID, the same in every conversation of the tenant. */
  readonly objectId: string;
  /** As the directory shows it; '' where the token leaves it out. */
  readonly name: string;
}

export interface ReaderOptions {
  readonly appId: string;
  readonly cloud: Cloud;
  /** Of Entra ID. */
  readonly keys: KeyStore;
  /** Whose people may read. */
  readonly tenantIds: readonly string[];
  /** Its host is a part of the address that the app registration gives the bot. */
  readonly publicUrl?: string;
  readonly now: () => number;
}

/** The person whose token this Authorization header holds. Throws AuthenticationError 401, and HttpError 503 where the keys that tell cannot be had. */
export type ReadReader = (authorization: string | undefined) => Promise<Reader>;

/** Verifies tokens that Teams gets for a page (single sign-on). Nothing is done on the person's behalf with one. */
export function createReaders(options: ReaderOptions): ReadReader {
  return async (authorization) => orRefused(verifyReader(readBearer(authorization), options));
}

/** For a host without an app id: nobody can sign in to it. */
export const refuseReaders: ReadReader = async () => {
  throw new AuthenticationError(401, 'Without MicrosoftAppId nobody can sign in.');
};

/** The one permission that the app registration offers: https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/authentication/tab-sso-register-aad */
const SCOPE = 'access_as_user';

const claimsShape = z.object({
  tid: z.string().min(1),
  oid: z.string().min(1),
  name: z.string().max(200).catch(''),
  scp: z.string().refine((scopes) => scopes.split(' ').includes(SCOPE)),
  // An application that acts for itself is no reader.
  idtyp: z.literal('user').optional(),
});

/**
 * Checks the access token of a person for this bot: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * Throws for every other token, KeysUnavailable where Entra ID's keys cannot be had.
 */
export async function verifyReader(token: string, options: ReaderOptions): Promise<Reader> {
  const { payload } = await verifyJwt(token, issuerOf(decodeJwt(token), options), options.now);
  const { tid, oid, name } = claimsShape.parse(payload);
  return { tenantId: tid, objectId: oid, name };
}

/** Both versions of Entra ID's tokens: an app registration decides, and the first is what it makes unless told otherwise. */
function issuerOf({ iss, tid, ver }: JWTPayload, { cloud, tenantIds, keys, ...options }: ReaderOptions): TrustedIssuer {
  const tenantId = tenantIds.find((allowed) => allowed.toLowerCase() === tid);
  const name = ver === '2.0' ? `${cloud.loginUrl}/${tenantId}/v2.0` : `${cloud.firstIssuerUrl}${tenantId}/`;
  if (tenantId === undefined || iss !== name) throw new Error('The issuer is not one whose people may read.');
  return { name, keys, audience: resourcesOf(options) };
}

/** What the token may name the bot: its id, or one of the addresses that guides give it. */
export function resourcesOf({ appId, publicUrl }: Pick<ReaderOptions, 'appId' | 'publicUrl'>): readonly string[] {
  const plain = [appId, `api://${appId}`, `api://botid-${appId}`];
  if (publicUrl === undefined) return plain;
  const { host } = new URL(publicUrl);
  return [...plain, `api://${host}/${appId}`, `api://${host}/botid-${appId}`];
}
