import { randomBytes } from 'node:crypto';
import type { Database, Queries } from './database';
import type { Migration } from './migrations';

export const secretMigrations: readonly Migration[] = [
  { id: 'secrets-1', statements: ['CREATE TABLE secrets (name TEXT PRIMARY KEY, secret TEXT NOT NULL)'] },
];

/** A random secret of 32 bytes that every process on this store shares: made when it is first asked for. Throws StateError. */
export const sharedSecret = (database: Database, name: string): Promise<Uint8Array> => database.transaction((queries) => secretOf(queries, name));

/** The same within a transaction. */
export async function secretOf(queries: Queries, name: string): Promise<Uint8Array> {
  const candidate = randomBytes(32).toString('base64url');
  await queries.execute('INSERT INTO secrets (name, secret) VALUES (?, ?) ON CONFLICT DO NOTHING', [name, candidate]);
  const [row] = await queries.query<{ secret: string }>('SELECT secret FROM secrets WHERE name = ?', [name]);
  return Buffer.from(row?.secret ?? candidate, 'base64url');
}
