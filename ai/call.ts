import type { Capability } from './capability';
import type { AIErrorCode } from './error';
import type { ModelResult } from './model';

/** Who asks, in the store's opaque keys. */
export interface Asker {
  readonly userKey: string;
  /** Id of the tenant; '' on the web. */
  readonly tenantKey: string;
  readonly conversationKey: string;
  /** The message that is being answered. */
  readonly activityId: string;
}

/** What a filter of the service said (Learn, "Content filtering annotations"). */
export interface FilterVerdict {
  readonly on: 'prompt' | 'answer';
  /** The service's name of it, such as `hate`, `jailbreak`, `indirect_attack` or `ungrounded_material`. */
  readonly category: string;
  readonly severity?: string;
  readonly isFiltered: boolean;
  readonly isDetected?: boolean;
}

/** One call to a model service that has ended: numbers and names of ours, no text. */
export interface CallReport {
  readonly capability: Capability;
  /** The task, such as `answer` or the name of the schema that was asked for. */
  readonly operation: string;
  /** Who answered, or was asked last; absent where nobody was. */
  readonly target?: { readonly name: string; readonly region?: string };
  readonly outcome: ModelResult['finishReason'] | AIErrorCode | 'unexpected';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** With all retries. */
  readonly durationMs: number;
  readonly firstTextMs?: number;
  /** Requests that were sent. */
  readonly attempts: number;
  /** Of them, those that were refused because there were too many (429); absent: none. */
  readonly rateLimited?: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** True where the service did not say and we counted. */
  readonly estimated: boolean;
  readonly filters: readonly FilterVerdict[];
}

/** What a call was let through with. */
export interface Reservation {
  /** Puts what was used in place of what was reserved; called once, whatever became of the call. Never rejects: the answer is there. */
  settle(report: CallReport): Promise<void>;
}

/** Asked before each call. */
export interface Gate {
  /** Throws AIError `budget-spent`. `tokens`: input and output at most. */
  reserve(asker: Asker, wanted: { readonly capability: Capability; readonly tokens: number }): Promise<Reservation>;
}
