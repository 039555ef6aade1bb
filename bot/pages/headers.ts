/** What the security headers of a page depend on. */
export interface PageSecurity {
  readonly nonce: string;
  /** The request's Host header: untrusted. */
  readonly host: string | undefined;
  /** Origins besides our own that the page's script talks to. */
  readonly connectOrigins?: readonly string[];
  /** Origin besides our own that pictures and recordings come from. */
  readonly mediaOrigin?: string | undefined;
  /** Origins that may show the page in a frame. */
  readonly frameAncestors?: readonly string[];
}

/** Headers of every page: a strict content security policy, no sniffing, no referrer that could carry a secret address. */
export function pageHeaders(security: PageSecurity): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(security),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    // For browsers that do not know frame-ancestors.
    ...(security.frameAncestors?.length ? {} : { 'x-frame-options': 'DENY' }),
  };
}

/**
 * The hash of nothing. One style element of Web Chat (react-scroll-to-bottom's) is made without the nonce; it is empty,
 * and its rules are added by the browser's style API, which the policy does not concern.
 */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/** Of Web Chat 4.18.1 and the renderer of cards in it (adaptivecards 3.0.6). */
const LIBRARY_POLICIES = ['html', ...['deprecatedExportedFunctionPolicy', 'markdownPassthroughPolicy', 'restoreContentsPolicy'].map((name) => `adaptivecards#${name}`)];

function contentSecurityPolicy({ nonce, host, connectOrigins = [], mediaOrigin, frameAncestors = [] }: PageSecurity): string {
  const media = mediaOrigin === undefined ? [] : [mediaOrigin];
  const policy: Readonly<Record<string, readonly string[]>> = {
    'default-src': ["'none'"],
    // A script that the nonce's own script imports (the Teams library) carries its nonce.
    'script-src': [`'nonce-${nonce}'`],
    'style-src': [`'nonce-${nonce}'`, EMPTY_STYLE],
    'img-src': ["'self'", ...media, 'data:', 'blob:'],
    'media-src': ["'self'", ...media, 'blob:'],
    'font-src': ["'self'", 'data:'],
    // blob: Direct Line's client reads the chosen file back from its blob address before it uploads it.
    'connect-src': ["'self'", 'blob:', ...socketOrigins(host), ...connectOrigins.flatMap(withSocket)],
    'frame-ancestors': frameAncestors.length ? frameAncestors : ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    // What becomes markup goes through web/markup.ts, but for what these libraries have sanitized themselves.
    'require-trusted-types-for': ["'script'"],
    'trusted-types': ['parley', 'default', ...LIBRARY_POLICIES],
  };
  return Object.entries(policy).map(([name, sources]) => `${name} ${sources.join(' ')}`).join('; ');
}

/** Browsers differ in whether 'self' covers WebSockets. A host that is not plainly a host is left out, never quoted back. */
function socketOrigins(host = ''): string[] {
  return /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(host) ? [`ws://${host}`, `wss://${host}`] : [];
}

const withSocket = (origin: string): string[] => [origin, origin.replace(/^http/, 'ws')];
