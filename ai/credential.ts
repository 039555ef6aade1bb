import { z } from 'zod';
import { AIError } from './error';
import { createTokenCache, TokenError, type AccessToken, type FetchToken, type TokenCacheOptions } from './tokenCache';

/** Gives a bearer token for the model service. Throws AIError. */
export type TokenProvider = (signal?: AbortSignal) => Promise<string>;

/** One identity, chosen by the settings: a chain that tries many would hide which one works, and is slow to fail. */
export type Identity =
  /** Azure hosting. Without `clientId`: the system-assigned identity. */
  | { readonly kind: 'managed-identity'; readonly clientId?: string }
  /** Kubernetes with federated tokens. */
  | { readonly kind: 'workload-identity'; readonly clientId: string; readonly tenantId: string; readonly tokenFilePath: string }
  /** Development: whoever ran `az login`. */
  | { readonly kind: 'azure-cli'; readonly tenantId?: string };

/** The part of @azure/identity's TokenCredential that is used. */
export interface Credential {
  getToken(scope: string, options?: { readonly abortSignal?: AbortSignal }): Promise<AccessToken | null>;
}

/**
 * The audience of tokens for a resource of Azure OpenAI: the v1 API has one of its own in the public cloud (openai-node,
 * docs/azure.md); versions with a date and the clouds of governments have that of Cognitive Services.
 */
export function scopeOf({ endpoint, apiVersion }: { readonly endpoint: string; readonly apiVersion: string }): string {
  const { hostname } = new URL(endpoint);
  if (hostname.endsWith('.us')) return 'https://cognitiveservices.azure.us/.default';
  if (hostname.endsWith('.cn')) return 'https://cognitiveservices.azure.cn/.default';
  return apiVersion === 'v1' || apiVersion === 'preview' ? 'https://ai.azure.com/.default' : 'https://cognitiveservices.azure.com/.default';
}

/** Tokens of an Azure identity for the model service, fetched and renewed in the background from now on. */
export function createTokenProvider(identity: Identity, scope: string, options: TokenCacheOptions = {}): TokenProvider {
  return provideTokens(fetchWith(() => createCredential(identity), scope), options);
}

/**
 * Tokens as the model's client wants them. Throws AIError: `unauthorized` where the identity is refused, `unavailable`
 * where no token came in time; the fetch goes on for the next call.
 */
export function provideTokens(fetchToken: FetchToken, options: TokenCacheOptions = {}): TokenProvider {
  const cache = createTokenCache(fetchToken, options);
  cache.start();
  return (signal) => cache.get(signal).catch((error: unknown) => {
    throw toAIError(error);
  });
}

/** Asks one of @azure/identity's credentials, made on first use: loading the package takes time that a start need not pay. */
export function fetchWith(create: () => Promise<Credential>, scope: string): FetchToken {
  let credential: Promise<Credential> | undefined;
  return async (abortSignal) => {
    try {
      const token = await (await (credential ??= create())).getToken(scope, { abortSignal });
      if (!token) throw new TokenError('refused', 'The credential does not apply here.');
      return token;
    } catch (error) {
      throw error instanceof TokenError ? error : toTokenError(error);
    }
  };
}

const failureShape = z.object({ name: z.string(), statusCode: z.number().optional(), message: z.string().catch('') });

/** Entra ID said no, or nobody is signed in to the Azure CLI: asking again soon changes nothing. */
function toTokenError(error: unknown): TokenError {
  const { data } = failureShape.safeParse(error);
  const isRefused = data?.name === 'AuthenticationError' && [400, 401, 403].includes(data.statusCode ?? 0);
  const isSignedOut = data?.name === 'CredentialUnavailableError' && /az login|Azure CLI/i.test(data.message);
  if (isRefused || isSignedOut) return new TokenError('refused', 'The identity was refused.', { cause: error });
  return new TokenError('unavailable', 'The identity service gave no token.', { cause: error });
}

function toAIError(error: unknown): AIError {
  if (error instanceof TokenError && error.code === 'refused') {
    return new AIError('unauthorized', 'No Entra ID token for the model service: check the identity, or "az login" in development.', { cause: error });
  }
  return new AIError('unavailable', 'There is no Entra ID token for the model service yet.', { cause: error });
}

/** Without retries of their own: the cache has the only loop. */
export async function createCredential(identity: Identity): Promise<Credential> {
  const azure = await import('@azure/identity');
  if (identity.kind === 'azure-cli') return new azure.AzureCliCredential(identity.tenantId ? { tenantId: identity.tenantId } : {});
  if (identity.kind === 'workload-identity') return new azure.WorkloadIdentityCredential({ ...identity, retryOptions: NO_RETRIES });
  return createManagedIdentity(identity.clientId);
}

const NO_RETRIES = { maxRetries: 0 };

/** Azure hosting's own identity, or the one with this client id. */
export async function createManagedIdentity(clientId: string | undefined): Promise<Credential> {
  const { ManagedIdentityCredential } = await import('@azure/identity');
  return new ManagedIdentityCredential({ ...(clientId !== undefined && { clientId }), retryOptions: NO_RETRIES });
}
