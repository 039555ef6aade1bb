/** Wakes those who wait for something to change: a place that is free, a deployment that is back. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  ring(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves at the next ring, after `ms`, or when the signal aborts: whoever waits looks again himself. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS));
      signal.addEventListener('abort', wake, { once: true });
      this.waiting.add(wake);
    });
  }
}

const LONGEST_TIMER_MS = 60_000;
