import { randomBytes } from 'node:crypto';
import { SignJWT, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { DirectLineStore } from '../../state/directLine';
import { serviceErrors } from './serviceError';

/** What a token lets its bearer do: one conversation, as one user, from some origins. */
export interface Grant {
  readonly conversationId: string;
  readonly userId?: string;
  /** Empty: any origin that the service serves. */
  readonly origins: readonly string[];
}

export interface Tokens {
  issue(grant: Grant): Promise<string>;
  /** Throws ServiceError 403. */
  verify(token: string): Promise<Grant>;
  /** The grant of a token that is ours and expired no longer than 30 days ago; undefined for any other. */
  recognise(token: string): Promise<Grant | undefined>;
  /** Opens a stream within a minute; good for nothing else. */
  issueStream(grant: Grant): Promise<string>;
  verifyStream(token: string): Promise<Grant>;
}

/** What the public service gives: half an hour, refreshable. */
export const TOKEN_LIFETIME_S = 1800;
const STREAM_TOKEN_LIFETIME_S = 60;
/** How long a page that was closed may come back to its conversation. */
const RECOGNISED_FOR_S = 30 * 24 * 60 * 60;
const ISSUER = 'urn:parley:directline';
const AUDIENCES = { rest: 'urn:parley:directline:rest', stream: 'urn:parley:directline:stream' } as const;
type Audience = keyof typeof AUDIENCES;

// Claims are named as in tokens of the public service: DirectLineJS and Web Chat read `user`.
const claims = z.object({ conv: z.string().min(1), user: z.string().optional(), origins: z.array(z.string()).default([]) });

/** Signed tokens (JWT, HS256). The key is random and lives in the store: tokens survive a restart. */
export function createTokens(store: DirectLineStore): Tokens {
  let key: Promise<Uint8Array> | undefined;
  const signingKey = (): Promise<Uint8Array> => (key ??= loadKey(store).catch((error: unknown) => {
    key = undefined;
    throw error;
  }));
  return {
    issue: async (grant) => sign(await signingKey(), 'rest', grant, TOKEN_LIFETIME_S),
    verify: async (token) => verify(await signingKey(), 'rest', token),
    recognise: async (token) => verify(await signingKey(), 'rest', token, RECOGNISED_FOR_S).catch(() => undefined),
    issueStream: async (grant) => sign(await signingKey(), 'stream', grant, STREAM_TOKEN_LIFETIME_S),
    verifyStream: async (token) => verify(await signingKey(), 'stream', token),
  };
}

async function loadKey(store: DirectLineStore): Promise<Uint8Array> {
  return Buffer.from(await store.signingKey(randomBytes(32).toString('base64url')), 'base64url');
}

function sign(key: Uint8Array, audience: Audience, grant: Grant, lifetimeS: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload = { conv: grant.conversationId, user: grant.userId, origins: grant.origins.length > 0 ? [...grant.origins] : undefined };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCES[audience])
    .setJti(randomBytes(9).toString('base64url'))
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeS)
    .sign(key);
}

async function verify(key: Uint8Array, audience: Audience, token: string, clockTolerance = 0): Promise<Grant> {
  const options = { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCES[audience], requiredClaims: ['exp'], clockTolerance };
  try {
    const { payload } = await jwtVerify(token, key, options);
    const { conv, user, origins } = claims.parse(payload);
    return { conversationId: conv, origins, ...(user !== undefined && { userId: user }) };
  } catch (error) {
    throw error instanceof errors.JWTExpired ? serviceErrors.tokenExpired() : serviceErrors.invalidToken();
  }
}
