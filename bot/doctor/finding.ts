/** What was looked at. */
export type Area = 'settings' | 'store' | 'deployment' | 'bot' | 'endpoint' | 'web-chat';

/** What was found, by what is wrong; sentences on each are in the catalogue (cli.doctor). */
export type FindingCode =
  | 'ok' | 'none' | 'timeout'
  | 'setting' | 'setting-odd'
  | 'store-new' | 'store-unreachable' | 'store-old' | 'store-read-only'
  | 'unauthorized' | 'no-token' | 'deployment-not-found' | 'not-found' | 'wrong-kind' | 'no-streaming' | 'no-schema' | 'slow' | 'rate-limited' | 'no-quota' | 'service-error' | 'refused' | 'not-understood' | 'unreachable'
  | 'no-app-id' | 'credentials-refused' | 'entra-unreachable'
  | 'no-public-url' | 'not-ours' | 'tls' | 'redirects' | 'open-door'
  | 'secret-odd';

/** One thing that was looked at. Never holds a secret. */
export interface Finding {
  readonly area: Area;
  /** Of a deployment: its name; else ''. */
  readonly name: string;
  readonly code: FindingCode;
  /** A status, a code, a number or a host that goes into the sentence. */
  readonly detail?: string;
  readonly durationMs?: number;
}

export type Level = 'ok' | 'warning' | 'failure';

const good: readonly FindingCode[] = ['ok', 'none', 'no-app-id'];
const doubtful: readonly FindingCode[] = ['setting-odd', 'store-new', 'store-old', 'no-schema', 'slow', 'rate-limited', 'no-public-url', 'secret-odd'];

export const levelOf = ({ code }: Finding): Level => (good.includes(code) ? 'ok' : doubtful.includes(code) ? 'warning' : 'failure');

/** A code of Node, undici or TLS, wherever it is in the chain of causes; never a message, which may hold what was sent. */
export function networkCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }; // any error
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  return cause === undefined ? 'unknown' : networkCode(cause);
}
