import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { isLoopback } from './loopback';

/** A key that signs tokens. */
export interface SigningKey {
  readonly key: KeyObject;
  /** Channels that the key may speak for; undefined: its issuer does not limit it. */
  readonly endorsements: readonly string[] | undefined;
}

export interface KeyStoreOptions {
  readonly openIdMetadataUrl: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** There are no keys, or none young enough to be trusted, and the provider does not answer. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Of a fetch, both of its requests together. */
const FETCH_LIMIT_MS = 3_000;
const REFRESH_AFTER_MS = 12 * 60 * 60 * 1000;
/** Keys that cannot be renewed go on being trusted this long, with an alarm in the log: an outage of the key service must not become ours. */
const STALE_LIMIT_MS = 7 * 24 * 60 * 60 * 1000;
/** An unknown key id asks again at most so often, so that forged ids cannot make us flood the key service. */
const UNKNOWN_KEY_PAUSE_MS = 60_000;
/** Nor does an outage. */
const FAILURE_PAUSE_MS = 1_000;
const STALE_PAUSE_MS = 60_000;
const MAX_ANSWER_BYTES = 1024 * 1024; // the largest, Entra ID's, has 20 KB

/** The public keys of an OpenID provider, fetched once at a time, renewed in the background, kept when the provider is down. */
export class KeyStore {
  private readonly now: () => number;
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  private fetchedAt = -Infinity;
  private failedAt = -Infinity;
  private unknownAskedAt = -Infinity;
  private fetching: Promise<void> | undefined;

  constructor(private readonly options: KeyStoreOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Milliseconds since the keys were fetched; undefined before that. */
  get ageMs(): number | undefined {
    return this.keys.size === 0 ? undefined : this.now() - this.fetchedAt;
  }

  /** Fetches the keys ahead of the first caller. Never throws. */
  async warmUp(): Promise<void> {
    await this.refresh().catch(() => undefined);
  }

  /** The key with this id; undefined when the provider does not have it. Waits only where the id is unknown, 3 s at most. Throws KeysUnavailable. */
  async find(keyId: string): Promise<SigningKey | undefined> {
    const age = this.now() - this.fetchedAt;
    if (age > STALE_LIMIT_MS) {
      await this.firstFetch();
      return this.keys.get(keyId);
    }
    const known = this.keys.get(keyId);
    if (age > REFRESH_AFTER_MS && this.now() - this.failedAt > STALE_PAUSE_MS) this.refresh().catch(() => undefined);
    return known ?? this.findNew(keyId);
  }

  /** The provider may have new keys since: asked for at most once a minute. What fails here is no fault of the caller: his key stays unknown. */
  private async findNew(keyId: string): Promise<SigningKey | undefined> {
    if (!this.fetching) {
      if (this.now() - this.unknownAskedAt < UNKNOWN_KEY_PAUSE_MS) return undefined;
      this.unknownAskedAt = this.now();
    }
    await this.refresh().catch(() => undefined);
    return this.keys.get(keyId);
  }

  private async firstFetch(): Promise<void> {
    if (!this.fetching && this.now() - this.failedAt < FAILURE_PAUSE_MS) throw new KeysUnavailable('The signing keys could not be fetched a moment ago.');
    await this.refresh().catch((error: unknown) => {
      throw new KeysUnavailable('The signing keys cannot be fetched.', { cause: error });
    });
  }

  private refresh(): Promise<void> {
    this.fetching ??= this.fetchKeys()
      .catch((error: unknown) => {
        this.failedAt = this.now();
        this.alarm(error);
        throw error;
      })
      .finally(() => {
        this.fetching = undefined;
      });
    return this.fetching;
  }

  private async fetchKeys(): Promise<void> {
    this.keys = await fetchKeys(this.options.openIdMetadataUrl);
    this.fetchedAt = this.now();
  }

  private alarm(error: unknown): void {
    const { log } = this.options;
    const ageHours = Math.round((this.now() - this.fetchedAt) / 3_600_000);
    if (this.keys.size === 0) log.error({ err: error }, 'signing keys could not be fetched; callers cannot be checked');
    else log.error({ err: error, ageHours }, 'signing keys could not be renewed; the old ones stay in use');
  }
}

const metadataShape = z.object({ jwks_uri: z.url() });
const keysShape = z.object({ keys: z.array(z.unknown()) });
const keyShape = z.looseObject({ kid: z.string().min(1), kty: z.literal('RSA'), endorsements: z.array(z.string()).optional() });

async function fetchKeys(openIdMetadataUrl: string): Promise<ReadonlyMap<string, SigningKey>> {
  const agent = new Agent({ maxResponseSize: MAX_ANSWER_BYTES, connectTimeout: FETCH_LIMIT_MS });
  const signal = AbortSignal.timeout(FETCH_LIMIT_MS);
  try {
    const { jwks_uri: keysUrl } = metadataShape.parse(await getJson(openIdMetadataUrl, agent, signal));
    if (!isOfSameFamily(keysUrl, openIdMetadataUrl)) throw new Error('The address of the signing keys is not one of the provider.');
    const { keys } = keysShape.parse(await getJson(keysUrl, agent, signal));
    const usable = new Map(keys.flatMap(toSigningKey));
    if (usable.size === 0) throw new Error('The provider has no usable signing keys.');
    return usable;
  } finally {
    agent.destroy().catch(() => undefined);
  }
}

/** One key that we do not understand must not cost us the others. */
function toSigningKey(jwk: unknown): [string, SigningKey][] {
  const { data } = keyShape.safeParse(jwk);
  if (!data) return [];
  try {
    return [[data.kid, { key: createPublicKey({ key: data, format: 'jwk' }), endorsements: data.endorsements }]];
  } catch {
    return [];
  }
}

/** The same host, or one below the same domain, over https: login.microsoftonline.com names keys on itself, never elsewhere. */
function isOfSameFamily(address: string, metadataAddress: string): boolean {
  const url = new URL(address);
  const metadata = new URL(metadataAddress);
  if (isLoopback(metadata.hostname)) return url.host === metadata.host;
  const domain = metadata.hostname.slice(metadata.hostname.indexOf('.'));
  const isBelow = domain.lastIndexOf('.') > 0 && url.hostname.endsWith(domain);
  return url.protocol === 'https:' && url.port === '' && (isBelow || url.hostname === metadata.hostname);
}

async function getJson(url: string, dispatcher: Agent, signal: AbortSignal): Promise<unknown> {
  const response = await request(url, { signal, dispatcher });
  if (response.statusCode !== 200) {
    await response.body.dump();
    throw new Error(`${new URL(url).host} answered ${response.statusCode}.`);
  }
  return response.body.json();
}
