import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `job` for 0 … count - 1, at most `width` at a time; gives the results in that order. */
export async function inParallel<T>(count: number, width: number, job: (index: number) => Promise<T>): Promise<readonly T[]> {
  const results = new Array<T>(count);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      results[index] = await job(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  return results;
}

/** Begins `job` for 0 … count - 1 at an even pace, whether the ones before have ended or not; gives the results in that order. */
export async function atPace<T>(count: number, perSecond: number, job: (index: number) => Promise<T>): Promise<readonly T[]> {
  const startedAt = performance.now();
  const running: Promise<T>[] = [];
  for (let index = 0; index < count; index += 1) {
    const waitMs = startedAt + (index * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    running.push(job(index));
  }
  return Promise.all(running);
}
