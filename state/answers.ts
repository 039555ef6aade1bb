import type { Queries, Write } from './database';
import type { Migration } from './migrations';

/** How an answer of a model came about, as JSON. */
export interface AnswerRecord {
  readonly conversationKey: string;
  /** Who asked. */
  readonly userKey: string;
  /** Id of the message that was answered. */
  readonly activityId: string;
  readonly facts: string;
}

export const answerMigrations: readonly Migration[] = [
  {
    id: 'answers-1',
    statements: [
      `CREATE TABLE answers (
        conversation_key TEXT NOT NULL, activity_id TEXT NOT NULL, user_key TEXT NOT NULL, created_at BIGINT NOT NULL, facts TEXT NOT NULL,
        PRIMARY KEY (conversation_key, activity_id))`,
      'CREATE INDEX answers_by_user ON answers (user_key)',
      'CREATE INDEX answers_by_time ON answers (created_at)',
    ],
  },
  { id: 'answers-2', statements: ['ALTER TABLE answers ADD COLUMN message_id TEXT'] },
];

/** Part of the turn's commit. */
export const writeAnswer = ({ conversationKey, activityId, userKey, facts }: AnswerRecord): Write => ({
  sql: 'INSERT INTO answers (conversation_key, activity_id, user_key, created_at, facts) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  params: [conversationKey, activityId, userKey, Date.now(), facts],
});

/** The facts of one answer, or of the newest; undefined where there is none in this conversation. */
export async function readAnswer(queries: Queries, conversationKey: string, activityId?: string): Promise<string | undefined> {
  const [row] = activityId === undefined
    ? await queries.query<{ facts: string }>('SELECT facts FROM answers WHERE conversation_key = ? ORDER BY created_at DESC, activity_id DESC LIMIT 1', [conversationKey])
    : await queries.query<{ facts: string }>('SELECT facts FROM answers WHERE conversation_key = ? AND activity_id = ?', [conversationKey, activityId]);
  return row?.facts;
}

/** Notes the id by which the channel knows the message that shows an answer. */
export const noteShownAnswer = (conversationKey: string, activityId: string, messageId: string): Write => ({
  sql: 'UPDATE answers SET message_id = ? WHERE conversation_key = ? AND activity_id = ?',
  params: [messageId, conversationKey, activityId],
});

/** Id of the message that was answered by the one that the channel knows as `messageId`; undefined where that is not known. */
export async function answeredBy(queries: Queries, conversationKey: string, messageId: string): Promise<string | undefined> {
  const [row] = await queries.query<{ id: string }>('SELECT activity_id AS id FROM answers WHERE conversation_key = ? AND message_id = ?', [conversationKey, messageId]);
  return row?.id;
}

/** Id of the message that was answered last; undefined where there was none. */
export async function newestAnswered(queries: Queries, conversationKey: string): Promise<string | undefined> {
  const [row] = await queries.query<{ id: string }>('SELECT activity_id AS id FROM answers WHERE conversation_key = ? ORDER BY created_at DESC, activity_id DESC LIMIT 1', [conversationKey]);
  return row?.id;
}
