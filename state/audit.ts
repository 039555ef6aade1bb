import { randomUUID } from 'node:crypto';
import { GENESIS, hashOf, isSealed, SEALING_BEGAN, sealOf, type AuditHead, type AuditRow } from './auditChain';
import { StateError, type Database, type Queries, type Write } from './database';
import { readErasures } from './erasures';
import type { Migration } from './migrations';

/** What is written down of one call; no text. Whose it was is put in when it is sealed, as a pseudonym. */
export interface AuditEntry {
  readonly userKey: string;
  readonly tenantKey: string;
  /** JSON without the person. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * `audit_pending`: entries as turns commit them. `audit`: the same in one chain, which needs one order, so that it stays on one
 * node of a cluster. `pseudonyms`: who is who in it; without a person's row nobody can tell any more.
 */
export const auditMigrations: readonly Migration[] = [
  {
    id: 'audit-1',
    statements: [
      `CREATE TABLE audit_pending (
        user_key TEXT NOT NULL, id TEXT NOT NULL, tenant_key TEXT NOT NULL, facts TEXT NOT NULL, created_at BIGINT NOT NULL,
        PRIMARY KEY (user_key, id))`,
      'CREATE INDEX audit_pending_by_time ON audit_pending (created_at)',
      'CREATE TABLE pseudonyms (user_key TEXT PRIMARY KEY, pseudonym TEXT NOT NULL)',
      'CREATE TABLE audit (sequence BIGINT PRIMARY KEY, sealed_at BIGINT NOT NULL, entry TEXT NOT NULL, hash TEXT NOT NULL, seal TEXT NOT NULL)',
      'CREATE INDEX audit_by_time ON audit (sealed_at)',
    ],
  },
];

/** Sealed at once: more would hold others up. */
const BATCH = 200;
/** Of a person who was forgotten before it was sealed. */
const FORGOTTEN = '';

/** Writes entries down, to be sealed later: part of a turn's commit. */
export const auditWrites = (entries: readonly AuditEntry[]): readonly Write[] => entries.map(({ userKey, tenantKey, facts }, index) => ({
  sql: 'INSERT INTO audit_pending (user_key, id, tenant_key, facts, created_at) VALUES (?, ?, ?, ?, ?)',
  params: [userKey, `${String(index).padStart(4, '0')}-${randomUUID()}`, tenantKey, JSON.stringify(facts), Date.now()],
}));

/**
 * Takes waiting entries into the chain, in the order of their times. Gives the new head; undefined where nothing
 * waited, or another process was doing it. `key`: of the settings, for the seal.
 */
export async function sealAudit(database: Database, key: string | undefined): Promise<AuditHead | undefined> {
  return unlessOvertaken(() => database.transaction(async (queries) => {
    const waiting = await queries.query<PendingRow>(
      'SELECT user_key AS "userKey", id, tenant_key AS "tenantKey", facts FROM audit_pending ORDER BY created_at, id LIMIT ?',
      [BATCH],
    );
    if (waiting.length === 0) return undefined;
    const rows = await withoutErased(queries, waiting);
    const names = await pseudonymsOf(queries, rows);
    const entries = rows.map(({ userKey, tenantKey, facts }) => JSON.stringify({ kind: 'call', user: names.get(userKey) ?? newPseudonym(), tenant: tenantKey, ...(JSON.parse(facts) as object) }));
    const head = await append(queries, entries, key);
    const deleted = await Promise.all(waiting.map(({ userKey, id }) => queries.execute('DELETE FROM audit_pending WHERE user_key = ? AND id = ?', [userKey, id])));
    if (deleted.includes(0)) throw new StateError('conflict', 'Another process has sealed these entries.'); // after they were read, and before the head was
    return head;
  }));
}

interface PendingRow {
  readonly userKey: string;
  readonly id: string;
  readonly tenantKey: string;
  readonly facts: string;
}

/** A call that was running when its person was deleted is written down after that: it is nobody's. */
async function withoutErased(queries: Queries, rows: readonly PendingRow[]): Promise<readonly PendingRow[]> {
  const isErased = await readErasures(queries);
  return rows.map((row) => {
    const { at } = JSON.parse(row.facts) as { readonly at?: string }; // when the call began, as auditOf writes it
    return at !== undefined && isErased(row.userKey, Date.parse(at)) ? { ...row, userKey: FORGOTTEN } : row;
  });
}

/** A name for each person, made when it is first needed. Those who were forgotten have none. */
async function pseudonymsOf(queries: Queries, rows: readonly PendingRow[]): Promise<ReadonlyMap<string, string>> {
  const keys = [...new Set(rows.map(({ userKey }) => userKey))].filter((key) => key !== FORGOTTEN).toSorted();
  const found = keys.map(async (key) => {
    const made = queries.execute('INSERT INTO pseudonyms (user_key, pseudonym) VALUES (?, ?) ON CONFLICT DO NOTHING', [key, newPseudonym()]);
    const [row] = await queries.query<{ pseudonym: string }>('SELECT pseudonym FROM pseudonyms WHERE user_key = ?', [key]);
    await made;
    return [key, row?.pseudonym ?? newPseudonym()] as const;
  });
  return new Map(await Promise.all(found));
}

const newPseudonym = (): string => `p-${randomUUID()}`;

/** Two processes that append at once want the same number: the second fails as a whole. */
async function append(queries: Queries, added: readonly string[], key: string | undefined): Promise<AuditHead> {
  const [newest] = await queries.query<AuditRow>('SELECT sequence, hash, seal FROM audit ORDER BY sequence DESC LIMIT 1');
  const isFirstSealed = key !== undefined && newest !== undefined && !isSealed(newest, key);
  const entries = isFirstSealed ? [SEALING_BEGAN, ...added] : added;
  let head: AuditHead = newest ?? { sequence: 0, hash: GENESIS };
  const inserts = entries.map((entry, index) => {
    const link = { sequence: head.sequence + 1, sealedAt: Date.now(), entry };
    head = { sequence: link.sequence, hash: hashOf(head.hash, link) };
    const seal = index === entries.length - 1 ? sealOf(key, head) : '';
    return queries.execute('INSERT INTO audit (sequence, sealed_at, entry, hash, seal) VALUES (?, ?, ?, ?, ?)', [link.sequence, link.sealedAt, link.entry, head.hash, seal]);
  });
  await Promise.all(inserts);
  return head;
}

/**
 * Removes what was sealed before a time, and says so in the chain, with the hash that the rest begins from: it stays verifiable.
 * Gives the number of rows removed.
 */
export async function removeAuditBefore(database: Database, beforeMs: number, key: string | undefined): Promise<number> {
  const removed = await unlessOvertaken(() => database.transaction(async (queries) => {
    const [last] = await queries.query<AuditHead>('SELECT sequence, hash FROM audit WHERE sealed_at < ? ORDER BY sequence DESC LIMIT 1', [beforeMs]);
    if (!last) return undefined;
    await append(queries, [JSON.stringify({ kind: 'removed', through: last.sequence, hash: last.hash })], key);
    return queries.execute('DELETE FROM audit WHERE sequence <= ?', [last.sequence]);
  }));
  return removed ?? 0;
}

async function unlessOvertaken<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateError && error.code === 'conflict') return undefined;
    throw error;
  }
}

