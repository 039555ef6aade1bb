import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

export interface OriginPolicy {
  /** Origins that may call besides our own; `*`: every origin. */
  readonly allowedOrigins: readonly string[];
  readonly publicUrl: () => string;
}

/** True where the request's Origin may use the service. Requests without Origin do not come from another site's page. */
export function isServedOrigin(request: IncomingMessage, policy: OriginPolicy): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (policy.allowedOrigins.includes('*') || policy.allowedOrigins.includes(origin)) return true;
  const url = URL.parse(origin);
  if (!url) return false;
  if (url.host === host) return true;
  return policy.allowedOrigins.length === 0 && isLoopbackHost(url.hostname) && isLocalService(request, policy);
}

/** Development: the service and the page are both on this machine. A proxy in front of us does not make us local. */
function isLocalService(request: IncomingMessage, policy: OriginPolicy): boolean {
  const address = request.socket.localAddress ?? '';
  const isLoopbackAddress = address === '::1' || /^(::ffff:)?127\./.test(address);
  return isLoopbackAddress && isLoopbackHost(URL.parse(policy.publicUrl())?.hostname ?? '');
}

const isLoopbackHost = (hostname: string): boolean => hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);

/** True where a token's origins (empty: all) let this one in. */
export function isTrustedOrigin(origin: string | undefined, trusted: readonly string[]): boolean {
  return origin === undefined || trusted.length === 0 || trusted.includes(origin);
}

/** Headers that let a served origin read the answer; credentials are allowed for session/getsessionid alone and carry no rights. */
export function corsHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  const { origin } = request.headers;
  if (origin === undefined) return {};
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true', Vary: 'Origin' };
}

/** Headers of the answer to a preflight. */
export function preflightHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  const wanted = request.headers['access-control-request-headers'] ?? '';
  return {
    'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
    'Access-Control-Allow-Headers': /^[\w\-, ]{1,1000}$/.test(wanted) ? wanted : 'Authorization, Content-Type, x-ms-bot-agent',
    'Access-Control-Max-Age': '600',
  };
}

/** Where the client reaches us, without a slash at the end: the request's own host where it is plausible, else the public URL. */
export function baseUrlOf(request: IncomingMessage, publicUrl: string): string {
  const { host } = request.headers;
  if (host === undefined || !/^(?:[a-z\d.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i.test(host)) return publicUrl;
  if (URL.parse(publicUrl)?.host === host) return publicUrl;
  return `${protocolOf(request)}://${host}`;
}

function protocolOf(request: IncomingMessage): 'http' | 'https' {
  const forwarded = String(request.headers['x-forwarded-proto'] ?? '').split(',', 1)[0]?.trim();
  if (forwarded === 'http' || forwarded === 'https') return forwarded;
  // A plain socket has no `encrypted`.
  return (request.socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
}
