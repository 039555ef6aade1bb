import type { Queries, Write } from './database';
import type { Migration } from './migrations';

/** One thing that was said, by a person or by the bot. Times in milliseconds since 1970. */
export interface LoggedMessage {
  readonly conversationKey: string;
  readonly id: string;
  /** channel and user id; see userKey in bot/turns. */
  readonly authorKey: string;
  readonly authorName: string;
  readonly role: 'user' | 'bot';
  readonly text: string;
  readonly createdAt: number;
  readonly replyTo: string | undefined;
}

/** Kept in the order in which they are read: a single message is looked for, in its conversation, only when it is edited or deleted. */
export const messageMigrations: readonly Migration[] = [
  {
    id: 'messages-1',
    statements: [
      `CREATE TABLE messages (
        conversation_key TEXT NOT NULL, id TEXT NOT NULL, author_key TEXT NOT NULL, author_name TEXT NOT NULL,
        role TEXT NOT NULL, text TEXT NOT NULL, created_at BIGINT NOT NULL, edited_at BIGINT, reply_to TEXT,
        PRIMARY KEY (conversation_key, created_at, id))`,
      "CREATE INDEX messages_by_author ON messages (author_key) WHERE role = 'user'", // for forgetting people
    ],
  },
];

/** Writes messages; the same id at the same time again changes nothing (a turn may run twice after a crash). */
export function writeMessages(messages: readonly LoggedMessage[]): Write {
  const rows = messages.map(() => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ');
  return {
    sql: `INSERT INTO messages (conversation_key, id, author_key, author_name, role, text, created_at, reply_to) VALUES ${rows} ON CONFLICT DO NOTHING`,
    params: messages.flatMap((message) => [
      message.conversationKey, message.id, message.authorKey, message.authorName, message.role, message.text, message.createdAt, message.replyTo ?? null,
    ]),
  };
}

/** Replaces the text of a message that its author edited. */
export const editMessage = (conversationKey: string, id: string, text: string): Write => ({
  sql: 'UPDATE messages SET text = ?, edited_at = ? WHERE conversation_key = ? AND id = ?',
  params: [text, Date.now(), conversationKey, id],
});

/** Removes a message that its author deleted: nothing of it stays. */
export const deleteMessage = (conversationKey: string, id: string): Write => ({
  sql: 'DELETE FROM messages WHERE conversation_key = ? AND id = ?',
  params: [conversationKey, id],
});

/** The newest `limit` messages, oldest first. */
export async function newestMessages(queries: Queries, conversationKey: string, limit: number): Promise<readonly LoggedMessage[]> {
  const rows = await queries.query<LoggedMessage>(
    `SELECT conversation_key AS "conversationKey", id, author_key AS "authorKey", author_name AS "authorName", role, text,
       created_at AS "createdAt", reply_to AS "replyTo"
     FROM messages WHERE conversation_key = ? ORDER BY created_at DESC, id DESC LIMIT ?`,
    [conversationKey, limit],
  );
  return rows.reverse();
}
