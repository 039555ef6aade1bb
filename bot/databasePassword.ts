import type { Logger } from 'pino';
import { createCredential, fetchWith } from '../ai/credential';
import { createTokenCache } from '../ai/tokenCache';
import type { Config } from './config';

/**
 * Entra ID tokens in place of a password, renewed in the background from now on; undefined where the settings ask for none.
 * A token opens connections and is not needed by those that are open.
 * https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-configure-sign-in-azure-ad-authentication
 */
export function createDatabasePassword({ databaseIdentity, cloud }: Config, signal: AbortSignal, log: Logger): (() => Promise<string>) | undefined {
  if (!databaseIdentity) return undefined;
  const cache = createTokenCache(fetchWith(() => createCredential(databaseIdentity), cloud.databaseScope), {
    signal,
    onFailure: ({ code }, validForMs) => log.warn({ code, validForMs }, 'there is no new token for the store'),
  });
  cache.start();
  return () => cache.get();
}
