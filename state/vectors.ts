import type { Queries, Write } from './database';
import type { Position } from './memory';
import type { Migration } from './migrations';

/** Where a message stands in the space of an embeddings model. */
export interface StoredVector extends Position {
  /** One signed byte for each dimension. */
  readonly vector: Uint8Array;
}

export const vectorMigrations: readonly Migration[] = [
  {
    id: 'vectors-1',
    statements: [
      `CREATE TABLE message_vectors (
        conversation_key TEXT NOT NULL, created_at BIGINT NOT NULL, id TEXT NOT NULL, model TEXT NOT NULL, vector BYTEA NOT NULL,
        PRIMARY KEY (conversation_key, created_at, id))`,
    ],
  },
];

/** Writes a message's vector, where the message is still there; another model's takes the place of an earlier one's. */
export const writeVector = (conversationKey: string, model: string, { at, id, vector }: StoredVector): Write => ({
  sql: `INSERT INTO message_vectors (conversation_key, created_at, id, model, vector)
    SELECT conversation_key, created_at, id, ?, ? FROM messages WHERE conversation_key = ? AND created_at = ? AND id = ?
    ON CONFLICT (conversation_key, created_at, id) DO UPDATE SET model = excluded.model, vector = excluded.vector`,
  params: [model, vector, conversationKey, at, id],
});

/** The next `limit` vectors of a model after a place, in the order of the log. */
export function vectorsAfter(queries: Queries, conversationKey: string, model: string, after: Position, limit: number): Promise<readonly StoredVector[]> {
  return queries.query<StoredVector>(
    `SELECT created_at AS at, id, vector FROM message_vectors
     WHERE conversation_key = ? AND (created_at, id) > (?, ?) AND model = ? ORDER BY created_at, id LIMIT ?`,
    [conversationKey, after.at, after.id, model, limit],
  );
}

/** Characters: models read no more of a text. */
const MAX_TEXT_LENGTH = 8_000;

/** The next `limit` messages after a place that have no vector of this model, oldest first. */
export function textsWithoutVector(queries: Queries, conversationKey: string, model: string, after: Position, limit: number): Promise<readonly (Position & { readonly text: string })[]> {
  return queries.query<Position & { readonly text: string }>(
    `SELECT created_at AS at, id, SUBSTR(text, 1, ?) AS text FROM messages
     WHERE conversation_key = ? AND (created_at, id) > (?, ?) AND NOT EXISTS (SELECT 1 FROM message_vectors
       WHERE message_vectors.conversation_key = messages.conversation_key AND message_vectors.created_at = messages.created_at
       AND message_vectors.id = messages.id AND message_vectors.model = ?)
     ORDER BY created_at, id LIMIT ?`,
    [MAX_TEXT_LENGTH, conversationKey, after.at, after.id, model, limit],
  );
}
