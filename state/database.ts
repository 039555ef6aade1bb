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
 * A statement that can be sent without the answers of those before it. `orElse`: it must change a row; where it changes
 * none, nothing of what belongs to it is written, and a StateError of this code is thrown. `returning`: columns of the
 * changed rows that are given back; a SELECT gives its rows.
 */
export interface Write {
  readonly sql: string;
  readonly params: readonly SqlValue[];
  readonly orElse?: 'conflict' | 'duplicate';
  readonly returning?: string;
}

/** The rows of each of several writes. */
export type RowsOf<R extends readonly object[]> = { readonly [I in keyof R]: readonly R[I][] };

/** relaxed: what was committed survives the end of this process, though perhaps not of the machine. */
export type Durability = 'durable' | 'relaxed';

/**
 * The store. `transaction` resolves only once the work is durable (on disk), and rolls back when `work` throws.
 * Queries of one transaction run in the order in which they are asked for; asking for several without waiting
 * for each saves round trips. `work` may run again after a conflict and must touch nothing but the store.
 */
export interface Database extends Queries {
  transaction<T>(work: (queries: Queries) => Promise<T>, durability?: Durability): Promise<T>;
  /**
   * Writes all or nothing, in one transaction and one round trip, which it may share with others that come at the same
   * time. `key`: what the writes are about; each conversation has its own. Gives the rows of each.
   */
  write<R extends readonly object[] = readonly Row[]>(key: string, writes: readonly Write[], durability?: Durability): Promise<RowsOf<R>>;
  /** True where processes on several machines may use the store at once. */
  readonly isShared: boolean;
  /**
   * Tells every process on this store, this one included, soon. Never throws and never waits: what nobody hears is lost.
   * In place of a `message` of more than MAX_ANNOUNCEMENT_BYTES other processes hear undefined.
   */
  announce(topic: string, message: string): void;
  /** Resolves when what was announced so far has left this process, so that it is heard even if this process dies now. Never rejects. */
  announced(): Promise<void>;
  /** Hears what is announced on a topic; undefined: something may have been missed, look for yourself. Gives the end of listening. */
  listen(topic: string, listener: (message: string | undefined) => void): () => void;
  /**
   * Takes what was deleted out of the store's files too, as far as that is in our hands: PostgreSQL's own vacuum does it
   * there. Never throws: where others are reading it is done later, by whoever deletes next.
   */
  scrub(): Promise<void>;
  close(): Promise<void>;
}

/** PostgreSQL takes no more than 8,000 bytes in a notification: https://www.postgresql.org/docs/current/sql-notify.html */
export const MAX_ANNOUNCEMENT_BYTES = 7_000;

/** Says that a write which must change a row changed none. */
export const UNCHANGED = 'What was to be changed is not as it was.';

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
