import { setImmediate } from 'node:timers/promises';

/** How long work may hold the event loop before others are served. */
const SLICE_MS = 10;

/** Lets long work give way to others. */
export interface Pace {
  /** Does nothing until a slice is over. Throws the signal's reason once the work was given up. */
  readonly rest: () => Promise<void>;
  /** True once a slice is over: asked in loops, where waiting for nothing each time would cost more than the work. */
  readonly isOver: () => boolean;
}

export function createPace(signal: AbortSignal): Pace {
  let since = performance.now();
  const isOver = (): boolean => performance.now() - since > SLICE_MS;
  return {
    isOver,
    async rest() {
      if (!isOver()) return;
      await setImmediate();
      signal.throwIfAborted();
      since = performance.now();
    },
  };
}

/** `items.map(work)`, in slices. */
export async function mapPaced<Item, Result>(items: readonly Item[], work: (item: Item, index: number) => Result, pace: Pace): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    if (pace.isOver()) await pace.rest();
  }
  return results;
}

/** `items.filter(isWanted)`, in slices. */
export async function filterPaced<Item>(items: readonly Item[], isWanted: (item: Item, index: number) => boolean, pace: Pace): Promise<Item[]> {
  const flags = await mapPaced(items, isWanted, pace);
  return items.filter((_, index) => flags[index]);
}