/** From now on nobody can tell whose entries were this person's; those that are not sealed yet are nobody's. */
export async function forgetInAudit(queries: Queries, userKey: string): Promise<void> {
  await queries.execute(
    `INSERT INTO audit_pending (user_key, id, tenant_key, facts, created_at)
     SELECT '${FORGOTTEN}', id, tenant_key, facts, created_at FROM audit_pending WHERE user_key = ?`,
    [userKey],
  );
  await queries.execute('DELETE FROM audit_pending WHERE user_key = ?', [userKey]);
  await queries.execute('DELETE FROM pseudonyms WHERE user_key = ?', [userKey]);
}

/** The name of a person in the chain; undefined where there is none. */
export async function pseudonymOf(queries: Queries, userKey: string): Promise<string | undefined> {
  const [row] = await queries.query<{ pseudonym: string }>('SELECT pseudonym FROM pseudonyms WHERE user_key = ?', [userKey]);
  return row?.pseudonym;
}

const PAGE = 1_000;

/** The chain from its beginning, or what was sealed between two times (milliseconds since 1970). */
export async function* readAudit(queries: Queries, { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = {}): AsyncGenerator<AuditRow> {
  for (let after = 0; ;) {
    const rows = await queries.query<AuditRow>(
      'SELECT sequence, sealed_at AS "sealedAt", entry, hash, seal FROM audit WHERE sequence > ? AND sealed_at >= ? AND sealed_at < ? ORDER BY sequence LIMIT ?',
      [after, fromMs, toMs, PAGE],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.sequence;
  }
}
