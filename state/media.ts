import type { Queries } from './database';
import type { Migration } from './migrations';

/** A picture or a recording that was made for a conversation. Times in milliseconds since 1970. */
export interface StoredMedia {
  readonly conversationKey: string;
  /** Unguessable: whoever has it may open the media. */
  readonly id: string;
  /** Who asked for it. */
  readonly ownerKey: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** From then on it is gone, whether or not it was deleted yet. */
  readonly expiresAt: number;
}

export const mediaMigrations: readonly Migration[] = [
  {
    id: 'media-1',
    statements: [
      `CREATE TABLE media (
        conversation_key TEXT NOT NULL, id TEXT NOT NULL, owner_key TEXT NOT NULL, content_type TEXT NOT NULL,
        bytes BYTEA NOT NULL, expires_at BIGINT NOT NULL,
        PRIMARY KEY (conversation_key, id))`,
      'CREATE INDEX media_by_id ON media (id)',
      'CREATE INDEX media_by_owner ON media (owner_key)',
      'CREATE INDEX media_by_expiry ON media (expires_at)',
    ],
  },
];

export async function insertMedia(queries: Queries, media: StoredMedia): Promise<void> {
  await queries.execute(
    'INSERT INTO media (conversation_key, id, owner_key, content_type, bytes, expires_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    [media.conversationKey, media.id, media.ownerKey, media.contentType, media.bytes, media.expiresAt],
  );
}

/** The media, for whoever knows its id; undefined where there is none any more. */
export async function readMedia(queries: Queries, id: string, nowMs: number): Promise<Pick<StoredMedia, 'contentType' | 'bytes' | 'expiresAt'> | undefined> {
  const [row] = await queries.query<{ contentType: string; bytes: Uint8Array; expiresAt: number }>(
    'SELECT content_type AS "contentType", bytes, expires_at AS "expiresAt" FROM media WHERE id = ? AND expires_at > ?',
    [id, nowMs],
  );
  return row;
}

/** Deletes what has expired; gives how much it was. */
export const purgeMedia = (queries: Queries, nowMs: number): Promise<number> => queries.execute('DELETE FROM media WHERE expires_at <= ?', [nowMs]);
