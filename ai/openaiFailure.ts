import { z } from 'zod';
import type { FilterVerdict } from './call';
import { readVerdicts } from './filters';

/** What the SDK's error says, whatever server spoke. `message` may echo the request: never to be logged. */
export interface Failure {
  /** HTTP status; undefined where no answer came or a stream carried the error. */
  readonly status: number | undefined;
  readonly code: string;
  readonly param: string;
  readonly message: string;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly isFiltered: boolean;
  /** Why, where `isFiltered`: one of them at least says so. */
  readonly filters: readonly FilterVerdict[];
  readonly isTooLong: boolean;
}

const word = z.union([z.string(), z.number()]).transform(String).catch('');

/** A name from a service's own list. Anything with a space may be somebody's sentence, and goes no further. */
const name = word.pipe(z.string().regex(/^[\w.:/[\]-]{0,80}$/)).catch('');

const innerError = z.object({ code: word, content_filter_result: z.unknown().optional(), content_filter_results: z.unknown().optional() });

// The SDK is loaded late, so its classes are not at hand: its errors are read by shape (openai 7, core/error).
const sdkError = z.object({
  status: z.number().optional().catch(undefined),
  code: name,
  param: name,
  type: name,
  message: word,
  requestID: name.optional(),
  error: z.object({ innererror: innerError.optional().catch(undefined) }).optional().catch(undefined),
});

/** Reads any thrown value; what is missing is empty. */
export function readFailure(error: unknown): Failure {
  const { status, code, param, type, message, requestID, error: body } = sdkError.parse(fieldsOf(error));
  const isFiltered = filteredCodes.has(code) || body?.innererror?.code === 'ResponsibleAIPolicyViolation';
  return {
    status,
    code: code || type,
    param,
    message,
    requestId: requestID,
    retryAfterMs: retryAfterMs(headersOf(error)),
    isFiltered,
    filters: isFiltered ? verdictsOf(body?.innererror) : [],
    isTooLong: status === 413 || tooLongCodes.test(`${code} ${type}`) || (status === 400 && tooLongWords.test(message)),
  };
}

/**
 * Learn, "Content filtering": 400, code content_filter, innererror.code ResponsibleAIPolicyViolation. DALL-E says
 * content_policy_violation and contentFilter, the gpt-image family moderation_blocked.
 */
const filteredCodes = new Set(['content_filter', 'content_policy_violation', 'contentFilter', 'moderation_blocked']);

/** A request that is refused as a whole was stopped because of what it asked, whether the service says by which filter or not. */
function verdictsOf(inner: z.infer<typeof innerError> | undefined): readonly FilterVerdict[] {
  const verdicts = readVerdicts('prompt', inner?.content_filter_result ?? inner?.content_filter_results);
  return verdicts.some((verdict) => verdict.isFiltered) ? verdicts : [...verdicts, { on: 'prompt', category: 'content_filter', isFiltered: true }];
}

const tooLongCodes = /context_length_exceeded|string_above_max_length|exceed_context_size/; // OpenAI, OpenAI, llama.cpp
const tooLongWords = /maximum context length|context (size|window|length)/i; // vLLM, LM Studio, llama.cpp

// zod reads own and inherited fields of class instances alike, but not of a thrown string
const fieldsOf = (error: unknown): object => (typeof error === 'object' && error !== null ? error : { message: String(error) });

const headersOf = (error: unknown): Headers | undefined =>
  typeof error === 'object' && error !== null && 'headers' in error && error.headers instanceof Headers ? error.headers : undefined;

/** `retry-after-ms` first (Azure), then `retry-after` in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const exactMs = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (exactMs >= 0) return exactMs;
  const value = headers?.get('retry-after') ?? '';
  const seconds = Number.parseFloat(value);
  if (seconds >= 0) return seconds * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
