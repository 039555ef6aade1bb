import { createManagedIdentity, fetchWith } from '../../ai/credential';
import { TokenError } from '../../ai/tokenCache';
import { clientSecretTokens } from '../clientSecret';
import type { Config } from '../config';
import type { Finding } from './finding';

type Found = Omit<Finding, 'area' | 'name'>;

/** Fetches the token that the bot shows to channels. */
export async function checkBot({ identity, cloud }: Pick<Config, 'identity' | 'cloud'>, authorityUrl: string | undefined, signal: AbortSignal): Promise<Found> {
  if (identity.kind === 'none') return { code: 'no-app-id' };
  const fetchToken = identity.kind === 'managed-identity'
    ? fetchWith(() => createManagedIdentity(identity.appId), cloud.channelScope)
    : clientSecretTokens({ ...identity, authorityUrl: authorityUrl ?? cloud.loginUrl, scope: cloud.channelScope });
  try {
    await fetchToken(signal);
    return { code: 'ok' };
  } catch (error) {
    return { code: error instanceof TokenError && error.code === 'refused' ? 'credentials-refused' : 'entra-unreachable' };
  }
}
