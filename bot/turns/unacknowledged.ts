import { setTimeout as sleep } from 'node:timers/promises';
import { StateError } from '../../state/database';
import type { TurnStore } from '../../state/turns';
import { withoutAcknowledgement, type Mark } from './repetition';

/** What arrives elsewhere meanwhile changes the memory too, and connections to the store are lost. */
const MAX_ATTEMPTS = 5;
const PAUSE_MS = 1_000;

/**
 * Writes into a conversation's memory that its channel did not take the acknowledgement of an activity. Gives the memory
 * after it; undefined where the activity is not in there (any more). Throws StateError.
 */
export async function writeUnacknowledged(store: Pick<TurnStore, 'head' | 'rewriteRecent'>, key: string, mark: Mark): Promise<string | undefined> {
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      return await writeOnce(store, key, mark);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (error.code !== 'conflict') await sleep(PAUSE_MS);
    }
  }
  return writeOnce(store, key, mark);
}

async function writeOnce(store: Pick<TurnStore, 'head' | 'rewriteRecent'>, key: string, mark: Mark): Promise<string | undefined> {
  const { recent } = await store.head(key);
  const after = withoutAcknowledgement(recent, mark);
  if (after === recent) return undefined;
  if (!(await store.rewriteRecent(key, recent, after))) throw new StateError('conflict', 'The memory changed meanwhile.');
  return after;
}
