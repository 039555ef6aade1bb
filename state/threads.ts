import type { Queries, Write } from './database';
import type { Migration } from './migrations';

/** A meeting, chat or document that somebody gave to a conversation, as JSON. */
export interface StoredThread {
  readonly conversationKey: string;
  /** Unguessable: whoever has it may open the thread. */
  readonly id: string;
  readonly ownerKey: string;
  readonly document: string;
}

export const threadMigrations: readonly Migration[] = [
  {
    id: 'threads-1',
    statements: [
      `CREATE TABLE threads (
        conversation_key TEXT NOT NULL, id TEXT NOT NULL, owner_key TEXT NOT NULL, document TEXT NOT NULL, created_at BIGINT NOT NULL,
        PRIMARY KEY (conversation_key, id))`,
      'CREATE INDEX threads_by_id ON threads (id)',
      'CREATE INDEX threads_by_owner ON threads (owner_key)',
    ],
  },
];

export async function insertThread(queries: Queries, thread: StoredThread): Promise<void> {
  await queries.execute(
    'INSERT INTO threads (conversation_key, id, owner_key, document, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    [thread.conversationKey, thread.id, thread.ownerKey, thread.document, Date.now()],
  );
}

/** The thread's JSON, for whoever knows its id. */
export async function readThread(queries: Queries, id: string): Promise<string | undefined> {
  const [row] = await queries.query<{ document: string }>('SELECT document FROM threads WHERE id = ?', [id]);
  return row?.document;
}

/** The thread's JSON, where it belongs to this conversation. */
export async function readThreadOf(queries: Queries, conversationKey: string, id: string): Promise<string | undefined> {
  const [row] = await queries.query<{ document: string }>('SELECT document FROM threads WHERE conversation_key = ? AND id = ?', [conversationKey, id]);
  return row?.document;
}

/** The conversation's threads as JSON, newest first. */
export async function newestThreads(queries: Queries, conversationKey: string, limit: number): Promise<readonly string[]> {
  const rows = await queries.query<{ document: string }>(
    'SELECT document FROM threads WHERE conversation_key = ? ORDER BY created_at DESC, id LIMIT ?',
    [conversationKey, limit],
  );
  return rows.map((row) => row.document);
}

/** Deletes the copies of a conversation's log that hold a message which its author edits or deletes. */
export const forgetCopiesOf = (conversationKey: string, messageId: string): Write => ({
  sql: `DELETE FROM threads WHERE conversation_key = ? AND document LIKE '%"isLog":true%' AND document LIKE ? ESCAPE '!'`,
  params: [conversationKey, `%"id":${JSON.stringify(messageId).replace(/[!%_]/g, '!$&')}%`],
});
