import type { Database } from './database';
import { migrate } from './migrations';
import { openPostgres, type PostgresOptions } from './postgres';
import { openSqlite } from './sqlite';

/**
 * Opens the store that DATABASE_URL names, with its schema up to date: `postgres://…` or `postgresql://…`, or the path of
 * a SQLite file. Throws StateError.
 */
export async function openDatabase(databaseUrl: string, options: PostgresOptions = {}): Promise<Database> {
  const database = await connectDatabase(databaseUrl, options);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** The same with its schema as it is. Throws StateError. */
export const connectDatabase = (databaseUrl: string, options: PostgresOptions = {}): Promise<Database> =>
  /^postgres(ql)?:/i.test(databaseUrl) ? openPostgres(databaseUrl, options) : openSqlite(databaseUrl);
