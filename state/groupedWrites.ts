import { StateError, type Durability, type Write } from './database';
import type { PostgresConnection } from './postgresConnection';
import { ConflictError, UnchangedError } from './postgresErrors';
import type { PostgresPool } from './postgresPool';

interface Batch {
  readonly key: string;
  readonly writes: readonly Write[];
  readonly durability: Durability;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** While these are on their way the next ones gather: the busier the store, the more share a commit. */
const MAX_GROUPS_AT_ONCE = 3;
const MAX_BATCHES = 64;
const MAX_ATTEMPTS = 5;

/**
 * Writes that come at the same time, in one transaction and one round trip. Each statement that must change a row divides
 * by the number of rows it changed, so that the server itself undoes the transaction; then each batch is written alone,
 * and only the one at fault fails.
 */
export class GroupedWrites {
  private waiting: Batch[] = [];
  private groups = 0;
  private isGathering = false;

  constructor(private readonly pool: PostgresPool) {}

  write(key: string, writes: readonly Write[], durability: Durability = 'durable'): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ key, writes, durability, done, failed });
      this.gather();
    });
  }

  /** One turn of the event loop: whoever asks meanwhile shares the transaction. */
  private gather(): void {
    if (this.isGathering || this.groups >= MAX_GROUPS_AT_ONCE || this.waiting.length === 0) return;
    this.isGathering = true;
    setImmediate(() => {
      this.isGathering = false;
      void this.writeGroup(this.waiting.splice(0, MAX_BATCHES));
    });
  }

  private async writeGroup(batches: readonly Batch[]): Promise<void> {
    this.groups += 1;
    // In one order everywhere: two that wait for each other's rows would end each other.
    const ordered = batches.toSorted((one, other) => (one.key < other.key ? -1 : 1));
    const error = await this.attempt(ordered);
    this.groups -= 1;
    this.gather();
    if (error === undefined) for (const { done } of ordered) done();
    else if (isAbout(error, 'unavailable')) for (const { failed } of ordered) failed(error);
    else await Promise.all(ordered.map((batch) => this.writeAlone(batch)));
  }

  private async writeAlone(batch: Batch): Promise<void> {
    let error = await this.attempt([batch]);
    for (let attempt = 1; attempt < MAX_ATTEMPTS && error instanceof ConflictError && error.mayPassOnRepetition; attempt += 1) error = await this.attempt([batch]);
    if (error === undefined) batch.done();
    else batch.failed(error);
  }

  /** Why nothing was written; undefined where everything was. */
  private async attempt(batches: readonly Batch[]): Promise<unknown> {
    let connection: PostgresConnection;
    try {
      connection = await this.pool.take();
    } catch (error) {
      return error;
    }
    try {
      return await writeThrough(connection, batches);
    } finally {
      this.pool.give(connection);
    }
  }
}

/** All statements leave at once. The server takes COMMIT for ROLLBACK after the first that fails. */
function writeThrough(connection: PostgresConnection, batches: readonly Batch[]): Promise<unknown> {
  let failure: unknown;
  const fail = (error: unknown): void => void (failure ??= error);
  const ignore = (): void => undefined;
  return new Promise((resolve) => {
    connection.send('BEGIN', [], ignore, fail);
    if (batches.every(({ durability }) => durability === 'relaxed')) connection.send('SET LOCAL synchronous_commit = off', [], ignore, fail);
    for (const { writes } of batches) {
      for (const { sql, params, orElse } of writes) {
        if (orElse) connection.send(mustChange(sql), params, ignore, (error) => fail(error instanceof UnchangedError ? new StateError(orElse, error.message) : error));
        else connection.send(sql, params, ignore, fail);
      }
    }
    connection.send('COMMIT', [], ({ command }) => resolve(failure ?? (command === 'COMMIT' ? undefined : notCommitted())), (error) => resolve(failure ?? error));
  });
}

const notCommitted = (): StateError => new StateError('unavailable', 'The store did not commit.');

const isAbout = (error: unknown, code: StateError['code']): boolean => error instanceof StateError && error.code === code;

const checked = new Map<string, string>();

/** The same statement, failing where it changes no row. */
function mustChange(sql: string): string {
  const known = checked.get(sql) ?? `WITH changed AS (${sql} RETURNING 1) SELECT 1 / COUNT(*) FROM changed`;
  checked.set(sql, known);
  return known;
}
