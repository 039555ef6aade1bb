import type { Database, Queries } from './database';
import type { Migration } from './migrations';

/**
 * Every change of a conversation (an activity is added, replaced or removed) takes the next number of that conversation.
 * An activity keeps the number it was added with as its identity; `change_number` is that of its latest change,
 * so that reading on from any number misses nothing.
 */
export const directLineMigrations: readonly Migration[] = [{
  id: 'directLine-1',
  statements: [
    `CREATE TABLE direct_line_keys (key_id TEXT PRIMARY KEY, secret TEXT NOT NULL)`,
    `CREATE TABLE direct_line_conversations (
       conversation_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, user_name TEXT, last_change INTEGER NOT NULL, started_at TEXT NOT NULL)`,
    `CREATE TABLE direct_line_activities (
       conversation_id TEXT NOT NULL, activity_number INTEGER NOT NULL, change_number INTEGER NOT NULL,
       idempotency_key TEXT, is_delivered INTEGER NOT NULL, activity TEXT,
       PRIMARY KEY (conversation_id, activity_number))`,
    `CREATE UNIQUE INDEX direct_line_activities_change ON direct_line_activities (conversation_id, change_number)`,
    `CREATE UNIQUE INDEX direct_line_activities_key ON direct_line_activities (conversation_id, idempotency_key)`,
    `CREATE TABLE direct_line_attachments (
       conversation_id TEXT NOT NULL, attachment_id TEXT NOT NULL, name TEXT NOT NULL, content_type TEXT NOT NULL, bytes BYTEA NOT NULL,
       PRIMARY KEY (conversation_id, attachment_id))`,
  ],
}];

export interface DirectLineConversation {
  readonly userId: string;
  readonly userName?: string;
  /** Number of the newest change; 0: nothing was said. */
  readonly lastChange: number;
}

