import { z } from 'zod';
import type { Config } from '../config';
import { networkCode, type Finding } from './finding';

type Found = Omit<Finding, 'area' | 'name'>;

/** Asks the public address as a stranger: ours answers on /healthz, and refuses an activity without a token in its own words. */
export async function checkEndpoint({ publicUrl, identity }: Pick<Config, 'publicUrl' | 'identity'>, signal: AbortSignal): Promise<Found> {
  if (publicUrl === undefined) return { code: identity.kind === 'none' ? 'none' : 'no-public-url' };
  try {
    return (await healthOf(publicUrl, signal)) ?? (await messagesOf(publicUrl, identity.kind !== 'none', signal));
  } catch (error) {
    if (signal.aborted) throw error;
    const code = networkCode(error);
    return { code: isOfTls(code) ? 'tls' : 'unreachable', detail: code };
  }
}

const healthShape = z.object({ status: z.literal('ok') });

async function healthOf(publicUrl: string, signal: AbortSignal): Promise<Found | undefined> {
  const response = await fetch(`${publicUrl}/healthz`, { redirect: 'manual', signal });
  const body = await jsonOf(response);
  if (response.status >= 300 && response.status < 400) return { code: 'redirects', detail: String(response.status) };
  return response.status === 200 && healthShape.safeParse(body).success ? undefined : { code: 'not-ours', detail: String(response.status) };
}

const refusalShape = z.object({ error: z.object({ code: z.string() }) });

async function messagesOf(publicUrl: string, wantsToken: boolean, signal: AbortSignal): Promise<Found> {
  const response = await fetch(`${publicUrl}/api/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}', redirect: 'manual', signal });
  const isOurs = refusalShape.safeParse(await jsonOf(response)).success;
  if (!isOurs || response.status >= 500 || response.status === 404) return { code: 'not-ours', detail: String(response.status) };
  // what runs there takes activities from anybody
  return wantsToken && response.status !== 401 ? { code: 'open-door', detail: String(response.status) } : { code: 'ok' };
}

const jsonOf = (response: Response): Promise<unknown> => response.json().catch(() => undefined);

/** OpenSSL's and Node's names of what is wrong with a certificate. */
const isOfTls = (code: string): boolean => /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/.test(code);
