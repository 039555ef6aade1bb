import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import { request } from 'undici';
import { z } from 'zod';

/** A key that signs tokens of the Bot Framework service. */
export interface SigningKey {
  readonly key: KeyObject;
  /** Channels that the key may speak for; empty: not limited. */
  readonly endorsements: readonly string[];
}

export interface KeyStoreOptions {
  readonly openIdMetadataUrl: string;
  readonly log: Logger;
}

const FETCH_LIMIT_MS = 3_000;
const REFRESH_AFTER_MS = 12 * 60 * 60 * 1000;
/** Keys that cannot be renewed go on being trusted this long, with an alarm in the log: an outage of the key service must not become ours. */
const STALE_LIMIT_MS = 7 * 24 * 60 * 60 * 1000;
/** An unknown key id asks again at most so often, so that forged ids cannot make us flood the key service. */
const UNKNOWN_KEY_PAUSE_MS = 60_000;

const metadataShape = z.object({ jwks_uri: z.url() });
const keysShape = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA'), endorsements: z.array(z.string()).default([]) })),
});

/** The public keys of an OpenID provider, fetched once at a time, renewed in the background, kept when the provider is down. */
export class KeyStore {
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  private fetchedAt = 0;
  private askedAt = 0;
  private fetching: Promise<void> | undefined;

  constructor(private readonly options: KeyStoreOptions) {}

  /** The key with this id; undefined when the provider does not have it. Throws when no key was ever fetched. */
  async find(keyId: string): Promise<SigningKey | undefined> {
    const age = Date.now() - this.fetchedAt;
    const known = this.keys.get(keyId);
    if (known && age < STALE_LIMIT_MS) {
      if (age > REFRESH_AFTER_MS) this.refreshInBackground();
      return known;
    }
    if (this.fetching || Date.now() - this.askedAt > UNKNOWN_KEY_PAUSE_MS || this.fetchedAt === 0) await this.refresh();
    return this.keys.get(keyId);
  }

  private refreshInBackground(): void {
    if (Date.now() - this.askedAt < UNKNOWN_KEY_PAUSE_MS) return;
    this.refresh().catch((error: unknown) => {
      this.options.log.error({ err: error }, 'signing keys could not be renewed; the old ones stay in use');
    });
  }

  private refresh(): Promise<void> {
    this.fetching ??= this.fetchKeys().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async fetchKeys(): Promise<void> {
    this.askedAt = Date.now();
    const metadata = metadataShape.parse(await getJson(this.options.openIdMetadataUrl));
    const { keys } = keysShape.parse(await getJson(metadata.jwks_uri));
    this.keys = new Map(keys.map((jwk) => [jwk.kid, toSigningKey(jwk)]));
    this.fetchedAt = Date.now();
  }
}

function toSigningKey(jwk: z.infer<typeof keysShape>['keys'][number]): SigningKey {
  return { key: createPublicKey({ key: jwk, format: 'jwk' }), endorsements: jwk.endorsements };
}

async function getJson(url: string): Promise<unknown> {
  const response = await request(url, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
  if (response.statusCode !== 200) {
    await response.body.dump();
    throw new Error(`${url} answered ${response.statusCode}`);
  }
  return response.body.json();
}
