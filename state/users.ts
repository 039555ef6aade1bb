import type { Queries } from './database';
import type { Migration } from './migrations';

export const userMigrations: readonly Migration[] = [
  {
    id: 'users-1',
    statements: ['CREATE TABLE users (user_key TEXT PRIMARY KEY, settings TEXT NOT NULL, updated_at BIGINT NOT NULL)'],
  },
];

/** The settings of a person as JSON; undefined where none were saved. */
export async function readSettings(queries: Queries, userKey: string): Promise<string | undefined> {
  const [row] = await queries.query<{ settings: string }>('SELECT settings FROM users WHERE user_key = ?', [userKey]);
  return row?.settings;
}

export async function writeSettings(queries: Queries, userKey: string, json: string): Promise<void> {
  await queries.execute(
    `INSERT INTO users (user_key, settings, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (user_key) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at`,
    [userKey, json, Date.now()],
  );
}
