import type { Clock } from '../../threads/graph/pace';

/** A clock that goes forward only where somebody waits. */
export function graphClock(): Clock & { readonly waits: readonly number[] } {
  let nowMs = 1_000_000;
  const waits: number[] = [];
  return {
    waits,
    now: () => nowMs,
    wait: async (milliseconds, signal) => {
      signal.throwIfAborted();
      waits.push(milliseconds);
      nowMs += milliseconds;
    },
    random: () => 0,
  };
}
