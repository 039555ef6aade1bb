import type { Cloud } from './cloud';
import { isLoopback } from './loopback';

/** A service that the bot may call: it decides which token is shown there. */
export type Service =
  /** Of Bot Framework, or a host that the settings name. */
  | { readonly kind: 'channel' }
  /** A bot that uses this one as its skill. */
  | { readonly kind: 'caller'; readonly appId: string }
  /** This machine, in development. No token is shown. */
  | { readonly kind: 'local' };

/** The service behind a service URL; undefined where the bot must not call. */
export type FindService = (serviceUrl: string) => Service | undefined;

/** A bot that may use this one as its skill, and the host (or host:port) that it is answered at. */
export interface AllowedCaller {
  readonly appId: string;
  readonly host: string;
}

export interface ServiceOptions {
  readonly cloud: Cloud;
  /** `host` or `host:port` for https, `http://host:port` for http; loopback hosts take both. */
  readonly extraHosts: readonly string[];
  readonly callers: readonly AllowedCaller[];
  readonly allowsLoopback: boolean;
}

/** Knows the only places that the bot calls: Microsoft's connector hosts and what the settings add. */
export function createFindService({ cloud, extraHosts, callers, allowsLoopback }: ServiceOptions): FindService {
  const extraOrigins = new Set(extraHosts.flatMap(originsOf));
  return (serviceUrl) => {
    const url = parsePlainUrl(serviceUrl);
    if (!url) return undefined;
    const caller = callers.find(({ host }) => url.origin === `https://${host}`);
    if (caller) return { kind: 'caller', appId: caller.appId };
    if (extraOrigins.has(url.origin)) return { kind: 'channel' };
    if (allowsLoopback && isLoopback(url.hostname)) return { kind: 'local' };
    const isMicrosofts = url.protocol === 'https:' && url.port === '' && cloud.serviceHosts.some((host) => host.test(url.hostname));
    return isMicrosofts ? { kind: 'channel' } : undefined;
  };
}

/**
 * An http address that says what it means. Parsers turn user names, full-width letters and dots, numbers as IP addresses,
 * backslashes and white space into another host than people read: what is changed by parsing is refused.
 */
function parsePlainUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) return undefined;
  const rest = text.toLowerCase().startsWith(url.origin) ? text.slice(url.origin.length) : undefined;
  return rest !== undefined && /^(\/[\w.~!$&'()*+,;=:@%/-]*)?$/.test(rest) ? url : undefined;
}

function originsOf(host: string): string[] {
  if (host.startsWith('http://')) return [new URL(host).origin];
  const https = new URL(`https://${host}`);
  return isLoopback(https.hostname) ? [https.origin, new URL(`http://${host}`).origin] : [https.origin];
}
