import type { Queries, Write } from './database';
import type { Position } from './memory';
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
  /** null where it was never edited, undefined where it is new. */
  readonly editedAt?: number | null;
}

/** From a time on, and before a time; milliseconds since 1970. */
export interface TimeRange {
  readonly since?: number;
  readonly until?: number;
}

/** The beginning of what was said. */
export interface LoggedText extends Position {
  readonly authorKey: string;
  readonly authorName: string;
  readonly role: 'user' | 'bot';
  readonly text: string;
  /** Characters of the whole text. */
  readonly length: number;
}

/** A part of a conversation's log. */
export interface LogPart {
  /** Without these two themselves. */
  readonly after: Position;
  readonly before?: Position;
  readonly limit: number;
  /** Characters of each text that are read. */
  readonly maxLength: number;
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
  {
    // That a message was there, for the receipt of a summary: nothing of what it said, nor of who said it.
    id: 'messages-2',
    statements: ['CREATE TABLE deleted_messages (conversation_key TEXT NOT NULL, created_at BIGINT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (conversation_key, created_at, id))'],
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

/** Notes that there was a message, before it is removed. */
export const noteDeletion = (conversationKey: string, id: string): Write => ({
  sql: 'INSERT INTO deleted_messages (conversation_key, created_at, id) SELECT conversation_key, created_at, id FROM messages WHERE conversation_key = ? AND id = ? ON CONFLICT DO NOTHING',
  params: [conversationKey, id],
});

/** Its author wants it back. */
export const forgetDeletion = (conversationKey: string, id: string): Write => ({
  sql: 'DELETE FROM deleted_messages WHERE conversation_key = ? AND id = ?',
  params: [conversationKey, id],
});

/** How many messages of a time were deleted by their authors. */
export async function countDeletions(queries: Queries, conversationKey: string, { since = 0, until = END.at }: TimeRange = {}): Promise<number> {
  const [row] = await queries.query<{ count: number }>('SELECT CAST(COUNT(*) AS INTEGER) AS count FROM deleted_messages WHERE conversation_key = ? AND created_at >= ? AND created_at < ?', [conversationKey, since, until]);
  return row?.count ?? 0;
}

/** The newest `limit` messages of a time, oldest first. */
export async function newestMessages(queries: Queries, conversationKey: string, limit: number, { since = 0, until = END.at }: TimeRange = {}): Promise<readonly LoggedMessage[]> {
  const rows = await queries.query<LoggedMessage>(
    `SELECT conversation_key AS "conversationKey", id, author_key AS "authorKey", author_name AS "authorName", role, text,
       created_at AS "createdAt", reply_to AS "replyTo", edited_at AS "editedAt"
     FROM messages WHERE conversation_key = ? AND created_at >= ? AND created_at < ? ORDER BY created_at DESC, id DESC LIMIT ?`,
    [conversationKey, since, until, limit],
  );
  return rows.reverse();
}

/** What an answer is made of. */
export interface MessagesAround {
  readonly question: { readonly authorKey: string; readonly text: string } | undefined;
  /** What the bot said to it, oldest first. */
  readonly answers: readonly string[];
  /** Of those who said something in the conversation, at most `maxNames`. */
  readonly names: readonly string[];
}

/** The message that has this id, what the bot answered to it, and who talks there. */
export async function messagesAround(queries: Queries, conversationKey: string, id: string, maxNames: number): Promise<MessagesAround> {
  const [rows, authors] = await Promise.all([
    queries.query<Pick<LoggedMessage, 'authorKey' | 'role' | 'text'>>(
      `SELECT author_key AS "authorKey", role, text FROM messages
       WHERE conversation_key = ? AND ((id = ? AND role = 'user') OR (reply_to = ? AND role = 'bot')) ORDER BY created_at, id`,
      [conversationKey, id, id],
    ),
    queries.query<{ name: string }>(`SELECT DISTINCT author_name AS name FROM messages WHERE conversation_key = ? AND role = 'user' AND author_name <> '' LIMIT ?`, [conversationKey, maxNames]),
  ]);
  return {
    question: rows.find(({ role }) => role === 'user'),
    answers: rows.filter(({ role }) => role === 'bot').map(({ text }) => text),
    names: authors.map(({ name }) => name),
  };
}

/** The newest messages of a part of the log, newest first. */
export const latestTexts = (queries: Queries, conversationKey: string, part: LogPart): Promise<readonly LoggedText[]> => readTexts(queries, conversationKey, part, 'DESC');

/** The oldest messages of a part of the log, oldest first. */
export const earliestTexts = (queries: Queries, conversationKey: string, part: LogPart): Promise<readonly LoggedText[]> => readTexts(queries, conversationKey, part, 'ASC');

/** After every message there can be. */
const END: Position = { at: Number.MAX_SAFE_INTEGER, id: '' };

function readTexts(queries: Queries, conversationKey: string, { after, before = END, limit, maxLength }: LogPart, order: 'ASC' | 'DESC'): Promise<readonly LoggedText[]> {
  return queries.query<LoggedText>(
    `SELECT created_at AS at, id, author_key AS "authorKey", author_name AS "authorName", role, SUBSTR(text, 1, ?) AS text, LENGTH(text) AS length
     FROM messages WHERE conversation_key = ? AND (created_at, id) > (?, ?) AND (created_at, id) < (?, ?)
     ORDER BY created_at ${order}, id ${order} LIMIT ?`,
    [maxLength, conversationKey, after.at, after.id, before.at, before.id, limit],
  );
}
