import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import type { TokenProvider } from './credential';
import type { Api, Deployment, Place } from './deployments';

export interface ClientOptions {
  /** Tokens of Entra ID, where the deployment wants them. */
  readonly token?: TokenProvider;
  readonly timeoutMs: number;
  /** Hears of every answer of the service: what is left of its limits stands there. */
  readonly onHeaders?: (headers: Headers) => void;
}

export const OPENAI_BASE_URL = 'https://api.openai.com/v1/';

const LOCAL_SERVER_KEY = 'none'; // the SDK refuses to start without a key; Ollama and its like ignore it

/**
 * The SDK's client, bare: no retries, logs or settings of its own. It is loaded here, on first use,
 * since loading takes 0.1 s of CPU that an offline start need not pay.
 */
export async function createClient(deployment: Deployment, { token, timeoutMs, onHeaders }: ClientOptions): Promise<OpenAI> {
  const { place, api } = deployment;
  const { default: OpenAIClient } = await import('openai');
  return new OpenAIClient({
    baseURL: baseUrlOf(place, api),
    ...(place.kind === 'azure' && place.apiVersion !== 'v1' && { defaultQuery: { 'api-version': place.apiVersion } }),
    apiKey: LOCAL_SERVER_KEY, // sent by ownFetch
    // null keeps the SDK from reading OPENAI_ADMIN_KEY, OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_WEBHOOK_SECRET
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs + 1_000, // the watch ends a call before the SDK does
    logLevel: 'off',
    fetch: ownFetch(authorizationOf(deployment, token), onHeaders),
  });
}

/**
 * Azure's v1 API lives under `/openai/v1/` and names the deployment in the body; versions with a date name it in the
 * path, but for responses (Learn, "Azure OpenAI API version lifecycle", and the REST references).
 */
function baseUrlOf(place: Place, api: Api): string {
  if (place.kind === 'openai') return withSlash(place.baseUrl ?? OPENAI_BASE_URL);
  const resource = withSlash(place.endpoint).replace(/openai\/v1\/$/, '');
  if (isV1(place.apiVersion)) return `${resource}openai/v1/`;
  return api === 'responses' ? `${resource}openai/` : `${resource}openai/deployments/${encodeURIComponent(place.deployment)}/`;
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

const isV1 = (apiVersion: string): boolean => apiVersion === 'v1' || apiVersion === 'preview';

type Authorization = (signal: AbortSignal | undefined) => Promise<readonly (readonly [string, string])[]>;

/** Versions with a date take a key in a header of its own only. */
function authorizationOf({ place, access }: Deployment, token: TokenProvider | undefined): Authorization {
  if (access.kind === 'entra') {
    if (!token) throw new Error('A deployment that is asked with Entra ID was given no tokens: a mistake in the host.');
    return async (signal) => [['authorization', `Bearer ${await token(signal)}`]];
  }
  const key = access.kind === 'key' ? access.key : LOCAL_SERVER_KEY;
  const isDated = place.kind === 'azure' && !isV1(place.apiVersion);
  return () => Promise.resolve([isDated ? ['api-key', key] : ['authorization', `Bearer ${key}`]]);
}

/** Headers are written here, since OPENAI_CUSTOM_HEADERS would otherwise add to or replace them. */
function ownFetch(authorize: Authorization, onHeaders: ClientOptions['onHeaders']): typeof fetch {
  return async (url, init) => {
    // a form says its type itself, with the boundary of its parts
    const type = typeof init?.body === 'string' ? { 'content-type': 'application/json' } : {};
    const accept = new Headers(init?.headers).get('accept') ?? 'application/json';
    const headers = new Headers({ ...type, accept, 'user-agent': 'parley' });
    for (const [name, value] of await authorize(init?.signal ?? undefined)) headers.set(name, value);
    const response = await fetch(url, { ...init, headers });
    onHeaders?.(response.headers);
    return response;
  };
}
