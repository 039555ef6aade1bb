import { setTimeout as sleep } from 'node:timers/promises';
import { StateError } from '../../state/database';
import type { TurnStore } from '../../state/turns';

/** What arrives elsewhere meanwhile changes the memory too, and connections to the store are lost. */
const MAX_ATTEMPTS = 5;
const PAUSE_MS = 1_000;

type Memories = Pick<TurnStore, 'head' | 'rewriteRecent'>;

/** Changes what a conversation remembers of late. Gives the memory after it; undefined where there is nothing to change. Throws StateError. */
export async function rewriteMemory(store: Memories, key: string, change: (recent: string) => string): Promise<string | undefined> {
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      return await rewriteOnce(store, key, change);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (error.code !== 'conflict') await sleep(PAUSE_MS);
    }
  }
  return rewriteOnce(store, key, change);
}

async function rewriteOnce(store: Memories, key: string, change: (recent: string) => string): Promise<string | undefined> {
  const { recent } = await store.head(key);
  const after = change(recent);
  if (after === recent) return undefined;
  if (!(await store.rewriteRecent(key, recent, after))) throw new StateError('conflict', 'The memory changed meanwhile.');
  return after;
}
