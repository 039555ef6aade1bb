import type { FilterVerdict } from './call';

export type AIErrorCode =
  | 'rate-limited'
  | 'timeout'
  | 'content-filtered'
  | 'unauthorized'
  | 'unavailable'
  | 'invalid-response'
  | 'too-long'
  /** What the person, tenant or day may use is used up. */
  | 'budget-spent'
  /** No deployment does it. */
  | 'not-offered';

/** What a model service itself can be the cause of. */
export type ServiceErrorCode = Exclude<AIErrorCode, 'budget-spent' | 'not-offered'>;

export interface AIErrorOptions {
  readonly cause?: unknown;
  /** When the service asked us to come back, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** Of `content-filtered`: what the filters said, as far as they did. */
  readonly filters?: readonly FilterVerdict[];
}

/** Why a model gave no usable answer. The message is for logs: no keys, no text of the conversation. */
export class AIError extends Error {
  override readonly name = 'AIError';
  readonly retryAfterMs: number | undefined;
  readonly filters: readonly FilterVerdict[];

  constructor(readonly code: AIErrorCode, message: string, { cause, retryAfterMs, filters = [] }: AIErrorOptions = {}) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
    this.filters = filters;
  }

  /** What was asked is what the filter stopped, not the answer. */
  get isOnPrompt(): boolean {
    return this.filters.some(({ on, isFiltered }) => on === 'prompt' && isFiltered);
  }
}
