/** What comes of `work`, or `late()` where the signal aborts first: calls to the channel go on being repeated for longer than people wait. */
export function within<T>(work: Promise<T>, signal: AbortSignal, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      try {
        resolve(late());
      } catch (error) {
        reject(error instanceof Error ? error : new Error('It took too long.', { cause: error }));
      }
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
