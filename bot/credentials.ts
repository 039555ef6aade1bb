import type { Logger } from 'pino';
import { createManagedIdentity, fetchWith } from '../ai/credential';
import { createTokenCache, type FetchToken, type TokenCache } from '../ai/tokenCache';
import { clientSecretTokens } from './clientSecret';
import type { Cloud } from './cloud';
import type { BotIdentity } from './config';
import type { FindService } from './serviceUrls';

/**
 * The token that the bot shows to a service; undefined where it shows none. `refused`: one that the service does not take,
 * for which another is wanted. Waits 5 s at most. Throws TokenError.
 */
export type ConnectorToken = (serviceUrl: string, refused?: string) => Promise<string | undefined>;

export interface ConnectorTokenOptions {
  readonly identity: BotIdentity;
  readonly cloud: Cloud;
  readonly findService: FindService;
  /** Entra ID, where it is not at the cloud's address. */
  readonly authorityUrl?: string;
  /** Ends the renewals. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Tokens of the bot's own identity, fetched from now on and renewed in the background. Each is for one audience: a bot
 * that uses ours as its skill gets one for itself, and could do nothing with it at Bot Framework.
 */
export function createConnectorToken(options: ConnectorTokenOptions): ConnectorToken {
  const { identity, cloud, findService } = options;
  if (identity.kind === 'none') return async () => undefined;
  const caches = new Map<string, TokenCache>();
  const cacheFor = (scope: string): TokenCache => {
    const cache = caches.get(scope) ?? createCache(tokensOf(identity, scope, options.authorityUrl ?? cloud.loginUrl), options);
    caches.set(scope, cache);
    return cache;
  };
  cacheFor(cloud.channelScope).start();
  return async (serviceUrl, refused) => {
    const service = findService(serviceUrl);
    if (!service || service.kind === 'local') return undefined;
    const cache = cacheFor(service.kind === 'channel' ? cloud.channelScope : `${service.appId}/.default`);
    return refused === undefined ? cache.get() : cache.another(refused);
  };
}

/** Asks for tokens of this identity for one audience. */
export function tokensOf(identity: Exclude<BotIdentity, { kind: 'none' }>, scope: string, authorityUrl: string): FetchToken {
  if (identity.kind === 'managed-identity') return fetchWith(() => createManagedIdentity(identity.appId), scope);
  return clientSecretTokens({ ...identity, authorityUrl, scope });
}

function createCache(fetchToken: FetchToken, { signal, log }: ConnectorTokenOptions): TokenCache {
  return createTokenCache(fetchToken, {
    signal,
    onFailure: (error, validForMs) => {
      const facts = { err: error, code: error.code, validForMs };
      if (validForMs > 0) log.warn(facts, 'the bot token could not be renewed; the old one stays in use');
      else log.error(facts, 'there is no bot token; answers wait');
    },
  });
}
