import { z } from 'zod';
import { SourceError, type SourceErrorCode } from '../error';

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** What Graph's refusals say: https://learn.microsoft.com/graph/errors. Codes with other signs may be sentences: they are not logged. */
const code = z.string().regex(/^[\w.-]{1,80}$/).optional().catch(undefined);
const shape = z.object({ error: z.object({ code, message: z.string().catch(''), innerError: z.object({ code }).optional().catch(undefined) }) });

type Refusal = { readonly code?: string | undefined; readonly innerCode?: string | undefined; readonly message: string };

/** What a refusal or a fault of Graph means for whoever reads; `permission`: what the request needs. */
export function graphFailure(answer: GraphAnswer, permission: string): SourceError {
  const refusal = readRefusal(answer.text);
  const kind = codeOf(answer.status, refusal);
  const named = refusal.innerCode ?? refusal.code ?? '';
  return new SourceError(kind, `Microsoft Graph answered ${answer.status} ${named}`.trim(), {
    status: answer.status,
    ...(kind === 'consent-missing' && { permission }),
    ...retryAfter(answer.headers['retry-after']),
  });
}

function readRefusal(text: string): Refusal {
  try {
    const { error } = shape.parse(JSON.parse(text));
    return { code: error.code, innerCode: error.innerError?.code, message: error.message };
  } catch {
    return { message: '' }; // a proxy on the way: the status has to do
  }
}

/** By code, never by text: https://learn.microsoft.com/graph/api/calltranscript-get */
const byInnerCode = new Map<string, SourceErrorCode>([
  ['GraphAccessToTranscriptsDisabled', 'transcripts-disabled'],
  ['SpeakerAttributionNotAllowed', 'speakers-hidden'],
]);

const byStatus = new Map<number, SourceErrorCode>([
  [400, 'not-found'], // an id that Graph cannot read names nothing
  [401, 'unauthorized'],
  [403, 'consent-missing'],
  [404, 'not-found'],
  [410, 'not-found'],
  [412, 'throttled'],
  [429, 'throttled'],
]);

function codeOf(status: number, { innerCode, code: outer, message }: Refusal): SourceErrorCode {
  const known = byInnerCode.get(innerCode ?? '') ?? byInnerCode.get(outer ?? '');
  if (status === 403 && known) return known;
  // The one refusal without a code of its own: https://learn.microsoft.com/graph/cloud-communication-online-meeting-application-access-policy
  if (status === 403 && /application access policy/i.test(message)) return 'policy-missing';
  return byStatus.get(status) ?? 'unavailable';
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfter(header: string | readonly string[] | undefined): { readonly retryAfterMs?: number } {
  if (typeof header !== 'string') return {};
  const milliseconds = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? {} : { retryAfterMs: Math.max(0, milliseconds) };
}
