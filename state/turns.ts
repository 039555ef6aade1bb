import { StateError, type Database, type Queries } from './database';
import type { Migration } from './migrations';

/** An activity that was acknowledged to its channel and must be answered. */
export interface InboxRow {
  /** bot, channel and conversation in one; see conversationKey in bot/turns. */
  readonly conversationKey: string;
  readonly activityId: string;
  /** Grows in order of arrival. */
  readonly sequence: number;
  /** The activity as JSON. */
  readonly activity: string;
  /** How often a process died or gave up while working on it. */
  readonly attempts: number;
}

/** send: post a new message. update: replace `targetId`. finish-stream: post the end of stream `targetId`. */
export type OutboxKind = 'send' | 'update' | 'finish-stream';

/** A reply that is committed and has to reach its channel. */
export interface OutboxRow {
  readonly conversationKey: string;
  /** The same after a crash: made of the answered activity's id and a number. */
  readonly id: string;
  readonly sequence: number;
  readonly kind: OutboxKind;
  readonly targetId: string | undefined;
  readonly serviceUrl: string;
  /** The activity as JSON. */
  readonly activity: string;
}

/** What dialogs keep between turns, under a version for compare-and-set. Version 0: nothing stored yet. */
export interface StoredDocument {
  readonly version: number;
  readonly json: string | undefined;
}

/** The result of one turn, written in one transaction. */
export interface TurnCommit {
  /** The answered activity, whether it was accepted before or comes to the store only now, with its answer. */
  readonly inbox: Pick<InboxRow, 'conversationKey' | 'activityId' | 'sequence'>;
  /** Absent: the document stays as it is. */
  readonly document?: { readonly expectedVersion: number; readonly json: string };
  readonly outbox: readonly OutboxRow[];
  /** Further writes of the turn: message log, settings, threads. */
  readonly effects: readonly ((queries: Queries) => Promise<unknown>)[];
}

/** Inbox, conversation documents and outbox: the three that change together. All methods throw StateError. */
export interface TurnStore {
  /** Durable when it resolves; false for an activity that was accepted before. */
  accept(row: Omit<InboxRow, 'attempts'>): Promise<boolean>;
  /** True for an activity that was accepted or answered before. */
  knows(row: Pick<InboxRow, 'conversationKey' | 'activityId'>): Promise<boolean>;
  document(conversationKey: string): Promise<StoredDocument>;
  /** Throws StateError('conflict') when the document has another version, ('duplicate') when the activity was answered before; nothing is written then. */
  commit(turn: TurnCommit): Promise<void>;
  /**
   * Takes a row from the outbox. A process that dies between delivery and this delivers the row again.
   */
  delivered(row: Pick<OutboxRow, 'conversationKey' | 'id'>): Promise<void>;
  /** Accepted and not answered, oldest first, each counted as one more attempt: for the start of a process. */
  takeUnanswered(): Promise<readonly InboxRow[]>;
  /** Committed and not delivered, oldest first. */
  undelivered(): Promise<readonly OutboxRow[]>;
  /** Forgets ids of answered activities that are older than any re-delivery. */
  purgeAnswered(beforeSequence: number): Promise<number>;
}

/** No index finds the unanswered: each would be written twice a turn, and only a start looks for them. */
export const turnMigrations: readonly Migration[] = [
  {
    id: 'turns-1',
    statements: [
      `CREATE TABLE inbox (
        conversation_key TEXT NOT NULL, activity_id TEXT NOT NULL, sequence BIGINT NOT NULL,
        activity TEXT NOT NULL, answered INTEGER NOT NULL, attempts INTEGER NOT NULL,
        PRIMARY KEY (conversation_key, activity_id))`,
      `CREATE TABLE conversations (
        conversation_key TEXT PRIMARY KEY, version BIGINT NOT NULL, document TEXT NOT NULL, updated_at BIGINT NOT NULL)`,
      `CREATE TABLE outbox (
        conversation_key TEXT NOT NULL, id TEXT NOT NULL, sequence BIGINT NOT NULL, kind TEXT NOT NULL,
        target_id TEXT, service_url TEXT NOT NULL, activity TEXT NOT NULL,
        PRIMARY KEY (conversation_key, id))`,
    ],
  },
];

