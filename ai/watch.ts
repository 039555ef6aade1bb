import { AIError } from './error';

/** Ends one model call at its deadline, in silence, or when the caller gives up. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  /** The service has taken the request and will answer; its first words may take longer. */
  begun(): void;
  /** Starts the silence limit afresh: the next sign of life must come within `ms`. */
  expectWithin(ms: number): void;
  /** Why the watch ended the call, once it has. */
  failure(): AIError | undefined;
  throwIfOver(): void;
  /** Must be called at the end: frees the timers and closes what is still open. */
  stop(): void;
}

/** Watches a call with all its attempts. */
export function startWatch(deadlineMs: number, caller: AbortSignal): Watch {
  const endsAt = performance.now() + deadlineMs;
  const watch = open(caller, () => Math.max(0, endsAt - performance.now()), () => undefined);
  const deadline = setTimeout(() => watch.end(new AIError('timeout', `The model did not finish within ${deadlineMs} ms.`)), deadlineMs);
  return {
    ...watch,
    stop: () => {
      clearTimeout(deadline);
      watch.stop();
    },
  };
}

/** Watches one attempt of a call: silence ends it alone, whatever ends the call ends it too. */
export const watchAttempt = (call: Watch, onBegun: () => void): Watch => open(call.signal, call.remainingMs, onBegun);

function open(caller: AbortSignal, remainingMs: () => number, onBegun: () => void): Watch & { end(error: AIError): void } {
  const controller = new AbortController();
  let failure: AIError | undefined;
  let silence: { readonly timer: NodeJS.Timeout; readonly ms: number } | undefined;
  const end = (error: AIError): void => {
    failure ??= error;
    controller.abort(failure);
  };
  // A caller that is a watch itself has said why.
  const onCallerAbort = (): void => end(caller.reason instanceof AIError ? caller.reason : new AIError('timeout', 'The caller ended the call to the model.', { cause: caller.reason }));
  if (caller.aborted) onCallerAbort();
  else caller.addEventListener('abort', onCallerAbort, { once: true });
  return {
    signal: controller.signal,
    remainingMs,
    begun: onBegun,
    end,
    expectWithin: (ms) => {
      if (silence?.ms === ms) return void silence.timer.refresh(); // with every word: cheaper than another timer
      clearTimeout(silence?.timer);
      silence = { ms, timer: setTimeout(() => end(new AIError('timeout', `The model was silent for ${ms} ms.`)), ms) };
    },
    failure: () => failure,
    throwIfOver: () => {
      if (failure) throw failure;
    },
    stop: () => {
      clearTimeout(silence?.timer);
      caller.removeEventListener('abort', onCallerAbort);
      controller.abort();
    },
  };
}
