import { forgetInAudit } from './audit';
import type { Queries } from './database';
import { forgetMemoriesOf, forgetMemory } from './memory';
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

/** Deletes all that is kept about a person, in every conversation. */
export async function forgetUser(queries: Queries, userKey: string): Promise<void> {
  await queries.execute('DELETE FROM users WHERE user_key = ?', [userKey]);
  await forgetMemoriesOf(queries, userKey);
  await queries.execute("DELETE FROM messages WHERE author_key = ? AND role = 'user'", [userKey]);
  await queries.execute('DELETE FROM threads WHERE owner_key = ?', [userKey]);
  await queries.execute('DELETE FROM media WHERE owner_key = ?', [userKey]);
  await queries.execute('DELETE FROM answers WHERE user_key = ?', [userKey]);
  await queries.execute('DELETE FROM feedback WHERE user_key = ?', [userKey]);
  await forgetInAudit(queries, userKey);
}

/** Deletes what is kept about a conversation, but for the ids that recognise re-deliveries and the numbers that keep order. */
export async function forgetConversation(queries: Queries, conversationKey: string): Promise<void> {
  await queries.execute("UPDATE conversations SET document = '' WHERE conversation_key = ?", [conversationKey]);
  await forgetMemory(queries, conversationKey);
  await queries.execute('DELETE FROM messages WHERE conversation_key = ?', [conversationKey]);
  await queries.execute('DELETE FROM threads WHERE conversation_key = ?', [conversationKey]);
  await queries.execute('DELETE FROM media WHERE conversation_key = ?', [conversationKey]);
  await queries.execute('DELETE FROM answers WHERE conversation_key = ?', [conversationKey]);
  await queries.execute('DELETE FROM feedback WHERE conversation_key = ?', [conversationKey]);
  await queries.execute('DELETE FROM quarantine WHERE conversation_key = ?', [conversationKey]);
}
