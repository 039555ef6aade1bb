import type { Queries } from './database';
import type { Migration } from './migrations';

/**
 * Why a conversation's document was set aside. newer-version: a later Parley wrote it. dialog-changed: a question was
 * open that is asked otherwise now. corrupt: it cannot be read.
 */
export type QuarantineReason = 'corrupt' | 'newer-version' | 'dialog-changed';

export interface Quarantined {
  readonly reason: QuarantineReason;
  /** As it was stored, byte for byte. */
  readonly document: string;
}

/** `set_aside_at`: milliseconds since 1970. */
export const quarantineMigrations: readonly Migration[] = [
  {
    id: 'quarantine-1',
    statements: [
      `CREATE TABLE quarantine (
        conversation_key TEXT NOT NULL, set_aside_at BIGINT NOT NULL, reason TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (conversation_key, set_aside_at))`,
    ],
  },
];

/** Enough to find out what went wrong; a conversation that breaks with every message must not fill the store. */
const MAX_KEPT = 5;

/** Keeps a copy of a document that cannot be used, for people to look at: the newest five of a conversation. */
export async function quarantine(queries: Queries, conversationKey: string, { reason, document }: Quarantined): Promise<void> {
  const kept = await queries.query<{ at: number }>('SELECT set_aside_at AS at FROM quarantine WHERE conversation_key = ? ORDER BY set_aside_at DESC', [conversationKey]);
  const at = Math.max(Date.now(), (kept[0]?.at ?? 0) + 1); // the clock may stand still, or go back
  await queries.execute('INSERT INTO quarantine (conversation_key, set_aside_at, reason, document) VALUES (?, ?, ?, ?)', [conversationKey, at, reason, document]);
  for (const { at: old } of kept.slice(MAX_KEPT - 1)) {
    await queries.execute('DELETE FROM quarantine WHERE conversation_key = ? AND set_aside_at = ?', [conversationKey, old]);
  }
}

/** What is kept of a conversation, oldest first. */
export async function quarantinedOf(queries: Queries, conversationKey: string): Promise<readonly Quarantined[]> {
  return queries.query<Quarantined>('SELECT reason, document FROM quarantine WHERE conversation_key = ? ORDER BY set_aside_at', [conversationKey]);
}
