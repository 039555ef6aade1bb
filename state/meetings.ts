import type { Queries } from './database';
import type { Migration } from './migrations';

/** One time that a meeting took place; a series has one conversation and many of these. Milliseconds since 1970. */
export interface Occurrence {
  readonly startedAt: number;
  /** undefined while it goes on. */
  readonly endedAt: number | undefined;
  /** A summary was offered after it. */
  readonly isOffered: boolean;
}

/** Somebody came or went, by the channel's clock. */
export interface Presence {
  readonly userKey: string;
  readonly at: number;
  readonly kind: 'join' | 'leave';
}

export const meetingMigrations: readonly Migration[] = [
  {
    id: 'meetings-1',
    statements: [
      `CREATE TABLE meeting_occurrences (
        conversation_key TEXT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, is_offered INTEGER NOT NULL,
        PRIMARY KEY (conversation_key, started_at))`,
      `CREATE TABLE meeting_presence (
        conversation_key TEXT NOT NULL, user_key TEXT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL,
        PRIMARY KEY (conversation_key, user_key, at, kind))`,
      'CREATE INDEX meeting_presence_by_user ON meeting_presence (user_key)', // for forgetting people
      'CREATE TABLE meeting_mutes (conversation_key TEXT PRIMARY KEY, muted_at BIGINT NOT NULL)',
    ],
  },
];

/** The newest `limit`, newest first. */
export async function newestOccurrences(queries: Queries, conversationKey: string, limit: number): Promise<readonly Occurrence[]> {
  const rows = await queries.query<{ startedAt: number; endedAt: number | null; isOffered: number }>(
    `SELECT started_at AS "startedAt", ended_at AS "endedAt", is_offered AS "isOffered" FROM meeting_occurrences
     WHERE conversation_key = ? ORDER BY started_at DESC LIMIT ?`,
    [conversationKey, limit],
  );
  return rows.map(({ startedAt, endedAt, isOffered }) => ({ startedAt, endedAt: endedAt ?? undefined, isOffered: isOffered === 1 }));
}

/** Writes it; what is known under the same start is replaced. */
export async function writeOccurrence(queries: Queries, conversationKey: string, { startedAt, endedAt, isOffered }: Occurrence): Promise<void> {
  await queries.execute(
    `INSERT INTO meeting_occurrences (conversation_key, started_at, ended_at, is_offered) VALUES (?, ?, ?, ?)
     ON CONFLICT (conversation_key, started_at) DO UPDATE SET ended_at = excluded.ended_at, is_offered = excluded.is_offered`,
    [conversationKey, startedAt, endedAt ?? null, isOffered ? 1 : 0],
  );
}

/** Writes what is not known yet. */
export async function writePresence(queries: Queries, conversationKey: string, all: readonly Presence[]): Promise<void> {
  for (const { userKey, at, kind } of all) {
    await queries.execute(
      'INSERT INTO meeting_presence (conversation_key, user_key, at, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      [conversationKey, userKey, at, kind],
    );
  }
}

/** When this person came and went from a time on, oldest first. */
export function readPresence(queries: Queries, conversationKey: string, userKey: string, since: number): Promise<readonly Presence[]> {
  return queries.query<Presence>(
    `SELECT user_key AS "userKey", at, kind FROM meeting_presence
     WHERE conversation_key = ? AND user_key = ? AND at >= ? ORDER BY at, kind`,
    [conversationKey, userKey, since],
  );
}

/** Whether anybody is known to have come or gone from a time on: not every meeting tells. */
export async function anyPresence(queries: Queries, conversationKey: string, since: number): Promise<boolean> {
  return (await queries.query('SELECT 1 AS one FROM meeting_presence WHERE conversation_key = ? AND at >= ? LIMIT 1', [conversationKey, since])).length > 0;
}

/** Nobody wants to be asked in this conversation. */
export async function isMuted(queries: Queries, conversationKey: string): Promise<boolean> {
  return (await queries.query('SELECT 1 AS one FROM meeting_mutes WHERE conversation_key = ?', [conversationKey])).length > 0;
}

export async function writeMute(queries: Queries, conversationKey: string, muted: boolean): Promise<void> {
  if (!muted) await queries.execute('DELETE FROM meeting_mutes WHERE conversation_key = ?', [conversationKey]);
  else await queries.execute('INSERT INTO meeting_mutes (conversation_key, muted_at) VALUES (?, ?) ON CONFLICT DO NOTHING', [conversationKey, Date.now()]);
}
