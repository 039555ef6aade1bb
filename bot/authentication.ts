import { createHash } from 'node:crypto';
import type { Activity } from 'botbuilder';
import { decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';
import { isLoopback } from './config';
import type { KeyStore } from './keys';

/** Who may call, and how it is checked. */
export interface AuthenticationOptions {
  readonly appId: string;
  readonly keys: KeyStore;
  /** Empty: all tenants. */
  readonly allowedTenants: readonly string[];
  readonly isAllowedServiceUrl: (serviceUrl: string) => boolean;
}

/** The caller is refused. The message is for logs; callers get a constant body. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';

  constructor(readonly status: 401 | 403, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}

/** Resolves when the activity came from the Bot Framework service and its tenant may talk to us. Throws AuthenticationError. */
export type Authenticate = (authorization: string | undefined, activity: Partial<Activity>) => Promise<void>;

/** https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
const ISSUER = 'https://api.botframework.com';
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];
const CLOCK_TOLERANCE_SECONDS = 300; // "industry-standard clock-skew is 5 minutes" (same page)
const MAX_TOKEN_LENGTH = 8_192;
const MAX_REMEMBERED_TOKENS = 1_000;

/** What a verified token says; checked against each request it comes with. */
interface VerifiedToken {
  readonly expiresAtMs: number;
  readonly serviceUrl: string;
  readonly endorsements: readonly string[];
}

/**
 * Checks the tokens of the Bot Framework service: signature, issuer, audience, expiry, the key's endorsement of the
 * channel and the serviceUrl claim. A token that was verified is remembered by its hash until it expires
 * (a service sends one token with thousands of activities); what binds it to a request is checked every time.
 */
export function createAuthentication(options: AuthenticationOptions): Authenticate {
  const verified = new Map<string, VerifiedToken>();
  return async (authorization, activity) => {
    const token = readBearer(authorization);
    const hash = createHash('sha256').update(token).digest('base64');
    const known = verified.get(hash) ?? remember(verified, hash, await verifyToken(token, options));
    bindToRequest(known, activity, options);
  };
}

/**
 * For a host without an app id, which listens on loopback only: programs on this machine are trusted, and answered on
 * this machine only (or on `isAllowedServiceUrl`), so that nobody makes the host call other addresses.
 */
export function trustThisMachine(isAllowedServiceUrl: (serviceUrl: string) => boolean): Authenticate {
  return async (_authorization, { serviceUrl = '' }) => {
    const host = URL.canParse(serviceUrl) ? new URL(serviceUrl) : undefined;
    const isHere = host !== undefined && /^https?:$/.test(host.protocol) && isLoopback(host.hostname);
    if (!isHere && !isAllowedServiceUrl(serviceUrl)) throw new AuthenticationError(403, 'Without MicrosoftAppId the service URL must be on this machine, or in SERVICE_URL_HOSTS.');
  };
}

function readBearer(authorization: string | undefined): string {
  const token = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (!token) throw new AuthenticationError(401, 'There is no bearer token.');
  if (token.length > MAX_TOKEN_LENGTH) throw new AuthenticationError(401, 'The token is longer than any real one.');
  return token;
}

function remember(verified: Map<string, VerifiedToken>, hash: string, token: VerifiedToken): VerifiedToken {
  const oldest = verified.keys().next();
  if (verified.size >= MAX_REMEMBERED_TOKENS && !oldest.done) verified.delete(oldest.value);
  verified.set(hash, token);
  return token;
}

async function verifyToken(token: string, options: AuthenticationOptions): Promise<VerifiedToken> {
  try {
    const { kid } = decodeProtectedHeader(token);
    const signingKey = kid === undefined ? undefined : await options.keys.find(kid);
    if (!signingKey) throw new Error('The key that signed the token is unknown.');
    const { payload } = await jwtVerify(token, signingKey.key, {
      algorithms: ALGORITHMS,
      issuer: ISSUER,
      audience: options.appId,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
    });
    return { expiresAtMs: expiry(payload), serviceUrl: serviceUrlClaim(payload), endorsements: signingKey.endorsements };
  } catch (error) {
    throw new AuthenticationError(401, 'The token was refused.', { cause: error });
  }
}

const expiry = (payload: JWTPayload): number => ((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1000;

function serviceUrlClaim(payload: JWTPayload): string {
  return z.string().min(1).parse(payload['serviceurl'] ?? payload['serviceUrl']);
}

function bindToRequest(token: VerifiedToken, activity: Partial<Activity>, options: AuthenticationOptions): void {
  if (token.expiresAtMs < Date.now()) throw new AuthenticationError(401, 'The token has expired.');
  if (!activity.serviceUrl || !isSameUrl(activity.serviceUrl, token.serviceUrl)) {
    throw new AuthenticationError(401, 'The token is for another service URL than the activity.');
  }
  if (token.endorsements.length > 0 && !token.endorsements.includes(activity.channelId ?? '')) {
    throw new AuthenticationError(401, 'The key is not endorsed for the channel.');
  }
  if (!options.isAllowedServiceUrl(activity.serviceUrl)) throw new AuthenticationError(403, 'The service URL is not one of the known hosts.');
  if (!isAllowedTenant(activity, options.allowedTenants)) throw new AuthenticationError(403, 'The tenant is not among ALLOWED_TENANTS.');
}

const isSameUrl = (one: string, other: string): boolean => one.replace(/\/+$/, '') === other.replace(/\/+$/, '');

const channelDataShape = z.object({ tenant: z.object({ id: z.string() }) });

function isAllowedTenant(activity: Partial<Activity>, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  const channelData = channelDataShape.safeParse(activity.channelData);
  const tenant = activity.conversation?.tenantId ?? channelData.data?.tenant.id;
  return tenant !== undefined && allowed.includes(tenant);
}

/** Microsoft's connector hosts, the public and the government clouds. */
const MICROSOFT_HOSTS = [
  /^smba\.trafficmanager\.net$/,
  /^smba\.infra\.(gcc|gov)\.teams\.microsoft\.(com|us)$/,
  /(^|\.)botframework\.(com|us|azure\.us|azure\.cn)$/,
];

/** True for https addresses of Microsoft's connector hosts and of `extraHosts`: the only places our token is sent to. */
export function allowServiceUrls(extraHosts: readonly string[]): (serviceUrl: string) => boolean {
  const extra = new Set(extraHosts.map((host) => host.toLowerCase()));
  return (serviceUrl) => {
    const url = URL.canParse(serviceUrl) ? new URL(serviceUrl) : undefined;
    if (!url || url.username || url.password) return false;
    if (extra.has(url.host)) return true;
    return url.protocol === 'https:' && url.port === '' && MICROSOFT_HOSTS.some((host) => host.test(url.hostname));
  };
}
