import type { Logger } from 'pino';
import type { Database, Durability, Queries, SqlValue } from './database';
import { GroupedWrites } from './groupedWrites';
import { parsePostgresAddress } from './postgresAddress';
import { PostgresAnnouncements } from './postgresAnnouncements';
import { PostgresConnection } from './postgresConnection';
import { ConflictError, ConnectionLostError } from './postgresErrors';
import { PostgresPool } from './postgresPool';
import { PostgresTransaction } from './postgresTransaction';

export interface PostgresOptions {
  /** Connections at most; one more hears announcements. */
  readonly poolSize?: number;
  /** Gives the password for a new connection, where the address has none (an Entra ID token). */
  readonly password?: () => Promise<string>;
  /** Nothing waits longer for a server that is away, a lock included; 5 seconds by default. */
  readonly limitMs?: number;
  readonly log?: Logger;
}

const DEFAULT_POOL_SIZE = 10;
const DEFAULT_LIMIT_MS = 5_000;
const MAX_ATTEMPTS = 5;
const PAUSE_MS = 10;

/**
 * Opens a PostgreSQL database as the store. Nothing waits longer than the limit for a server that is away,
 * and the first request after it is back succeeds. Throws StateError('unavailable') when it cannot be reached now.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Database> {
  const address = parsePostgresAddress(url);
  const { poolSize: size = DEFAULT_POOL_SIZE, limitMs = DEFAULT_LIMIT_MS, password, log } = options;
  const open = (): Promise<PostgresConnection> => PostgresConnection.open({ address, limitMs, ...(password && { password }) });
  const pool = new PostgresPool({ open, size, limitMs, place: address.place, ...(log && { log }) });
  const announcements = new PostgresAnnouncements(open);
  const grouped = new GroupedWrites(pool);
  const close = async (): Promise<void> => {
    await announcements.close();
    await pool.close();
  };
  // Twice: a store that is slow, or just starting, too.
  const reach = (): Promise<void> => pool.pipe(() => Promise.resolve());
  await reach().catch(reach).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  await announcements.connect();

  return {
    query: (sql, params = []) => isRead(sql) ? read(pool, sql, params) : repeatedly(() => pool.pipe(async (connection) => (await connection.ask<never>(sql, params)).rows)),
    execute: (sql, params = []) => pool.pipe(async (connection) => (await connection.ask(sql, params)).rowCount ?? 0),
    transaction: (work, durability = 'durable') => repeatedly(() => alone(pool, (connection) => inTransaction(connection, work, durability))),
    write: (key, writes, durability) => grouped.write(key, writes, durability),
    isShared: true,
    announce: (topic, message) => announcements.announce(topic, message),
    announced: () => announcements.announced(),
    listen: (topic, listener) => announcements.listen(topic, listener),
    scrub: async () => undefined,
    close,
  };
}

/** WITH may write. */
const isRead = (sql: string): boolean => /^\s*select\b/i.test(sql);

/** A read changes nothing: where its connection breaks, it is asked again on another. */
async function read<R extends object>(pool: PostgresPool, sql: string, params: readonly SqlValue[]): Promise<R[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sharedQuery<R>(pool, sql, params);
    } catch (error) {
      if (!(error instanceof ConnectionLostError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Reads of many callers go out together and are answered one after the other: nothing waits for a lock there. */
function sharedQuery<R extends object>(pool: PostgresPool, sql: string, params: readonly SqlValue[]): Promise<R[]> {
  return new Promise((resolve, reject) => {
    pool.share((connection) => connection.send<R>(sql, params, ({ rows }) => resolve(rows), reject), reject);
  });
}

async function alone<T>(pool: PostgresPool, work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
  const connection = await pool.take();
  try {
    return await work(connection);
  } finally {
    pool.give(connection);
  }
}

async function inTransaction<T>(connection: PostgresConnection, work: (queries: Queries) => Promise<T>, durability: Durability): Promise<T> {
  const transaction = new PostgresTransaction(connection, durability);
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    transaction.rollback();
    throw isRepeatable(transaction.failure) ? transaction.failure : error;
  }
}

/** Two that wait for each other's rows: the server ends one, which runs again. */
async function repeatedly<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isRepeatable(error) || attempt === MAX_ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt * Math.random()));
  }
}

const isRepeatable = (error: unknown): error is ConflictError => error instanceof ConflictError && error.mayPassOnRepetition;
