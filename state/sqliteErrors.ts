import { StateError } from './database';

/** Primary result codes: https://www.sqlite.org/rescode.html */
const BUSY = [5, 6]; // SQLITE_BUSY, SQLITE_LOCKED
/** PERM, BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB: the file or the disk, not the statement. */
const UNAVAILABLE = [3, 5, 6, 8, 10, 11, 13, 14, 15, 26];
/** Extended codes of a row that was there before: SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE. */
const DUPLICATE_KEY = [1555, 2067];

const WAIT_LIMIT_MS = 5_000;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 100;

/** The same failure as StateError; a statement that is wrong in itself stays what it is. */
export function toStateError(error: unknown): Error {
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  if (DUPLICATE_KEY.includes(code)) return new StateError('conflict', 'Something else was written first.', { cause: error });
  if (UNAVAILABLE.includes(code & 0xff)) return new StateError('unavailable', `The store cannot do that now (SQLite ${code}).`, { cause: error });
  return new Error(`The store refuses a statement (SQLite ${code}).`, { cause: error }); // a mistake of ours
}

/** Tries again, with growing pauses, while another process holds the file: five seconds at most. Throws SQLite's errors. */
export async function whenFree<T>(work: () => T): Promise<T> {
  const untilMs = Date.now() + WAIT_LIMIT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || Date.now() >= untilMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

const isBusy = (error: unknown): boolean => BUSY.includes((codeOf(error) ?? 0) & 0xff);

/** SQLite's extended code; undefined for an error of another kind. */
function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}
