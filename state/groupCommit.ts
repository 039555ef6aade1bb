import { StateError, type Durability, type Queries } from './database';
import type { SqliteConnection } from './sqliteConnection';
import { toStateError, whenFree } from './sqliteErrors';

interface Job {
  readonly work: (queries: Queries) => Promise<unknown>;
  readonly durability: Durability;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** Runs transactions one after the other and commits all that are waiting at once; of several each has a savepoint. */
export class GroupCommit {
  private waiting: Job[] = [];
  private running: Promise<void> | undefined;

  /** `check` throws where the store must not be written to. */
  constructor(private readonly connection: SqliteConnection, private readonly check: () => void) {}

  run<T>(work: (queries: Queries) => Promise<T>, durability: Durability): Promise<T> {
    return new Promise<T>((done, failed) => {
      // done() gets what work() gave: T by construction.
      this.waiting.push({ work, durability, done: (result) => done(result as T), failed });
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
      this.check();
      this.connection.syncOnCommit(jobs.some(({ durability }) => durability === 'durable') ? 'full' : 'normal');
      await whenFree(() => this.connection.run('BEGIN IMMEDIATE', []));
      for (const job of jobs) settle.push(jobs.length === 1 ? await this.runAlone(job) : await this.runInSavepoint(job));
      if (this.connection.isInTransaction()) this.connection.run('COMMIT', []);
    } catch (error) {
      this.rollback();
      const failure = error instanceof StateError ? error : new StateError('unavailable', 'The store could not commit.', { cause: error });
      for (const job of jobs) job.failed(failure);
      return;
    }
    for (const tell of settle) tell();
  }

  /** A savepoint copies every page before it changes: alone in its transaction, a job does without. */
  private async runAlone(job: Job): Promise<() => void> {
    try {
      const result = await this.perform(job);
      return () => job.done(result);
    } catch (error) {
      this.rollback();
      return () => job.failed(toStateError(error));
    }
  }

  private async runInSavepoint(job: Job): Promise<() => void> {
    this.connection.run('SAVEPOINT job', []);
    try {
      const result = await this.perform(job);
      this.connection.run('RELEASE job', []);
      return () => job.done(result);
    } catch (error) {
      this.connection.run('ROLLBACK TO job', []); // fails, and with it the others, where SQLite has rolled everything back
      this.connection.run('RELEASE job', []);
      return () => job.failed(toStateError(error));
    }
  }

  /** A statement that failed fails its transaction, whether the work waited for it or not: as in PostgreSQL. */
  private async perform(job: Job): Promise<unknown> {
    let failure: Error | undefined;
    const guard = <T>(statement: () => T): Promise<T> => {
      try {
        return Promise.resolve(statement());
      } catch (error) {
        failure ??= toStateError(error);
        return rejected(failure);
      }
    };
    const result = await job.work({
      query: (sql, params = []) => guard(() => this.connection.all(sql, params)),
      execute: (sql, params = []) => guard(() => this.connection.run(sql, params)),
    });
    if (failure) throw failure;
    return result;
  }

  private rollback(): void {
    try {
      this.connection.run('ROLLBACK', []);
    } catch {
      // The transaction never began, or SQLite has already rolled it back.
    }
  }
}

/** Nobody need wait for it. */
function rejected(error: Error): Promise<never> {
  const rejection = Promise.reject(error);
  rejection.catch(() => undefined);
  return rejection;
}
