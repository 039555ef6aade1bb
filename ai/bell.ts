/** Wakes those who wait for something to change: a place that is free, a deployment that is back. */
export class Bell {
  private change = Promise.withResolvers<void>();

  ring(): void {
    this.change.resolve();
    this.change = Promise.withResolvers<void>();
  }

  /** Resolves at the next ring, after `ms`, or when the signal aborts: whoever waits looks again himself. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
      signal.addEventListener('abort', done, { once: true });
      void this.change.promise.then(done);
    });
  }
}

const LONGEST_TIMER_MS = 60_000;
