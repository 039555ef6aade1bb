import { StateError } from '../../state/database';

/** True where the work is done within `limitMs`. Throws what the work throws until then. */
export async function endsWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}

export interface Deadline {
  /** Aborts after the time, or with the caller's. */
  readonly signal: AbortSignal;
  /** Frees the timer. AbortSignal.timeout would keep it, and what hangs on it, for the whole time of every turn. */
  end(): void;
}

export function startDeadline(limitMs: number, caller: AbortSignal): Deadline {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException(`It took longer than ${limitMs} ms.`, 'TimeoutError')), limitMs).unref();
  return { signal: AbortSignal.any([caller, late.signal]), end: () => clearTimeout(timer) };
}

/** Channels wait 15 s for an answer. What is accepted later is known by its id when it comes again. */
const ACCEPT_LIMIT_MS = 10_000;

/** The work, or StateError('unavailable') where it takes too long for a channel. */
export async function soon(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new StateError('unavailable', 'The store did not take the activity in time.')), ACCEPT_LIMIT_MS);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
