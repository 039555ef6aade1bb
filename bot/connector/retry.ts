import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from './connector';

/** The one retry loop of calls to a channel. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  /** No repetition begins later than this after the first attempt. */
  readonly deadlineMs: number;
  /** Resolves after `milliseconds`, or rejects when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds on any clock that only goes forward. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 5,
  deadlineMs: 100_000, // one capped Retry-After and the backoff around it
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  now: () => performance.now(),
  random: Math.random,
};

/** A service may ask for an hour; nobody waits that long for an answer in a chat. */
export const MAX_WAIT_MS = 60_000;
const FIRST_BACKOFF_MS = 1_000;
const JITTER = 0.25;

export interface Repetition {
  readonly error: ConnectorError;
  /** Of the attempt that failed, from 1. */
  readonly attempt: number;
  readonly waitMs: number;
}

/**
 * Runs `attempt` until it succeeds. Repeats `rate-limited` (the service did not take it) and `unavailable`
 * (nothing was written, or repeating does no harm); everything else, `ambiguous` above all, is thrown at once.
 * An abort of the signal ends the waiting with the last error.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
  onRepeat: (repetition: Repetition) => void,
): Promise<T> {
  const lastStart = policy.now() + policy.deadlineMs;
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRepeatable(error) || count >= policy.maxAttempts) throw error;
      const waitMs = waitBefore(count, error.details.retryAfterMs, policy.random());
      if (policy.now() + waitMs > lastStart) throw error;
      onRepeat({ error, attempt: count, waitMs });
      if (!(await waited(waitMs, policy, signal))) throw error;
    }
  }
}

const isRepeatable = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && (error.code === 'rate-limited' || error.code === 'unavailable');

/** Retry-After, else 1, 2, 4, 8 s; jitter is added on top, so that we never come before the service asked us to. */
function waitBefore(count: number, retryAfterMs: number | undefined, random: number): number {
  const base = retryAfterMs ?? FIRST_BACKOFF_MS * 2 ** (count - 1);
  return Math.min(MAX_WAIT_MS, Math.round(base * (1 + JITTER * random)));
}

async function waited(waitMs: number, policy: RetryPolicy, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  await policy.wait(waitMs, signal).catch(() => undefined);
  return !signal.aborted;
}
