import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlValue } from './database';

/** A connection to a SQLite file; every call blocks until it is done, and fails at once where another process holds the file. */
export interface SqliteConnection {
  all<R>(sql: string, params: readonly SqlValue[]): R[];
  run(sql: string, params: readonly SqlValue[]): number;
  /** full: a commit is on disk. normal: it is in the system's memory, and on disk with the next full one. Not within a transaction. */
  syncOnCommit(level: 'full' | 'normal'): void;
  /** Brings everything into the file itself and empties the journal beside it. Throws where somebody else is at work. */
  emptyJournal(): void;
  isInTransaction(): boolean;
  close(): void;
}

const SQLITE_BUSY = 5;

/** What is deleted is overwritten (secure_delete): that costs nothing to be measured. Throws SQLite's errors. */
export function openConnection(path: string): SqliteConnection {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON');
    return preparedConnection(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Every statement is prepared once and kept: statements come from our own code, so there are few. */
function preparedConnection(database: DatabaseSync): SqliteConnection {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  let level = 'full';
  return {
    // The row's shape is the caller's word: SQL is not typed.
    all: <R>(sql: string, params: readonly SqlValue[]) => prepare(sql).all(...params) as R[],
    run: (sql, params) => Number(prepare(sql).run(...params).changes),
    syncOnCommit: (wanted) => {
      if (wanted !== level) database.exec(`PRAGMA synchronous = ${wanted}`);
      level = wanted;
    },
    emptyJournal: () => {
      const busy = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'];
      if (busy !== 0) throw Object.assign(new Error('The journal is being read.'), { errcode: SQLITE_BUSY });
    },
    isInTransaction: () => database.isTransaction,
    close: () => database.close(),
  };
}
