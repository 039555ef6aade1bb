import { readFile } from 'node:fs/promises';

const PAGE_BYTES = 4096;

/** Memory of a process on Linux, in bytes. */
async function rssOf(pid: number): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8');
  return Number(statm.split(' ')[1]) * PAGE_BYTES;
}

/** Looks at a process's memory until `stop`, which gives the most that it was. */
export function watchMemory(pid: number, everyMs = 50): { stop(): number } {
  let most = 0;
  const timer = setInterval(() => {
    rssOf(pid).then((rss) => void (most = Math.max(most, rss)), () => undefined); // it has ended: the test will say so
  }, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return most;
    },
  };
}
