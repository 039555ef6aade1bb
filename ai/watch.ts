import { setTimeout as sleep } from 'node:timers/promises';
import { AIError } from './error';

/** Ends one model call at its deadline, in silence, or when the caller gives up. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  /** Starts the silence limit afresh: the next sign of life must come within `ms`. */
  expectWithin(ms: number): void;
  /** Why the watch ended the call, once it has. */
  failure(): AIError | undefined;
  throwIfOver(): void;
  /** Waits between two attempts, when nothing is expected. Throws AIError when the call ends meanwhile. */
  pause(ms: number): Promise<void>;
  /** Must be called at the end: frees the timers and closes what is still open. */
  stop(): void;
}

export function startWatch(deadlineMs: number, caller: AbortSignal): Watch {
  const endsAt = performance.now() + deadlineMs;
  const controller = new AbortController();
  let failure: AIError | undefined;
  let silence: NodeJS.Timeout | undefined;

  const end = (error: AIError): void => {
    failure ??= error;
    controller.abort(failure);
  };
  // A caller that is a watch itself has said why.
  const onCallerAbort = (): void => end(caller.reason instanceof AIError ? caller.reason : new AIError('timeout', 'The caller ended the call to the model.', { cause: caller.reason }));
  const deadline = setTimeout(() => end(new AIError('timeout', `The model did not finish within ${deadlineMs} ms.`)), deadlineMs);
  if (caller.aborted) onCallerAbort();
  else caller.addEventListener('abort', onCallerAbort, { once: true });

  const watch: Watch = {
    signal: controller.signal,
    remainingMs: () => Math.max(0, endsAt - performance.now()),
    expectWithin: (ms) => {
      clearTimeout(silence);
      silence = setTimeout(() => end(new AIError('timeout', `The model was silent for ${ms} ms.`)), ms);
    },
    failure: () => failure,
    throwIfOver: () => {
      if (failure) throw failure;
    },
    pause: async (ms) => {
      clearTimeout(silence);
      await sleep(ms, undefined, { signal: controller.signal }).catch(() => watch.throwIfOver());
    },
    stop: () => {
      clearTimeout(deadline);
      clearTimeout(silence);
      caller.removeEventListener('abort', onCallerAbort);
      controller.abort();
    },
  };
  return watch;
}
