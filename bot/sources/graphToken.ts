import type { Logger } from 'pino';
import { createTokenCache, TokenError, type TokenCache } from '../../ai/tokenCache';
import { SourceError } from '../../threads/error';
import type { GraphToken } from '../../threads/graph/client';
import type { Cloud } from '../cloud';
import type { BotIdentity } from '../config';
import { tokensOf } from '../credentials';

export interface GraphTokenOptions {
  readonly identity: Exclude<BotIdentity, { kind: 'none' }>;
  readonly cloud: Cloud;
  /** Entra ID, where it is not at the cloud's address. */
  readonly authorityUrl?: string;
  /** Ends the renewals. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Organizations that talk to one bot in a day; more are asked for anew. */
const MAX_TENANTS = 200;

/** The bot's tokens for Microsoft Graph, one for each organization, renewed in the background once they were wanted. */
export function createGraphToken(options: GraphTokenOptions): GraphToken {
  const caches = new Map<string, { readonly cache: TokenCache; readonly end: () => void }>();
  const cacheOf = (tenantId: string): TokenCache => {
    const known = caches.get(tenantId);
    if (known) return known.cache;
    if (caches.size >= MAX_TENANTS) endOldest(caches);
    const ending = new AbortController();
    const cache = createCache(tenantId, options, AbortSignal.any([options.signal, ending.signal]));
    caches.set(tenantId, { cache, end: () => ending.abort() });
    return cache;
  };
  return async (tenantId, refused) => {
    try {
      const cache = cacheOf(tenantId);
      return await (refused === undefined ? cache.get() : cache.another(refused));
    } catch (error) {
      throw toSourceError(error);
    }
  };
}

function createCache(tenantId: string, { identity, cloud, authorityUrl, log }: GraphTokenOptions, signal: AbortSignal): TokenCache {
  // a managed identity has tokens of the organization that it belongs to, and no others
  if (identity.kind === 'managed-identity' && identity.tenantId !== tenantId) throw new SourceError('unauthorized', 'The managed identity belongs to another organization.');
  const tokens = tokensOf({ ...identity, tenantId }, `${cloud.graphUrl}/.default`, authorityUrl ?? cloud.loginUrl);
  return createTokenCache(tokens, { signal, onFailure: (error) => log.warn({ err: error, code: error.code }, 'there is no token for Microsoft Graph') });
}

function endOldest(caches: Map<string, { readonly end: () => void }>): void {
  for (const [tenantId, { end }] of caches) {
    end();
    caches.delete(tenantId);
    return;
  }
}

function toSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const code = error instanceof TokenError && error.code === 'refused' ? 'unauthorized' : 'unavailable';
  return new SourceError(code, 'There is no token for Microsoft Graph.', { cause: error });
}
