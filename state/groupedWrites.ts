import { StateError, type Durability, type Row, type RowsOf, type Write } from './database';
import { statementOf } from './performWrite';
import type { PostgresConnection } from './postgresConnection';
import { ConflictError, UnchangedError } from './postgresErrors';
import type { PostgresPool } from './postgresPool';

interface Batch {
  readonly key: string;
  readonly writes: readonly Write[];
  readonly durability: Durability;
  readonly done: (rows: readonly (readonly Row[])[]) => void;
  readonly failed: (error: unknown) => void;
}

/** While these are on their way the next ones gather: the busier the store, the more share a commit. */
const MAX_GROUPS_AT_ONCE = 3;
/** A group that takes longer is far from the store, not in its way: the next ones need not wait for it. */
const FAR_MS = 100;
const MAX_BATCHES = 64;
const MAX_ATTEMPTS = 5;

/** Rows of each write of each batch, or why nothing was written. */
type Outcome = { readonly rows: readonly (readonly (readonly Row[])[])[] } | { readonly error: unknown };

/**
 * Writes that come at the same time, in one transaction and one round trip. Each statement that must change a row divides
 * by the number of rows it changed, so that the server itself undoes the transaction; then each batch is written alone,
 * and only the one at fault fails.
 */
export class GroupedWrites {
  private waiting: Batch[] = [];
  private readonly underway = new Set<{ readonly sinceMs: number }>();
  private isGathering = false;
  private another: NodeJS.Timeout | undefined;

  constructor(private readonly pool: PostgresPool) {}

  write<R extends readonly object[]>(key: string, writes: readonly Write[], durability: Durability = 'durable'): Promise<RowsOf<R>> {
    return new Promise((resolve, failed) => {
      const done: Batch['done'] = (rows) => resolve(rows as unknown as RowsOf<R>); // the caller's word: SQL is not typed
      this.waiting.push({ key, writes, durability, done, failed });
      this.gather();
    });
  }

  /** One turn of the event loop: whoever asks meanwhile shares the transaction. */
  private gather(): void {
    if (this.isGathering || this.waiting.length === 0) return;
    if (this.isFull(performance.now())) {
      this.another ??= setTimeout(() => this.gatherAgain(), FAR_MS);
      return;
    }
    this.isGathering = true;
    setImmediate(() => {
      this.isGathering = false;
      void this.writeGroup(this.waiting.splice(0, MAX_BATCHES));
    });
  }

  private gatherAgain(): void {
    this.another = undefined;
    this.gather();
  }

  private isFull(nowMs: number): boolean {
    return [...this.underway].filter(({ sinceMs }) => nowMs - sinceMs < FAR_MS).length >= MAX_GROUPS_AT_ONCE;
  }

  private async writeGroup(batches: readonly Batch[]): Promise<void> {
    const group = { sinceMs: performance.now() };
    this.underway.add(group);
    // In one order everywhere: two that wait for each other's rows would end each other.
    const ordered = batches.toSorted((one, other) => (one.key < other.key ? -1 : 1));
    const sending = this.attempt(ordered);
    this.gather(); // more may wait than one group takes
    const outcome = await sending;
    this.underway.delete(group);
    this.gather();
    if ('rows' in outcome) for (const [index, { done }] of ordered.entries()) done(outcome.rows[index] ?? []);
    else if (isAbout(outcome.error, 'unavailable')) for (const { failed } of ordered) failed(outcome.error);
    else await Promise.all(ordered.map((batch) => this.writeAlone(batch)));
  }

  private async writeAlone(batch: Batch): Promise<void> {
    let outcome = await this.attempt([batch]);
    for (let attempt = 1; attempt < MAX_ATTEMPTS && isRepeatable(outcome); attempt += 1) outcome = await this.attempt([batch]);
    if ('rows' in outcome) batch.done(outcome.rows[0] ?? []);
    else batch.failed(outcome.error);
  }

  private async attempt(batches: readonly Batch[]): Promise<Outcome> {
    try {
      return await this.pool.pipe((connection) => writeThrough(connection, batches));
    } catch (error) {
      return { error };
    }
  }
}

const isRepeatable = (outcome: Outcome): boolean => 'error' in outcome && outcome.error instanceof ConflictError && outcome.error.mayPassOnRepetition;

/** All statements leave at once. The server takes COMMIT for ROLLBACK after the first that fails. */
function writeThrough(connection: PostgresConnection, batches: readonly Batch[]): Promise<Outcome> {
  let failure: unknown;
  const fail = (error: unknown): void => void (failure ??= error);
  const ignore = (): void => undefined;
  return new Promise((resolve) => {
    connection.send('BEGIN', [], ignore, fail);
    if (batches.every(({ durability }) => durability === 'relaxed')) connection.send('SET LOCAL synchronous_commit = off', [], ignore, fail);
    const rows = batches.map(({ writes }) => sendAll(connection, writes, fail));
    const failed = (error: unknown): void => resolve({ error: failure ?? error });
    connection.send('COMMIT', [], ({ command }) => (failure === undefined && command === 'COMMIT' ? resolve({ rows }) : failed(notCommitted())), failed);
  });
}

/** Gives the rows of each write, once they are there. */
function sendAll(connection: PostgresConnection, writes: readonly Write[], fail: (error: unknown) => void): readonly (readonly Row[])[] {
  const rows: (readonly Row[])[] = writes.map(() => []);
  for (const [index, write] of writes.entries()) {
    const { params, orElse } = write;
    const answered = (result: { readonly rows: readonly Row[] }): void => void (rows[index] = result.rows);
    if (orElse) connection.send<Row>(mustChange(write), params, answered, (error) => fail(error instanceof UnchangedError ? new StateError(orElse, error.message) : error));
    else connection.send<Row>(statementOf(write), params, answered, fail);
  }
  return rows;
}

const notCommitted = (): StateError => new StateError('unavailable', 'The store did not commit.');

const isAbout = (error: unknown, code: StateError['code']): boolean => error instanceof StateError && error.code === code;

const checked = new Map<string, string>();

/** The same statement, failing where it changes no row. */
function mustChange({ sql, returning }: Write): string {
  const known = checked.get(sql) ?? (returning === undefined ? countingRows(sql) : givingRows(sql, returning));
  checked.set(sql, known);
  return known;
}

const countingRows = (sql: string): string => `WITH changed AS (${sql} RETURNING 1) SELECT 1 / COUNT(*) FROM changed`;

const givingRows = (sql: string, returning: string): string =>
  `WITH changed AS (${sql} RETURNING ${returning}) SELECT changed.*, 1 / counted.number AS checked FROM (SELECT COUNT(*) AS number FROM changed) AS counted LEFT JOIN changed ON TRUE`;
