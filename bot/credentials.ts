import { cacheTokens, type Credential } from '../ai/credential';
import type { BotIdentity } from './config';

/** The token that the bot shows to channels; undefined for a bot without an identity. Throws when Entra ID gives none. */
export type ConnectorToken = () => Promise<string | undefined>;

const SCOPE = 'https://api.botframework.com/.default';

/** Tokens of the bot's own identity, kept and renewed ahead of time. @azure/identity is loaded on first use. */
export function createConnectorToken(identity: BotIdentity): ConnectorToken {
  if (identity.kind === 'none') return async () => undefined;
  let credential: Promise<Credential> | undefined;
  return cacheTokens({ getToken: async (scope) => (await (credential ??= createCredential(identity))).getToken(scope) }, { scope: SCOPE });
}

async function createCredential(identity: Exclude<BotIdentity, { kind: 'none' }>): Promise<Credential> {
  const { ClientSecretCredential, ManagedIdentityCredential } = await import('@azure/identity');
  if (identity.kind === 'secret') return new ClientSecretCredential(identity.tenantId, identity.appId, identity.password);
  return new ManagedIdentityCredential({ clientId: identity.appId });
}
