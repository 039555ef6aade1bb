import type { Database } from './database';
import { directLineMigrations } from './directLine';
import { messageMigrations } from './messages';
import { quarantineMigrations } from './quarantine';
import { threadMigrations } from './threads';
import { turnMigrations } from './turnMigrations';
import { userMigrations } from './users';

/** One step of the schema, applied once. Types must mean the same to SQLite and PostgreSQL (TEXT, INTEGER, BIGINT, BYTEA). */
export interface Migration {
  readonly id: string;
  readonly statements: readonly string[];
}

const allMigrations: readonly Migration[] = [
  ...turnMigrations,
  ...messageMigrations,
  ...userMigrations,
  ...threadMigrations,
  ...directLineMigrations,
  ...quarantineMigrations,
];

/** Brings the store's schema up to date. Safe to call at every start. Throws StateError. */
export async function migrate(database: Database): Promise<void> {
  await database.execute('CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY, applied_at TEXT NOT NULL)');
  for (const migration of allMigrations) await apply(database, migration);
}

async function apply(database: Database, migration: Migration): Promise<void> {
  await database.transaction(async (queries) => {
    const known = await queries.query('SELECT id FROM migrations WHERE id = ?', [migration.id]);
    if (known.length > 0) return;
    for (const statement of migration.statements) await queries.execute(statement);
    await queries.execute('INSERT INTO migrations (id, applied_at) VALUES (?, ?)', [migration.id, new Date().toISOString()]);
  });
}
