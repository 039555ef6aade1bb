import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from './connector';

/** Time, as tests replace it. */
export interface Clock {
  /** Resolves after `milliseconds`, or rejects when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds on any clock that only goes forward. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export const realClock: Clock = {
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  now: () => performance.now(),
  random: Math.random,
};

/** How calls are repeated that change nothing when they are made twice; messages have their own way, see bot/turns/deliver.ts. */
export interface RetryPolicy extends Clock {
  readonly maxAttempts: number;
  /** No repetition begins later than this after the first attempt. */
  readonly deadlineMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  ...realClock,
  maxAttempts: 5,
  deadlineMs: 100_000, // one capped Retry-After and the backoff around it
};

/** A service may ask for an hour; nobody waits that long for an answer in a chat. */
export const MAX_RETRY_AFTER_MS = 60_000;
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
      const waitMs = waitAfter(count, error.details.retryAfterMs, policy.random());
      if (policy.now() + waitMs > lastStart) throw error;
      onRepeat({ error, attempt: count, waitMs });
      if (!(await waited(waitMs, policy, signal))) throw error;
    }
  }
}

const isRepeatable = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && (error.code === 'rate-limited' || error.code === 'unavailable');

/**
 * Milliseconds to wait after `failures` failed attempts: Retry-After, else 1, 2, 4, 8 s and so on up to `longestMs`.
 * Jitter is added on top, so that we never come before the service asked us to.
 */
export function waitAfter(failures: number, retryAfterMs: number | undefined, random: number, longestMs = MAX_RETRY_AFTER_MS): number {
  const base = retryAfterMs === undefined ? FIRST_BACKOFF_MS * 2 ** (failures - 1) : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  return Math.min(longestMs, Math.round(base * (1 + JITTER * random)));
}

/** False where the signal aborted before the time was over. */
export async function waited(waitMs: number, clock: Pick<Clock, 'wait'>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  await clock.wait(waitMs, signal).catch(() => undefined);
  return !signal.aborted;
}
