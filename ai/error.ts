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

/** Why a model gave no usable answer. The message is for logs: no keys, no text of the conversation. */
export class AIError extends Error {
  override readonly name = 'AIError';

  constructor(
    readonly code: AIErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }

  /** When the service asked us to come back, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;
}