export function createTurnStore(database: Database): TurnStore {
  return {
    accept: async (row) => {
      const inserted = await database.execute(
        'INSERT INTO inbox (conversation_key, activity_id, sequence, activity, answered, attempts) VALUES (?, ?, ?, ?, 0, 0) ON CONFLICT DO NOTHING',
        [row.conversationKey, row.activityId, row.sequence, row.activity],
      );
      return inserted === 1;
    },
    knows: async ({ conversationKey, activityId }) => {
      const rows = await database.query('SELECT 1 AS one FROM inbox WHERE conversation_key = ? AND activity_id = ?', [conversationKey, activityId]);
      return rows.length > 0;
    },
    document: (conversationKey) => readDocument(database, conversationKey),
    commit: (turn) => database.transaction((queries) => writeCommit(queries, turn)),
    delivered: (row) => database.transaction((queries) => deleteOutbox(queries, row), 'relaxed'),
    takeUnanswered: () => database.transaction(takeUnanswered),
    undelivered: () =>
      database.query<OutboxRow>(
        `SELECT conversation_key AS "conversationKey", id, sequence, kind, target_id AS "targetId", service_url AS "serviceUrl", activity
         FROM outbox ORDER BY sequence`,
      ),
    purgeAnswered: (beforeSequence) => database.execute('DELETE FROM inbox WHERE answered = 1 AND sequence < ?', [beforeSequence]),
  };
}

async function readDocument(queries: Queries, conversationKey: string): Promise<StoredDocument> {
  const [row] = await queries.query<{ version: number; document: string }>(
    'SELECT version, document FROM conversations WHERE conversation_key = ?',
    [conversationKey],
  );
  return row ? { version: row.version, json: row.document } : { version: 0, json: undefined };
}

async function writeCommit(queries: Queries, turn: TurnCommit): Promise<void> {
  await markAnswered(queries, turn.inbox);
  if (turn.document) await writeDocument(queries, turn.inbox.conversationKey, turn.document);
  for (const row of turn.outbox) await insertOutbox(queries, row);
  for (const effect of turn.effects) await effect(queries);
}

/** The text is in the message log; here only the id matters from now on. */
async function markAnswered(queries: Queries, { conversationKey, activityId, sequence }: TurnCommit['inbox']): Promise<void> {
  const changed = await queries.execute(
    `INSERT INTO inbox (conversation_key, activity_id, sequence, activity, answered, attempts) VALUES (?, ?, ?, '', 1, 0)
     ON CONFLICT (conversation_key, activity_id) DO UPDATE SET answered = 1, activity = '' WHERE inbox.answered = 0`,
    [conversationKey, activityId, sequence],
  );
  if (changed !== 1) throw new StateError('duplicate', 'The activity was answered before.');
}

async function writeDocument(queries: Queries, conversationKey: string, document: NonNullable<TurnCommit['document']>): Promise<void> {
  const changed = await queries.execute(
    `INSERT INTO conversations (conversation_key, version, document, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (conversation_key) DO UPDATE SET version = excluded.version, document = excluded.document, updated_at = excluded.updated_at
     WHERE conversations.version = excluded.version - 1`,
    [conversationKey, document.expectedVersion + 1, document.json, Date.now()],
  );
  if (changed !== 1) throw new StateError('conflict', 'The conversation was changed by another turn meanwhile.');
}

async function insertOutbox(queries: Queries, row: OutboxRow): Promise<void> {
  await queries.execute(
    'INSERT INTO outbox (conversation_key, id, sequence, kind, target_id, service_url, activity) VALUES (?, ?, ?, ?, ?, ?, ?)',
    [row.conversationKey, row.id, row.sequence, row.kind, row.targetId ?? null, row.serviceUrl, row.activity],
  );
}

async function deleteOutbox(queries: Queries, row: Pick<OutboxRow, 'conversationKey' | 'id'>): Promise<void> {
  await queries.execute('DELETE FROM outbox WHERE conversation_key = ? AND id = ?', [row.conversationKey, row.id]);
}

async function takeUnanswered(queries: Queries): Promise<readonly InboxRow[]> {
  await queries.execute('UPDATE inbox SET attempts = attempts + 1 WHERE answered = 0');
  return queries.query<InboxRow>(
    `SELECT conversation_key AS "conversationKey", activity_id AS "activityId", sequence, activity, attempts
     FROM inbox WHERE answered = 0 ORDER BY sequence`,
  );
}
