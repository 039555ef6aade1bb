import { AIError } from './error';

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
  getToken(scope: string): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

export interface TokenProviderOptions {
  readonly scope?: string;
  /** How long a call may wait for a token when there is none that is valid. */
  readonly waitMs?: number;
  /** A new token is fetched in the background when the old one has less than this left. */
  readonly refreshAheadMs?: number;
  /** Pause after a failed fetch in the background. */
  readonly pauseAfterFailureMs?: number;
}

const MODEL_SCOPE = 'https://ai.azure.com/.default'; // the v1 API's audience (openai-node, docs/azure.md)

/** Tokens of an Azure identity for the model service. @azure/identity is loaded on first use. */
export function createTokenProvider(identity: Identity, options: TokenProviderOptions = {}): TokenProvider {
  let credential: Promise<Credential> | undefined;
  return cacheTokens({ getToken: async (scope) => (await (credential ??= createCredential(identity))).getToken(scope) }, options);
}

/**
 * Keeps a credential's token and fetches the next one ahead of time, one fetch at once, so that a slow or failing
 * identity service is not felt while a token is valid. Throws AIError: `unauthorized` where the identity is refused,
 * `unavailable` where no token came in time; the fetch goes on for the next call.
 */
export function cacheTokens(credential: Credential, options: TokenProviderOptions = {}): TokenProvider {
  const { scope = MODEL_SCOPE, waitMs = 5_000, refreshAheadMs = 5 * 60_000, pauseAfterFailureMs = 10_000 } = options;
  let token = { token: '', expiresOnTimestamp: 0 };
  let fetching: Promise<string> | undefined;
  let quietUntil = 0;

  const fetchToken = async (): Promise<string> => {
    try {
      const fetched = await credential.getToken(scope);
      if (!fetched) throw new Error('The credential gave no token.');
      token = fetched;
      return fetched.token;
    } catch (error) {
      quietUntil = Date.now() + pauseAfterFailureMs;
      throw new AIError('unauthorized', 'No Entra ID token for the model service: check the identity, or "az login" in development.', { cause: error });
    } finally {
      fetching = undefined;
    }
  };

  return async (signal) => {
    const leftMs = token.expiresOnTimestamp - Date.now();
    const isDue = leftMs < refreshAheadMs && (leftMs <= 0 || Date.now() >= quietUntil);
    if (isDue && !fetching) {
      fetching = fetchToken();
      fetching.catch(() => undefined); // told to those who wait for it; a failure in the background is tried again
    }
    return leftMs > 0 || !fetching ? token.token : within(fetching, waitMs, signal);
  };
}

function within(fetching: Promise<string>, waitMs: number, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new AIError('unavailable', `No Entra ID token for the model service within ${waitMs} ms.`));
    const timer = setTimeout(giveUp, waitMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    fetching.then(resolve, reject).finally(settle);
  });
}

async function createCredential(identity: Identity): Promise<Credential> {
  const azure = await import('@azure/identity');
  if (identity.kind === 'azure-cli') return new azure.AzureCliCredential(identity.tenantId ? { tenantId: identity.tenantId } : {});
  if (identity.kind === 'workload-identity') return new azure.WorkloadIdentityCredential(identity);
  return identity.clientId ? new azure.ManagedIdentityCredential({ clientId: identity.clientId }) : new azure.ManagedIdentityCredential();
}
