import type { Database, Queries, Write } from './database';
import type { Migration } from './migrations';

/** Place of a message in its conversation's log, which is read in this order. */
export interface Position {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly id: string;
}

/** Notes on all that was said after the last "start over" and up to a message. */
export interface StoredSummary {
  readonly text: string;
  readonly until: Position;
}

/** What there is to remember a conversation by, besides its log. */
export interface Memory {
  /** Nothing up to this message is looked back at. */
  readonly startsAfter: Position;
  /** The one that reaches furthest. */
  readonly summary: StoredSummary | undefined;
}

/** The right to work on a conversation's memory, with what it was when the work began. */
export interface MemoryLease {
  readonly conversationKey: string;
  readonly worker: string;
  /** Grows when something changes that the memory may hold: what was made of it before is not kept. */
  readonly generation: number;
}

/** The place before the first message. */
export const BEGINNING: Position = { at: 0, id: '' };

/**
 * Each summary holds the ones before it, which stay: where a message of long ago changes, work goes on from the last one
 * before it. `worker`: who writes them now; one at a time for a conversation.
 */
export const memoryMigrations: readonly Migration[] = [
  {
    id: 'memory-1',
    statements: [
      `CREATE TABLE memory_heads (
        conversation_key TEXT PRIMARY KEY, starts_at BIGINT NOT NULL, starts_id TEXT NOT NULL, generation BIGINT NOT NULL,
        worker TEXT NOT NULL, worker_until BIGINT NOT NULL)`,
      `CREATE TABLE memory_summaries (
        conversation_key TEXT NOT NULL, until_at BIGINT NOT NULL, until_id TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (conversation_key, until_at, until_id))`,
    ],
  },
];

/** Reads what is remembered; for a conversation without a memory, its whole log counts. */
export async function readMemory(queries: Queries, conversationKey: string): Promise<Memory> {
  const rows = await queries.query<Position & { readonly text: string | null }>(
    `SELECT starts_at AS at, starts_id AS id, NULL AS text FROM memory_heads WHERE conversation_key = ?
     UNION ALL SELECT at, id, text FROM (SELECT until_at AS at, until_id AS id, text FROM memory_summaries
       WHERE conversation_key = ? ORDER BY until_at DESC, until_id DESC LIMIT 1) AS newest`,
    [conversationKey, conversationKey],
  );
  const start = rows.find(({ text }) => text === null);
  const newest = rows.find(({ text }) => text !== null);
  return {
    startsAfter: start ? { at: start.at, id: start.id } : BEGINNING,
    summary: newest && { text: newest.text ?? '', until: { at: newest.at, id: newest.id } },
  };
}

/** Takes the right to work on a memory; undefined while somebody else has it. */
export async function takeMemory(queries: Queries, conversationKey: string, worker: string, untilMs: number): Promise<MemoryLease | undefined> {
  const [head] = await queries.query<{ readonly generation: number }>(
    `INSERT INTO memory_heads (conversation_key, starts_at, starts_id, generation, worker, worker_until) VALUES (?, 0, '', 0, ?, ?)
     ON CONFLICT (conversation_key) DO UPDATE SET worker = excluded.worker, worker_until = excluded.worker_until
     WHERE memory_heads.worker_until <= ? RETURNING generation`,
    [conversationKey, worker, untilMs, Date.now()],
  );
  return head && { conversationKey, worker, generation: head.generation };
}

/**
 * Writes what was made of the messages, and prolongs the right. Throws StateError('conflict') where the memory is not as
 * it was, or somebody else's: nothing is written then.
 */
export async function writeUnderLease(database: Database, lease: MemoryLease, untilMs: number, writes: readonly Write[]): Promise<void> {
  const { conversationKey, worker, generation } = lease;
  const prolonged: Write = {
    sql: 'UPDATE memory_heads SET worker_until = ? WHERE conversation_key = ? AND worker = ? AND generation = ?',
    params: [untilMs, conversationKey, worker, generation],
    orElse: 'conflict',
  };
  await database.write(conversationKey, [prolonged, ...writes], 'relaxed'); // it can be made again
}

export const insertSummary = (conversationKey: string, { text, until }: StoredSummary): Write => ({
  sql: 'INSERT INTO memory_summaries (conversation_key, until_at, until_id, text) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  params: [conversationKey, until.at, until.id, text],
});

/** Gives the right back, if it is still held. */
export async function releaseMemory(queries: Queries, { conversationKey, worker }: MemoryLease): Promise<void> {
  await queries.execute(`UPDATE memory_heads SET worker = '', worker_until = 0 WHERE conversation_key = ? AND worker = ?`, [conversationKey, worker]);
}

/** From now on nothing up to this message is looked back at. */
export async function startMemoryOver(queries: Queries, conversationKey: string, { at, id }: Position): Promise<void> {
  await Promise.all([
    queries.execute(
      `INSERT INTO memory_heads (conversation_key, starts_at, starts_id, generation, worker, worker_until) VALUES (?, ?, ?, 1, '', 0)
       ON CONFLICT (conversation_key) DO UPDATE SET starts_at = excluded.starts_at, starts_id = excluded.starts_id, generation = memory_heads.generation + 1`,
      [conversationKey, at, id],
    ),
    queries.execute('DELETE FROM memory_summaries WHERE conversation_key = ?', [conversationKey]),
    queries.execute('DELETE FROM message_vectors WHERE conversation_key = ?', [conversationKey]),
  ]);
}

/** Takes out what was made of a message that is edited or deleted; to be written before that is. */
export function forgetMessage(conversationKey: string, id: string): readonly Write[] {
  return [
    newGeneration(conversationKey),
    {
      sql: `DELETE FROM memory_summaries WHERE conversation_key = ?
        AND until_at >= (SELECT MIN(created_at) FROM messages WHERE conversation_key = ? AND id = ?)`,
      params: [conversationKey, conversationKey, id],
    },
    { sql: 'DELETE FROM message_vectors WHERE conversation_key = ? AND id = ?', params: [conversationKey, id] },
  ];
}

/** Takes out the summaries that lack a message of this time. */
export const forgetSummariesFrom = (conversationKey: string, at: number): readonly Write[] => [
  newGeneration(conversationKey),
  { sql: 'DELETE FROM memory_summaries WHERE conversation_key = ? AND until_at >= ?', params: [conversationKey, at] },
];

/** The row is locked first: work that is about to be written is written before it, and then deleted, or not at all. */
const newGeneration = (conversationKey: string): Write => ({
  sql: 'UPDATE memory_heads SET generation = generation + 1 WHERE conversation_key = ?',
  params: [conversationKey],
});
