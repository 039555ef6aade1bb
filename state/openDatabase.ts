import type { Database } from './database';
import { migrate } from './migrations';
import { openSqlite } from './sqlite';

/** Opens the store that DATABASE_URL names, with its schema up to date. Throws StateError. */
export async function openDatabase(databaseUrl: string): Promise<Database> {
  const database = openSqlite(databaseUrl);
  await migrate(database);
  return database;
}
