import { Agent, request } from 'undici';
import { z } from 'zod';
import { TokenError, type AccessToken, type FetchToken } from '../ai/tokenCache';

export interface ClientSecretOptions {
  /** Entra ID: `https://login.microsoftonline.com`, without a slash at the end. */
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly appId: string;
  readonly password: string;
  readonly scope: string;
}

const CONNECT_LIMIT_MS = 3_000; // a host that is gone is found out soon, one that is slow is waited for

/**
 * The bot's token by its client secret, in one request: the SDK's credential cannot be stopped, and repeats by itself.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function clientSecretTokens(options: ClientSecretOptions): FetchToken {
  const { authorityUrl, tenantId, appId, password, scope } = options;
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: appId, client_secret: password, scope }).toString();
  return async (signal) => {
    const dispatcher = new Agent({ connectTimeout: CONNECT_LIMIT_MS, maxResponseSize: 64 * 1024 });
    try {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
      const response = await request(`${authorityUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, { method: 'POST', headers, body: form, signal, dispatcher });
      return readToken(response.statusCode, await response.body.text());
    } finally {
      dispatcher.destroy().catch(() => undefined);
    }
  };
}

const tokenShape = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
const refusalShape = z.object({ error: z.string() });

function readToken(status: number, text: string): AccessToken {
  if (status !== 200) throw refusalOf(status, text);
  const { access_token: token, expires_in: seconds } = tokenShape.parse(JSON.parse(text));
  return { token, expiresOnTimestamp: Date.now() + seconds * 1000 };
}

/** Entra ID's answers name an error; what a proxy says in its place is not its word. */
function refusalOf(status: number, text: string): TokenError {
  const error = namedError(text);
  const isFinal = error !== undefined && [400, 401, 403].includes(status) && error !== 'temporarily_unavailable';
  if (isFinal) return new TokenError('refused', `Entra ID refuses the bot's credentials (${error}). Check MicrosoftAppId, MicrosoftAppPassword and MicrosoftAppTenantId.`);
  return new TokenError('unavailable', `Entra ID answered ${status}.`);
}

function namedError(text: string): string | undefined {
  try {
    return refusalShape.safeParse(JSON.parse(text)).data?.error;
  } catch {
    return undefined;
  }
}
