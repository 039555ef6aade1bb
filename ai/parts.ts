import type { ThreadMessage } from '../threads/thread';
import { AIError } from './error';

/** What came of the parts of a thread, in their order; `unreadable` counts messages that the service would not read. */
export interface PartResults<Result> {
  readonly results: readonly Result[];
  readonly unreadable: number;
}

type Read<Result> = (messages: readonly ThreadMessage[], signal: AbortSignal) => Promise<Result>;

const PARALLEL_REQUESTS = 3; // quicker than one by one, and still far from the usual limits of requests a minute

/** Reads every part, some side by side. One that is filtered or too long is halved, until only the messages in question are left out. */
export async function readParts<Result>(
  parts: readonly (readonly ThreadMessage[])[],
  read: Read<Result>,
  signal: AbortSignal,
  onProgress?: (done: number, of: number) => void,
): Promise<PartResults<Result>> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let done = 0;
  onProgress?.(0, parts.length);
  const all = await inParallel(parts, PARALLEL_REQUESTS, async (part) => {
    const result = await readPart(part, read, either);
    onProgress?.(++done, parts.length);
    return result;
  }).catch((error: unknown) => {
    stop.abort(); // the other parts are of no use any more
    throw error;
  });
  return joined(all);
}

async function readPart<Result>(messages: readonly ThreadMessage[], read: Read<Result>, signal: AbortSignal): Promise<PartResults<Result>> {
  try {
    return { results: [await read(messages, signal)], unreadable: 0 };
  } catch (error) {
    if (!(error instanceof AIError) || !(error.code === 'content-filtered' || error.code === 'too-long')) throw error;
    if (messages.length === 1) return { results: [], unreadable: 1 };
    const middle = Math.ceil(messages.length / 2);
    const first = await readPart(messages.slice(0, middle), read, signal);
    return joined([first, await readPart(messages.slice(middle), read, signal)]);
  }
}

const joined = <Result>(all: readonly PartResults<Result>[]): PartResults<Result> =>
  ({ results: all.flatMap(({ results }) => results), unreadable: all.reduce((sum, { unreadable }) => sum + unreadable, 0) });

async function inParallel<Item, Result>(items: readonly Item[], width: number, work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries(); // shared by the workers: each takes the next item
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
