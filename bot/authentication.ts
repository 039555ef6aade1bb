import { createHash } from 'node:crypto';
import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { KeysUnavailable } from './keys';
import { HttpError } from './readBody';
import type { FindService } from './serviceUrls';
import { verifyToken, type Caller, type TokenOptions, type VerifiedToken } from './token';

/** Who may call, and how it is checked. */
export interface AuthenticationOptions extends TokenOptions {
  /** Empty: all tenants. */
  readonly allowedTenants: readonly string[];
  readonly findService: FindService;
}

/** The caller is refused. The message is for logs; callers get a constant body. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';

  constructor(readonly status: 401 | 403, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}

/**
 * Looks at who calls, before anything that he sends is read. Gives what each activity of his has to pass.
 * Throws AuthenticationError, and HttpError 503 where the keys that tell cannot be had.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Admit>;

/** Returns when the caller may send this activity and be answered where it says. Throws AuthenticationError. */
export type Admit = (activity: Partial<Activity>) => void;

const MAX_TOKEN_LENGTH = 8_192;
const MAX_REMEMBERED_TOKENS = 1_000;
/** A key that its issuer takes back is trusted no longer than this for tokens seen before. */
const REMEMBERED_MS = 15 * 60 * 1000;

/**
 * Checks the tokens of callers (https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication).
 * A token that was verified is remembered by its hash (a service sends one token with thousands of activities); what binds
 * it to a request is checked every time: its expiry, the service URL, the key's endorsement of the channel, the tenant.
 */
export function createAuthentication(options: AuthenticationOptions): Authenticate {
  const remembered = new Map<string, VerifiedToken & { readonly until: number }>();
  return async (authorization) => {
    const token = readBearer(authorization);
    const hash = createHash('sha256').update(token).digest('base64');
    const known = remembered.get(hash);
    const verified = known && known.until > options.now() ? known : await verify(token, options);
    if (verified !== known) {
      const oldest = remembered.keys().next();
      if (remembered.size >= MAX_REMEMBERED_TOKENS && !oldest.done) remembered.delete(oldest.value);
      remembered.set(hash, { ...verified, until: Math.min(verified.expiresAtMs, options.now() + REMEMBERED_MS) });
    }
    return (activity) => bindToRequest(verified.caller, activity, options);
  };
}

/**
 * For a host without an app id, which listens on loopback only: programs on this machine are trusted, and answered on
 * this machine only (or where the settings say), so that nobody makes the host call other addresses.
 */
export function trustThisMachine(findService: FindService): Authenticate {
  return async () => ({ serviceUrl = '' }) => {
    if (!findService(serviceUrl)) throw new AuthenticationError(403, 'Without MicrosoftAppId the service URL must be on this machine, or in SERVICE_URL_HOSTS.');
  };
}

const BEARER = 'bearer ';

/** The token of an Authorization header. Throws AuthenticationError 401 where there is none that could be one. */
export function readBearer(authorization = ''): string {
  if (authorization.length > BEARER.length + MAX_TOKEN_LENGTH) throw new AuthenticationError(401, 'The token is longer than any real one.');
  const token = authorization.slice(BEARER.length);
  if (authorization.slice(0, BEARER.length).toLowerCase() !== BEARER || !/^[\w.-]+$/.test(token)) throw new AuthenticationError(401, 'There is no bearer token.');
  return token;
}

const verify = (token: string, options: AuthenticationOptions): Promise<VerifiedToken> => orRefused(verifyToken(token, options));

/** A verification whose failure refuses the caller. Throws AuthenticationError 401, and HttpError 503 where the keys that tell cannot be had. */
export async function orRefused<T>(verification: Promise<T>): Promise<T> {
  try {
    return await verification;
  } catch (error) {
    if (error instanceof KeysUnavailable) throw new HttpError(503, 'unavailable', 'Please try again shortly.');
    throw new AuthenticationError(401, 'The token was refused.', { cause: error });
  }
}

/** What each kind of caller has to show with every request. */
function bindToRequest(caller: Caller, activity: Partial<Activity>, options: AuthenticationOptions): void {
  const { serviceUrl = '', channelId = '' } = activity;
  if (caller.kind === 'channel') {
    if (!isSameUrl(serviceUrl, caller.serviceUrl)) throw new AuthenticationError(401, 'The token is for another service URL than the activity.');
    if (caller.endorsements && !caller.endorsements.includes(channelId)) throw new AuthenticationError(401, 'The key is not endorsed for the channel.');
  }
  if (!mayAnswerAt(serviceUrl, caller, options.findService)) throw new AuthenticationError(403, 'The service URL is not one of the known hosts.');
  // At the Emulator nobody belongs to a tenant; whoever uses it has the bot's secret.
  if (caller.kind !== 'emulator' && !isAllowedTenant(activity, options.allowedTenants)) throw new AuthenticationError(403, 'The tenant is not among ALLOWED_TENANTS.');
}

const isSameUrl = (one: string, other: string): boolean => one.replace(/\/+$/, '') === other.replace(/\/+$/, '');

/** Tokens of Entra ID name no service URL: each caller has its place in the settings. */
function mayAnswerAt(serviceUrl: string, caller: Caller, findService: FindService): boolean {
  const service = findService(serviceUrl);
  if (caller.kind === 'emulator') return service?.kind === 'local';
  if (caller.kind === 'bot') return service?.kind === 'caller' && service.appId === caller.appId;
  return service?.kind === 'channel';
}

const tenantsShape = z.object({
  conversation: z.object({ tenantId: z.string().nullish() }).optional(),
  channelData: z.object({ tenant: z.object({ id: z.string().nullish() }).nullish().catch(undefined) }).nullish().catch(undefined),
});

/** All tenants that the activity names have to be allowed, and it must name one. */
function isAllowedTenant(activity: Partial<Activity>, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  const { data } = tenantsShape.safeParse(activity);
  const named = [data?.conversation?.tenantId, data?.channelData?.tenant?.id].filter((tenant) => typeof tenant === 'string');
  return named.length > 0 && named.every((tenant) => allowed.some((one) => one.toLowerCase() === tenant.toLowerCase()));
}
