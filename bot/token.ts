import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';
import type { Cloud } from './cloud';
import type { KeyStore, SigningKey } from './keys';

/** Whom a verified token speaks for. */
export type Caller =
  /** A channel of Bot Framework, for the one service URL that the token names. */
  | { readonly kind: 'channel'; readonly serviceUrl: string; readonly endorsements: readonly string[] | undefined }
  /** The Emulator, which has the bot's own credentials. */
  | { readonly kind: 'emulator' }
  /** Another bot, which uses this one as its skill. */
  | { readonly kind: 'bot'; readonly appId: string };

export interface VerifiedToken {
  readonly caller: Caller;
  /** Clock tolerance included. */
  readonly expiresAtMs: number;
}

export interface TokenOptions {
  readonly appId: string;
  readonly cloud: Cloud;
  /** Keys of the Bot Framework service. */
  readonly channelKeys: KeyStore;
  /** Absent: tokens of Entra ID, which the Emulator and other bots send, are refused. */
  readonly entra?: EntraOptions;
  readonly now: () => number;
}

export interface EntraOptions {
  readonly keys: KeyStore;
  /** Whose app registrations may sign in. */
  readonly tenantIds: readonly string[];
  readonly allowsEmulator: boolean;
  /** App ids of bots that may call. */
  readonly callerAppIds: readonly string[];
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512'] as const;
const CLOCK_TOLERANCE_SECONDS = 300; // "industry-standard clock-skew is 5 minutes" (Learn, Bot Connector authentication)
/** Real ones live an hour, or a day for managed identities. */
const MAX_LIFETIME_SECONDS = 24 * 60 * 60;

/** Checks the token of a service that calls: it is for this bot, and of an issuer whose services may call. Throws as verifyJwt does. */
export async function verifyToken(token: string, options: TokenOptions): Promise<VerifiedToken> {
  const issuer = issuerOf(decodeJwt(token), options);
  const { payload, signingKey, expiresAtMs } = await verifyJwt(token, { ...issuer, audience: [options.appId] }, options.now);
  return { caller: issuer.callerOf(payload, signingKey), expiresAtMs };
}

/** Who may have made a token, and for whom. */
export interface TrustedIssuer {
  readonly name: string;
  readonly keys: KeyStore;
  /** One of these has to be the token's. */
  readonly audience: readonly string[];
}

export interface VerifiedJwt {
  readonly payload: JWTPayload;
  readonly signingKey: SigningKey;
  /** Clock tolerance included. */
  readonly expiresAtMs: number;
}

/**
 * Checks a token: the issuer's key signed it, it is for the audience, is valid now and ends within a day.
 * Keys come from the issuer alone: what a token says about keys (jwk, jku, x5u, x5c) or wants understood (crit) is refused.
 * Throws for everything else, KeysUnavailable where the issuer's keys cannot be had.
 */
export async function verifyJwt(token: string, issuer: TrustedIssuer, now: () => number): Promise<VerifiedJwt> {
  const { kid } = headerShape.parse(decodeProtectedHeader(token));
  const signingKey = await issuer.keys.find(kid);
  if (!signingKey) throw new Error('The key that signed the token is unknown.');
  const { payload } = await jwtVerify(token, signingKey.key, {
    algorithms: [...ALGORITHMS],
    issuer: issuer.name,
    audience: [...issuer.audience],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
    currentDate: new Date(now()),
  });
  return { payload, signingKey, expiresAtMs: expiry(payload, now()) };
}

const headerShape = z.object({
  alg: z.enum(ALGORITHMS),
  kid: z.string().min(1).max(256),
  jwk: z.undefined().optional(),
  jku: z.undefined().optional(),
  x5u: z.undefined().optional(),
  x5c: z.undefined().optional(),
  crit: z.undefined().optional(),
});

interface Issuer {
  readonly name: string;
  readonly keys: KeyStore;
  readonly callerOf: (payload: JWTPayload, key: SigningKey) => Caller;
}

/** The issuer that the token names: nothing is believed yet, it only says whose keys to try. Throws for unknown ones. */
function issuerOf({ iss, tid }: JWTPayload, { appId, cloud, channelKeys, entra }: TokenOptions): Issuer {
  if (iss === cloud.channelIssuer) return { name: iss, keys: channelKeys, callerOf: channelOf };
  const isEntra = entra?.tenantIds.some((tenantId) => tid === tenantId && (iss === `${cloud.firstIssuerUrl}${tenantId}/` || iss === `${cloud.loginUrl}/${tenantId}/v2.0`));
  if (!entra || !isEntra || iss === undefined) throw new Error('The issuer is not one that may call.');
  return { name: iss, keys: entra.keys, callerOf: (payload) => applicationOf(payload, appId, entra) };
}

function channelOf(payload: JWTPayload, { endorsements }: SigningKey): Caller {
  return { kind: 'channel', serviceUrl: z.string().min(1).parse(payload['serviceurl'] ?? payload['serviceUrl']), endorsements };
}

/** Entra ID's first version names the application that asked for the token `appid`, its second `azp`. */
function applicationOf(payload: JWTPayload, ownAppId: string, { allowsEmulator, callerAppIds }: EntraOptions): Caller {
  const appId = z.string().parse(payload['ver'] === '2.0' ? payload['azp'] : payload['appid']).toLowerCase();
  if (allowsEmulator && appId === ownAppId.toLowerCase()) return { kind: 'emulator' };
  if (callerAppIds.includes(appId)) return { kind: 'bot', appId };
  throw new Error('The application is not one that may call.');
}

function expiry({ exp = 0 }: JWTPayload, now: number): number {
  if (exp - now / 1000 > MAX_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS) throw new Error('The token is valid for longer than any real one.');
  return (exp + CLOCK_TOLERANCE_SECONDS) * 1000;
}
