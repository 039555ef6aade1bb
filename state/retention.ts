import type { Database, Queries } from './database';
import { purgeErasures, REMEMBER_ERASURES_MS } from './erasures';

/** Where a walk through the store stands; '' at its beginning. */
export interface RetentionPlace {
  readonly afterConversation: string;
  readonly afterWebChat: string;
  readonly afterPerson: string;
}

export interface RetentionStep {
  readonly removed: number;
  /** undefined at the end of the walk. */
  readonly next: RetentionPlace | undefined;
}

export const RETENTION_START: RetentionPlace = { afterConversation: '', afterWebChat: '', afterPerson: '' };

/** Rows that are no longer known to anybody keep their ids for as long as a channel may post again. */
const SHELL_MS = 3 * 24 * 60 * 60_000;
/** Activities of one web chat that are looked at in one step. */
const MAX_ACTIVITIES = 500;

/**
 * One step of a walk through all conversations, web chats and people, `limit` of each: deletes what is older than `beforeMs`.
 * By primary keys, so that a step costs the same in a large store, and no message is written twice for the sake of an index.
 */
export async function retain(database: Database, place: RetentionPlace, beforeMs: number, limit: number): Promise<RetentionStep> {
  const conversations = await keysAfter(database, 'conversation_key', 'conversations', place.afterConversation, limit);
  const webChats = await keysAfter(database, 'conversation_id', 'direct_line_conversations', place.afterWebChat, limit);
  const people = await peopleAfter(database, place.afterPerson, limit);
  let removed = 0;
  for (const key of conversations) removed += await database.transaction((queries) => retainConversation(queries, key, beforeMs), 'relaxed');
  for (const id of webChats) removed += await database.transaction((queries) => retainWebChat(queries, id, beforeMs), 'relaxed');
  for (const key of people) removed += await retainPerson(database, key, beforeMs);
  if (Math.max(conversations.length, webChats.length, people.length) < limit) {
    await purgeErasures(database, Date.now() - REMEMBER_ERASURES_MS);
    return { removed, next: undefined };
  }
  const next = { afterConversation: conversations.at(-1) ?? END, afterWebChat: webChats.at(-1) ?? END, afterPerson: people.at(-1) ?? END };
  return { removed, next };
}

/** After every key there is: that part of the walk is done. */
const END = '\u{10FFFF}';

async function keysAfter(queries: Queries, column: string, table: string, after: string, limit: number): Promise<readonly string[]> {
  const rows = await queries.query<{ key: string }>(`SELECT ${column} AS key FROM ${table} WHERE ${column} > ? ORDER BY ${column} LIMIT ?`, [after, limit]);
  return rows.map(({ key }) => key);
}

async function peopleAfter(queries: Queries, after: string, limit: number): Promise<readonly string[]> {
  const rows = await queries.query<{ key: string }>(
    `SELECT user_key AS key FROM (SELECT user_key FROM users WHERE user_key > ? UNION SELECT user_key FROM pseudonyms WHERE user_key > ?) AS people ORDER BY user_key LIMIT ?`,
    [after, after, limit],
  );
  return rows.map(({ key }) => key);
}

/** Each with the column of its age. */
const agingTables = [
  ['message_vectors', 'created_at'],
  ['messages', 'created_at'],
  ['deleted_messages', 'created_at'],
  ['threads', 'created_at'],
  ['answers', 'created_at'],
  ['feedback', 'created_at'],
  ['quarantine', 'set_aside_at'],
] as const;

/** What notes are not made of. */
const agingMeetings = [
  ['meeting_presence', 'at'],
  ['meeting_occurrences', 'started_at'],
] as const;

