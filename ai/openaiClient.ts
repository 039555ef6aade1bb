import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import type { TokenProvider } from './credential';

/** Where the model is. `endpoint`: `https://NAME.openai.azure.com`, or a gateway before it. */
export type ModelService =
  | { readonly kind: 'azure'; readonly endpoint: string; readonly deployment: string; readonly apiKey: string }
  | { readonly kind: 'azure'; readonly endpoint: string; readonly deployment: string; readonly token: TokenProvider }
  /** OpenAI itself, or a compatible server; local servers take any key. */
  | { readonly kind: 'openai'; readonly baseUrl?: string; readonly apiKey?: string; readonly model: string };

export const OPENAI_BASE_URL = 'https://api.openai.com/v1/';

const LOCAL_SERVER_KEY = 'none'; // the SDK refuses to start without a key; Ollama and its like ignore it

export const modelNameOf = (service: ModelService): string => (service.kind === 'azure' ? service.deployment : service.model);

/**
 * The SDK's client, bare: no retries, logs or settings of its own. It is loaded here, on first use,
 * since loading takes 0.1 s of CPU that an offline start need not pay.
 */
export async function createClient(service: ModelService, timeoutMs: number): Promise<OpenAI> {
  const { default: OpenAIClient } = await import('openai');
  return new OpenAIClient({
    baseURL: baseUrlOf(service),
    apiKey: LOCAL_SERVER_KEY, // sent by ownFetch
    // null keeps the SDK from reading OPENAI_ADMIN_KEY, OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_WEBHOOK_SECRET
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs + 1_000, // the watch ends a call before the SDK does
    logLevel: 'off',
    fetch: ownFetch(keyOf(service)),
  });
}

/** Azure's v1 API lives under `/openai/v1/` and takes no api-version (Learn, "Azure OpenAI v1 API"). */
function baseUrlOf(service: ModelService): string {
  if (service.kind === 'openai') return withSlash(service.baseUrl ?? OPENAI_BASE_URL);
  const endpoint = withSlash(service.endpoint);
  return endpoint.endsWith('/openai/v1/') ? endpoint : `${endpoint}openai/v1/`;
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

function keyOf(service: ModelService): TokenProvider {
  if ('token' in service) return service.token;
  const key = service.apiKey || LOCAL_SERVER_KEY;
  return () => Promise.resolve(key);
}

/** Headers are written here, since OPENAI_CUSTOM_HEADERS would otherwise add to or replace them. */
function ownFetch(key: TokenProvider): typeof fetch {
  return async (url, init) => {
    const authorization = `Bearer ${await key(init?.signal ?? undefined)}`;
    // A form names its own type, with the boundary between its parts.
    const contentType = init?.body instanceof FormData ? {} : { 'content-type': 'application/json' };
    const accept = new Headers(init?.headers).get('accept') ?? 'application/json';
    return fetch(url, { ...init, headers: { authorization, ...contentType, accept, 'user-agent': 'parley' } });
  };
}