export interface DirectLineAttachment {
  readonly attachmentId: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface NewActivity {
  /** The same key twice in a conversation stores one activity. */
  readonly idempotencyKey?: string;
  /** The bot has it already: it comes from the bot. */
  readonly isDelivered: boolean;
  readonly attachments?: readonly DirectLineAttachment[];
  /** The activity as clients see it, as JSON. Pure: it may be called again. */
  readonly toJson: (activityId: string) => string;
}

export interface Appended {
  readonly activityId: string;
  readonly isNew: boolean;
  readonly isDelivered: boolean;
  readonly json: string;
}

export interface Change {
  readonly number: number;
  readonly activityId: string;
  /** JSON as clients see it; undefined: the activity was removed. */
  readonly json: string | undefined;
}

/** Conversations of the embedded Direct Line service. All methods throw StateError. */
export interface DirectLineStore {
  /** Secret for signing, base64url; the first caller's `candidate` becomes the key for good. */
  signingKey(candidate: string): Promise<string>;
  /** True when this call started the conversation, false when it existed. */
  start(conversationId: string, user: { readonly id: string; readonly name?: string }): Promise<boolean>;
  conversation(conversationId: string): Promise<DirectLineConversation | undefined>;
  /** Undefined where there is no such conversation. */
  append(conversationId: string, activity: NewActivity): Promise<Appended | undefined>;
  markDelivered(conversationId: string, activityId: string): Promise<void>;
  /** Of the newest activities those that the bot may not have, oldest first. */
  undelivered(conversationId: string): Promise<readonly { readonly activityId: string; readonly json: string }[]>;
  /** `toJson` gets the stored JSON. False where there is no such activity. */
  replace(conversationId: string, activityId: string, toJson: (stored: string) => string): Promise<boolean>;
  remove(conversationId: string, activityId: string): Promise<boolean>;
  /** What changed after number `after`, oldest change first, at most `limit`. */
  changes(conversationId: string, after: number, limit: number): Promise<readonly Change[]>;
  attachment(conversationId: string, attachmentId: string): Promise<DirectLineAttachment | undefined>;
  /** Deletes what was said and sent; the conversation itself goes on. */
  forget(conversationId: string): Promise<void>;
}

/** The store on a migrated database. */
export function createDirectLineStore(database: Database): DirectLineStore {
  return {
    signingKey: (candidate) => signingKey(database, candidate),
    start: (conversationId, user) => start(database, conversationId, user),
    conversation: (conversationId) => conversation(database, conversationId),
    append: (conversationId, activity) => database.transaction((queries) => append(queries, conversationId, activity)),
    markDelivered: async (conversationId, activityId) => {
      await database.execute('UPDATE direct_line_activities SET is_delivered = 1 WHERE conversation_id = ? AND activity_number = ?',
        [conversationId, activityNumber(activityId)]);
    },
    undelivered: (conversationId) => undelivered(database, conversationId),
    replace: (conversationId, activityId, toJson) =>
      database.transaction((queries) => change(queries, conversationId, activityId, toJson)),
    remove: (conversationId, activityId) =>
      database.transaction((queries) => change(queries, conversationId, activityId, () => null)),
    changes: (conversationId, after, limit) => changes(database, conversationId, after, limit),
    attachment: (conversationId, attachmentId) => attachment(database, conversationId, attachmentId),
    forget: (conversationId) => database.transaction((queries) => forget(queries, conversationId)),
  };
}

async function signingKey(database: Database, candidate: string): Promise<string> {
  return database.transaction(async (queries) => {
    await queries.execute(`INSERT INTO direct_line_keys (key_id, secret) VALUES ('tokens', ?) ON CONFLICT DO NOTHING`, [candidate]);
    const [row] = await queries.query<{ secret: string }>(`SELECT secret FROM direct_line_keys WHERE key_id = 'tokens'`);
    return row?.secret ?? candidate;
  });
}

async function start(database: Database, conversationId: string, user: { readonly id: string; readonly name?: string }): Promise<boolean> {
  const inserted = await database.execute(
    `INSERT INTO direct_line_conversations (conversation_id, user_id, user_name, last_change, started_at)
     VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`,
    [conversationId, user.id, user.name ?? null, new Date().toISOString()]);
  return inserted > 0;
}

async function conversation(database: Database, conversationId: string): Promise<DirectLineConversation | undefined> {
  const [row] = await database.query<{ user_id: string; user_name: string | null; last_change: number }>(
    'SELECT user_id, user_name, last_change FROM direct_line_conversations WHERE conversation_id = ?', [conversationId]);
  return row && { userId: row.user_id, lastChange: row.last_change, ...(row.user_name !== null && { userName: row.user_name }) };
}

/** The number is taken first: it locks the conversation, so that a copy that comes by another process is seen. */
async function append(queries: Queries, conversationId: string, activity: NewActivity): Promise<Appended | undefined> {
  const [number, known] = await Promise.all([nextChange(queries, conversationId), findByKey(queries, conversationId, activity.idempotencyKey)]);
  if (number === undefined) return undefined;
  if (known) {
    await takeBack(queries, conversationId);
    return known;
  }
  const activityId = toActivityId(conversationId, number);
  const json = activity.toJson(activityId);
  await Promise.all([
    queries.execute(
      `INSERT INTO direct_line_activities (conversation_id, activity_number, change_number, idempotency_key, is_delivered, activity)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [conversationId, number, number, activity.idempotencyKey ?? null, activity.isDelivered ? 1 : 0, json]),
    ...(activity.attachments ?? []).map((file) => insertAttachment(queries, conversationId, file)),
  ]);
  return { activityId, isNew: true, isDelivered: activity.isDelivered, json };
}

async function findByKey(queries: Queries, conversationId: string, key: string | undefined): Promise<Appended | undefined> {
  if (key === undefined) return undefined;
  const [row] = await queries.query<{ activity_number: number; is_delivered: number; activity: string | null }>(
    'SELECT activity_number, is_delivered, activity FROM direct_line_activities WHERE conversation_id = ? AND idempotency_key = ?',
    [conversationId, key]);
  if (!row) return undefined;
  const activityId = toActivityId(conversationId, row.activity_number);
  // A removed activity was delivered: nothing but its id matters any more.
  return { activityId, isNew: false, isDelivered: row.is_delivered === 1 || row.activity === null, json: row.activity ?? '{}' };
}

async function nextChange(queries: Queries, conversationId: string): Promise<number | undefined> {
  const [row] = await queries.query<{ last_change: number }>(
    'UPDATE direct_line_conversations SET last_change = last_change + 1 WHERE conversation_id = ? RETURNING last_change', [conversationId]);
  return row?.last_change;
}

/** The number that was taken is not needed; nobody has seen it. */
async function takeBack(queries: Queries, conversationId: string): Promise<void> {
  await queries.execute('UPDATE direct_line_conversations SET last_change = last_change - 1 WHERE conversation_id = ?', [conversationId]);
}

async function insertAttachment(queries: Queries, conversationId: string, file: DirectLineAttachment): Promise<void> {
  await queries.execute(
    'INSERT INTO direct_line_attachments (conversation_id, attachment_id, name, content_type, bytes) VALUES (?, ?, ?, ?, ?)',
    [conversationId, file.attachmentId, file.name, file.contentType, file.bytes]);
}

/** Whoever was interrupted comes back at once: nothing older is looked at. */
const NEWEST = 20;

async function undelivered(database: Database, conversationId: string): Promise<readonly { readonly activityId: string; readonly json: string }[]> {
  const rows = await database.query<{ activity_number: number; activity: string }>(
    `SELECT activity_number, activity FROM
       (SELECT activity_number, activity, is_delivered FROM direct_line_activities WHERE conversation_id = ? ORDER BY activity_number DESC LIMIT ?) AS newest
     WHERE is_delivered = 0 AND activity IS NOT NULL ORDER BY activity_number`,
    [conversationId, NEWEST]);
  return rows.map((row) => ({ activityId: toActivityId(conversationId, row.activity_number), json: row.activity }));
}

async function change(
  queries: Queries, conversationId: string, activityId: string, toJson: (stored: string) => string | null,
): Promise<boolean> {
  const number = activityNumber(activityId);
  const [next, rows] = await Promise.all([
    nextChange(queries, conversationId),
    queries.query<{ activity: string | null }>('SELECT activity FROM direct_line_activities WHERE conversation_id = ? AND activity_number = ?', [conversationId, number]),
  ]);
  const stored = rows[0]?.activity ?? undefined;
  if (next === undefined) return false;
  if (stored === undefined) {
    await takeBack(queries, conversationId);
    return false;
  }
  await queries.execute(
    'UPDATE direct_line_activities SET activity = ?, change_number = ? WHERE conversation_id = ? AND activity_number = ?',
    [toJson(stored), next, conversationId, number]);
  return true;
}

async function changes(database: Database, conversationId: string, after: number, limit: number): Promise<readonly Change[]> {
  const rows = await database.query<{ activity_number: number; change_number: number; activity: string | null }>(
    `SELECT activity_number, change_number, activity FROM direct_line_activities
     WHERE conversation_id = ? AND change_number > ? ORDER BY change_number LIMIT ?`,
    [conversationId, after, limit]);
  return rows.map((row) => ({
    number: row.change_number,
    activityId: toActivityId(conversationId, row.activity_number),
    json: row.activity ?? undefined,
  }));
}

async function attachment(database: Database, conversationId: string, attachmentId: string): Promise<DirectLineAttachment | undefined> {
  const [row] = await database.query<{ name: string; content_type: string; bytes: Uint8Array }>(
    'SELECT name, content_type, bytes FROM direct_line_attachments WHERE conversation_id = ? AND attachment_id = ?',
    [conversationId, attachmentId]);
  return row && { attachmentId, name: row.name, contentType: row.content_type, bytes: row.bytes };
}

async function forget(queries: Queries, conversationId: string): Promise<void> {
  await queries.execute('DELETE FROM direct_line_activities WHERE conversation_id = ?', [conversationId]);
  await queries.execute('DELETE FROM direct_line_attachments WHERE conversation_id = ?', [conversationId]);
}

/** Ids as the public service writes them: `<conversation>|0000001`. */
const toActivityId = (conversationId: string, number: number): string => `${conversationId}|${String(number).padStart(7, '0')}`;

/** -1 for an id that is not ours: no row has it. */
function activityNumber(activityId: string): number {
  const digits = /\|(\d{7,15})$/.exec(activityId)?.[1];
  return digits === undefined ? -1 : Number(digits);
}