/** Work on notes that stands on what is deleted is refused: the generation has grown. */
async function retainConversation(queries: Queries, key: string, beforeMs: number): Promise<number> {
  let removed = 0;
  for (const [table, age] of agingTables) removed += await queries.execute(`DELETE FROM ${table} WHERE conversation_key = ? AND ${age} < ?`, [key, beforeMs]);
  if (removed > 0) {
    await queries.execute('UPDATE memory_heads SET generation = generation + 1 WHERE conversation_key = ?', [key]);
    removed += await queries.execute('DELETE FROM memory_summaries WHERE conversation_key = ?', [key]); // each holds the ones before it
  }
  for (const [table, age] of agingMeetings) removed += await queries.execute(`DELETE FROM ${table} WHERE conversation_key = ? AND ${age} < ?`, [key, beforeMs]);
  return removed + (await removeShell(queries, key, beforeMs));
}

/** The conversation itself, when nothing was said for so long; or when its person was forgotten and no re-delivery can come. */
async function removeShell(queries: Queries, key: string, beforeMs: number): Promise<number> {
  const now = Date.now();
  const gone = await queries.execute(
    `DELETE FROM conversations WHERE conversation_key = ? AND lease_until <= ? AND (updated_at < ? OR (document = '' AND updated_at < ?))
     AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.conversation_key = conversations.conversation_key AND (answered = 0 OR accepted_at >= ?))
     AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.conversation_key = conversations.conversation_key)`,
    [key, now, Math.min(beforeMs, now - SHELL_MS), now - SHELL_MS, now - SHELL_MS],
  );
  if (gone === 0) return 0;
  for (const table of ['outbox', 'memory_heads', 'memory_summaries', 'message_vectors', 'person_conversations', 'meeting_mutes']) await queries.execute(`DELETE FROM ${table} WHERE conversation_key = ?`, [key]);
  return gone;
}

/** Activities tell their time themselves; they are in its order. */
async function retainWebChat(queries: Queries, id: string, beforeMs: number): Promise<number> {
  const rows = await queries.query<{ number: number; activity: string | null }>(
    'SELECT activity_number AS number, activity FROM direct_line_activities WHERE conversation_id = ? ORDER BY activity_number LIMIT ?',
    [id, MAX_ACTIVITIES],
  );
  const young = rows.findIndex(({ activity }) => activity !== null && !(timeOf(activity) < beforeMs));
  const last = rows.at(young === -1 ? -1 : young - 1);
  if (young === 0) return 0;
  if (last) {
    const removed = await queries.execute('DELETE FROM direct_line_activities WHERE conversation_id = ? AND activity_number <= ?', [id, last.number]);
    return removed + (await queries.execute(`DELETE FROM direct_line_attachments WHERE conversation_id = ? AND NOT EXISTS (${SHOWN})`, [id]));
  }
  const gone = await queries.execute('DELETE FROM direct_line_conversations WHERE conversation_id = ? AND started_at < ?', [id, new Date(beforeMs).toISOString()]);
  return gone === 0 ? 0 : gone + (await queries.execute('DELETE FROM direct_line_attachments WHERE conversation_id = ?', [id]));
}

const SHOWN = `SELECT 1 FROM direct_line_activities WHERE direct_line_activities.conversation_id = direct_line_attachments.conversation_id
  AND activity LIKE '%' || attachment_id || '%'`;

function timeOf(activity: string): number {
  const { timestamp } = JSON.parse(activity) as { readonly timestamp?: string }; // written by bot/directLine
  return Date.parse(timestamp ?? '');
}

/** Settings, and the name in the audit log, of whoever has said nothing for so long. */
async function retainPerson(queries: Queries, key: string, beforeMs: number): Promise<number> {
  const isHere = await queries.query(
    `SELECT 1 AS one FROM messages WHERE author_key = ? AND role = 'user' UNION SELECT 1 FROM person_conversations WHERE user_key = ?
     UNION SELECT 1 FROM answers WHERE user_key = ? UNION SELECT 1 FROM users WHERE user_key = ? AND updated_at >= ?
     UNION SELECT 1 FROM audit_pending WHERE user_key = ?`,
    [key, key, key, key, beforeMs, key],
  );
  if (isHere.length > 0) return 0;
  return (await queries.execute('DELETE FROM users WHERE user_key = ?', [key])) + (await queries.execute('DELETE FROM pseudonyms WHERE user_key = ?', [key]));
}
