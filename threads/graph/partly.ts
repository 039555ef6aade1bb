import { SourceError } from '../error';
import type { Collected, Collection } from './collect';

/** What was read, and why that is not all. */
export type Partly = Collected & { readonly problem?: SourceError };

/** Runs a reading; where it fails after it has found something, that is given with the reason. Throws SourceError where there is nothing. */
export async function partly(collection: Collection, limit: number, read: () => Promise<void>): Promise<Partly> {
  try {
    await read();
    return collection.result(limit);
  } catch (error) {
    if (!(error instanceof SourceError) || collection.size === 0) throw error;
    collection.hasEarlier = true;
    return { ...collection.result(limit), problem: error };
  }
}
