import type { Database, Queries, Write } from './database';
import type { Migration } from './migrations';

/** Whose rating of which answer: each person has one for an answer. */
export interface RatingKey {
  readonly conversationKey: string;
  /** Id of the message that was answered. */
  readonly activityId: string;
  readonly userKey: string;
}

export type Reaction = 'like' | 'dislike';

export interface Rating extends RatingKey {
  readonly reaction: Reaction;
  /** JSON of what was asked and answered; undefined where the person did not agree to its being kept. */
  readonly kept: string | undefined;
}

export interface KeptRating extends RatingKey {
  readonly reaction: Reaction;
  readonly kept: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export const feedbackMigrations: readonly Migration[] = [
  {
    id: 'feedback-1',
    statements: [
      `CREATE TABLE feedback (
        conversation_key TEXT NOT NULL, activity_id TEXT NOT NULL, user_key TEXT NOT NULL, reaction TEXT NOT NULL, created_at BIGINT NOT NULL, kept TEXT,
        PRIMARY KEY (conversation_key, activity_id, user_key))`,
      'CREATE INDEX feedback_by_user ON feedback (user_key)',
    ],
  },
];

/** The last rating counts. */
export async function writeRating(queries: Queries, { conversationKey, activityId, userKey, reaction, kept }: Rating): Promise<void> {
  await queries.execute(
    `INSERT INTO feedback (conversation_key, activity_id, user_key, reaction, created_at, kept) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (conversation_key, activity_id, user_key) DO UPDATE SET reaction = excluded.reaction, created_at = excluded.created_at, kept = excluded.kept`,
    [conversationKey, activityId, userKey, reaction, Date.now(), kept ?? null],
  );
}

/** Leaves the thumbs of a person, and nothing of what was asked and answered. */
export async function forgetKept(queries: Queries, userKey: string): Promise<void> {
  await queries.execute('UPDATE feedback SET kept = NULL WHERE user_key = ? AND kept IS NOT NULL', [userKey]);
}

/** The same for one answer, whose question was changed or deleted. */
export const forgetKeptOf = (conversationKey: string, activityId: string): Write => ({
  sql: 'UPDATE feedback SET kept = NULL WHERE conversation_key = ? AND activity_id = ? AND kept IS NOT NULL',
  params: [conversationKey, activityId],
});

/** How many thumbs there are of each kind. */
export async function countRatings(queries: Queries): Promise<Readonly<Record<Reaction, number>>> {
  const rows = await queries.query<{ reaction: Reaction; count: number }>('SELECT reaction, CAST(COUNT(*) AS INTEGER) AS count FROM feedback GROUP BY reaction');
  const counted = Object.fromEntries(rows.map(({ reaction, count }) => [reaction, count]));
  return { like: counted['like'] ?? 0, dislike: counted['dislike'] ?? 0 };
}

const PAGE = 500;

/** Every rating whose question and answer were kept, in the order of its key. */
export async function* readKept(database: Database): AsyncGenerator<KeptRating> {
  let after: RatingKey = { conversationKey: '', activityId: '', userKey: '' };
  for (;;) {
    const rows = await database.query<KeptRating>(
      `SELECT conversation_key AS "conversationKey", activity_id AS "activityId", user_key AS "userKey", reaction, created_at AS "createdAt", kept
       FROM feedback WHERE kept IS NOT NULL AND (conversation_key, activity_id, user_key) > (?, ?, ?)
       ORDER BY conversation_key, activity_id, user_key LIMIT ?`,
      [after.conversationKey, after.activityId, after.userKey, PAGE],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last;
  }
}
