import { answerMigrations } from './answers';
import { auditMigrations } from './audit';
import { budgetMigrations } from './budgets';
import { StateError, type Database } from './database';
import { directLineMigrations } from './directLine';
import { erasureMigrations } from './erasures';
import { feedbackMigrations } from './feedback';
import { mediaMigrations } from './media';
import { meetingMigrations } from './meetings';
import { memoryMigrations } from './memory';
import { messageMigrations } from './messages';
import { personConversationMigrations } from './personConversations';
import { quarantineMigrations } from './quarantine';
import { secretMigrations } from './secrets';
import { threadMigrations } from './threads';
import { turnMigrations } from './turnMigrations';
import { userMigrations } from './users';
import { vectorMigrations } from './vectors';

/** One step of the schema, applied once. Types must mean the same to SQLite and PostgreSQL (TEXT, INTEGER, BIGINT, BYTEA). */
export interface Migration {
  readonly id: string;
  readonly statements: readonly string[];
}

const allMigrations: readonly Migration[] = [
  ...turnMigrations,
  ...messageMigrations,
  ...memoryMigrations,
  ...vectorMigrations,
  ...userMigrations,
  ...threadMigrations,
  ...mediaMigrations,
  ...answerMigrations,
  ...feedbackMigrations,
  ...auditMigrations,
  ...budgetMigrations,
  ...directLineMigrations,
  ...quarantineMigrations,
  ...secretMigrations,
  ...personConversationMigrations,
  ...erasureMigrations,
  ...meetingMigrations,
];

/** Brings the store's schema up to date. Safe to call at every start, and by several processes at once. Throws StateError. */
export async function migrate(database: Database): Promise<void> {
  await makeTable(database);
  for (const migration of allMigrations) await apply(database, migration);
}

/** Number of steps that the store's schema lacks. Throws StateError. */
export async function pendingMigrations(database: Database): Promise<number> {
  const applied = await database.query<{ id: string }>('SELECT id FROM migrations').catch(() => database.query('SELECT 1 AS one').then(() => [])); // a store without the table is new
  const known = new Set(applied.map(({ id }) => id));
  return allMigrations.filter(({ id }) => !known.has(id)).length;
}

/** PostgreSQL finds out only at the end that another process makes the same table; the second time it is there. */
async function makeTable(database: Database): Promise<void> {
  const make = (): Promise<number> => database.execute('CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY, applied_at TEXT NOT NULL)');
  await make().catch((error: unknown) => {
    if (error instanceof StateError && error.code === 'conflict') return make();
    throw error;
  });
}

/** The note comes first: another process that wants to write the same one waits until ours is committed, and then finds it. */
async function apply(database: Database, migration: Migration): Promise<void> {
  await database.transaction(async (queries) => {
    const noted = await queries.execute('INSERT INTO migrations (id, applied_at) VALUES (?, ?) ON CONFLICT DO NOTHING', [migration.id, new Date().toISOString()]);
    if (noted === 0) return;
    for (const statement of migration.statements) await queries.execute(statement);
  });
}
