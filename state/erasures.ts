import { createHmac } from 'node:crypto';
import type { Queries } from './database';
import type { Migration } from './migrations';
import { secretOf } from './secrets';

/**
 * Who was deleted of late, and when: what was being done for them at that moment, and is written down a little later, is
 * nobody's. People are named by a hash, which cannot be read back.
 */
export const erasureMigrations: readonly Migration[] = [
  { id: 'erasures-1', statements: ['CREATE TABLE erasures (subject_key TEXT PRIMARY KEY, erased_at BIGINT NOT NULL)'] },
];

/** Longer than anything goes on that was begun before. */
export const REMEMBER_ERASURES_MS = 24 * 60 * 60_000;

export async function noteErasure(queries: Queries, userKey: string): Promise<void> {
  await queries.execute(
    'INSERT INTO erasures (subject_key, erased_at) VALUES (?, ?) ON CONFLICT (subject_key) DO UPDATE SET erased_at = excluded.erased_at',
    [await subjectOf(queries, userKey), Date.now()],
  );
}

/** Tells of a person and a time (milliseconds since 1970) whether the person was deleted after it. */
export async function readErasures(queries: Queries): Promise<(userKey: string, atMs: number) => boolean> {
  const rows = await queries.query<{ subject: string; at: number }>('SELECT subject_key AS subject, erased_at AS at FROM erasures');
  if (rows.length === 0) return () => false;
  const secret = await secretOf(queries, SECRET);
  const erased = new Map(rows.map(({ subject, at }) => [subject, at]));
  return (userKey, atMs) => (erased.get(hashOf(secret, userKey)) ?? -Infinity) >= atMs;
}

export const purgeErasures = (queries: Queries, beforeMs: number): Promise<number> => queries.execute('DELETE FROM erasures WHERE erased_at < ?', [beforeMs]);

const SECRET = 'erasures';

const subjectOf = async (queries: Queries, userKey: string): Promise<string> => hashOf(await secretOf(queries, SECRET), userKey);

const hashOf = (secret: Uint8Array, userKey: string): string => createHmac('sha256', secret).update(userKey).digest('base64url');
