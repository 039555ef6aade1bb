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
