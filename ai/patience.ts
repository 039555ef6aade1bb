/** How long the calls of one turn may still wait before they are sent, all together. */
export interface Patience {
  readonly leftMs: () => number;
  /** Waits while `work` does. */
  spend<T>(work: () => Promise<T>): Promise<T>;
}

/** Calls of a turn that wait at the same time are counted each: a turn waits no longer than `limitMs` in any case. */
export function createPatience(limitMs: number): Patience {
  let spentMs = 0;
  return {
    leftMs: () => Math.max(0, limitMs - spentMs),
    spend: async (work) => {
      const startedAt = performance.now();
      try {
        return await work();
      } finally {
        spentMs += performance.now() - startedAt;
      }
    },
  };
}
