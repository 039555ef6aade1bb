export type SqlValue = string | number | bigint | null | Uint8Array;
export type Row = Readonly<Record<string, SqlValue>>;

/** Runs SQL. Parameters are written `?`; SQL is portable between SQLite and PostgreSQL. */
export interface Queries {
  /** All rows (with RETURNING too). Reads outside a transaction see committed data only. */
  query<R extends object = Row>(sql: string, params?: readonly SqlValue[]): Promise<R[]>;
  /** Number of rows changed. */
  execute(sql: string, params?: readonly SqlValue[]): Promise<number>;
}

/**
 * The store. `transaction` resolves only once the work is durable (on disk), and rolls back when `work` throws.
 * `work` may run again after a conflict and must touch nothing but the store; it must await its queries one by one.
 */
export interface Database extends Queries {
  /** `mayWaitMs`: the commit may wait so long for another one to share its disk sync with. */
  transaction<T>(work: (queries: Queries) => Promise<T>, mayWaitMs?: number): Promise<T>;
  close(): Promise<void>;
}

/**
 * The store could not do what was asked. `unavailable`: try later. `conflict`: somebody else was first.
 * `duplicate`: that was done before.
 */
export class StateError extends Error {
  override readonly name = 'StateError';

  constructor(readonly code: 'unavailable' | 'conflict' | 'corrupt' | 'duplicate', message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}
