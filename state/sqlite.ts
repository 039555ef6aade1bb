import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { StateError, type Database, type Queries, type SqlValue } from './database';

/**
 * Opens (or makes) a SQLite file as the store, in WAL mode with a disk sync for every commit.
 * Transactions that are asked for at the same time share one commit: under load durability costs a fraction of a sync each.
 * Throws StateError('unavailable') when the file cannot be opened.
 */
export function openSqlite(path: string): Database {
  const writer = openConnection(path);
  const reader = openConnection(path);
  const queue = new GroupCommit(writer);
  const announcements = new EventEmitter().setMaxListeners(0);

  // Between transactions both see the same, and the writer has the pages that it wrote at hand.
  const idlest = (): Connection => (writer.isInTransaction() ? reader : writer);

  const database: Database = {
    query: async (sql, params = []) =>
      isRead(sql) ? idlest().all(sql, params) : database.transaction((queries) => queries.query(sql, params)),
    execute: (sql, params) => database.transaction((queries) => queries.execute(sql, params)),
    transaction: (work) => queue.run(work),
    isShared: false,
    announce: (topic, message) => void setImmediate(() => announcements.emit(topic, message)),
    listen: (topic, listener) => {
      announcements.on(topic, listener);
      return () => void announcements.off(topic, listener);
    },
    close: async () => {
      await queue.flush();
      reader.close();
      writer.close();
    },
  };
  return database;
}

const isRead = (sql: string): boolean => /^\s*(select|with)\b/i.test(sql);

interface Connection {
  all<R>(sql: string, params: readonly SqlValue[]): R[];
  run(sql: string, params: readonly SqlValue[]): number;
  isInTransaction(): boolean;
  close(): void;
}

function openConnection(path: string): Connection {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: 5_000 });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY');
    return preparedConnection(database);
  } catch (error) {
    throw new StateError('unavailable', `The store ${path} cannot be opened. Check DATABASE_URL and the folder's permissions.`, { cause: error });
  }
}

/** Every statement is prepared once and kept: statements come from our own code, so there are few. */
function preparedConnection(database: DatabaseSync): Connection {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    // The row's shape is the caller's word: SQL is not typed.
    all: <R>(sql: string, params: readonly SqlValue[]) => prepare(sql).all(...params) as R[],
    run: (sql, params) => Number(prepare(sql).run(...params).changes),
    isInTransaction: () => database.isTransaction,
    close: () => database.close(),
  };
}

interface Job {
  readonly work: (queries: Queries) => Promise<unknown>;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** Runs transactions one after the other and commits all that are waiting at once; of several each has a savepoint. */
class GroupCommit {
  private waiting: Job[] = [];
  private running: Promise<void> | undefined;
  private readonly queries: Queries;

  constructor(private readonly connection: Connection) {
    this.queries = {
      query: async (sql, params = []) => connection.all(sql, params),
      execute: async (sql, params = []) => connection.run(sql, params),
    };
  }

  run<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return new Promise<T>((done, failed) => {
      // done() gets what work() gave: T by construction.
      this.waiting.push({ work, done: (result) => done(result as T), failed });
      void this.flush();
    });
  }

  /** Resolves when all that waits is committed. */
  async flush(): Promise<void> {
    if (this.waiting.length > 0) this.running ??= this.drain();
    await this.running;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      // One turn of the event loop: whoever asks meanwhile shares the commit.
      await new Promise(setImmediate);
      const jobs = this.waiting;
      this.waiting = [];
      await this.commit(jobs);
    }
    this.running = undefined;
  }

  private async commit(jobs: readonly Job[]): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      this.connection.run('BEGIN IMMEDIATE', []);
      for (const job of jobs) settle.push(jobs.length === 1 ? await this.runAlone(job) : await this.runInSavepoint(job));
      if (this.connection.isInTransaction()) this.connection.run('COMMIT', []);
    } catch (error) {
      this.rollback();
      const failure = new StateError('unavailable', 'The store could not commit.', { cause: error });
      for (const job of jobs) job.failed(failure);
      return;
    }
    for (const tell of settle) tell();
  }

  /** A savepoint copies every page before it changes: alone in its transaction, a job does without. */
  private async runAlone(job: Job): Promise<() => void> {
    try {
      const result = await job.work(this.queries);
      return () => job.done(result);
    } catch (error) {
      this.connection.run('ROLLBACK', []);
      return () => job.failed(error);
    }
  }

  private async runInSavepoint(job: Job): Promise<() => void> {
    this.connection.run('SAVEPOINT job', []);
    try {
      const result = await job.work(this.queries);
      this.connection.run('RELEASE job', []);
      return () => job.done(result);
    } catch (error) {
      this.connection.run('ROLLBACK TO job', []);
      this.connection.run('RELEASE job', []);
      return () => job.failed(error);
    }
  }

  private rollback(): void {
    try {
      this.connection.run('ROLLBACK', []);
    } catch {
      // The transaction never began, or SQLite has already rolled it back.
    }
  }
}
