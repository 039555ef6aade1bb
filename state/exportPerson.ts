import { pseudonymOf } from './audit';
import type { Queries, Row, SqlValue } from './database';
import { findConversations, paramsOf, type Person } from './person';
import { personalTables, type DataKind, type PersonalTable } from './personalData';

/** One thing that is kept about a person. Times in milliseconds since 1970; `bytes` in base64. */
export interface PersonalRecord {
  readonly kind: DataKind;
  readonly data: Readonly<Record<string, string | number | null>>;
}

/** All that is kept about a person, each thing once. The bot's answers in conversations with others are among it where they answer the person. */
export async function* exportPerson(queries: Queries, person: Person): AsyncGenerator<PersonalRecord> {
  const whose = { person, conversations: await findConversations(queries, person) };
  for (const table of personalTables) yield* recordsOf(queries, table, whose);
  yield* waiting(queries, person);
  yield* documents(queries, whose.conversations.own);
  yield* answersToThem(queries, person, whose.conversations.shared.map(({ conversationKey }) => conversationKey));
  yield* auditEntries(queries, person);
}

/** How much of each kind is kept, without what recognises, finds or counts other things. Kinds without any are left out. */
export async function countPerson(queries: Queries, person: Person): Promise<Partial<Readonly<Record<DataKind, number>>>> {
  const whose = { person, conversations: await findConversations(queries, person) };
  const counted = new Map<DataKind, number>();
  for (const { table, kind, rows } of personalTables.filter(({ columns }) => columns !== undefined)) {
    const own = rows.filter(({ isOfOthers }) => !isOfOthers);
    const isAlsoOwn = own.some((each) => each.whose === 'own');
    for (const { where, whose: how } of own) {
      const once = how === 'person' && isAlsoOwn ? ` AND ${table}.conversation_key NOT IN (SELECT conversation_key FROM person_conversations WHERE user_key = ?)` : '';
      for (const params of paramsOf(how, whose)) {
        const [row] = await queries.query<{ count: number }>(`SELECT CAST(COUNT(*) AS INTEGER) AS count FROM ${table} WHERE ${where}${once}`, once === '' ? params : [...params, person.userKey]);
        if (row && row.count > 0) counted.set(kind, (counted.get(kind) ?? 0) + row.count);
      }
    }
  }
  return Object.fromEntries(counted);
}

type Whose = Parameters<typeof paramsOf>[1];

async function* recordsOf(queries: Queries, { table, kind, columns, rows }: PersonalTable, whose: Whose): AsyncGenerator<PersonalRecord> {
  if (columns === undefined) return;
  const seen = new Set<string>(); // a row may be theirs in two ways
  for (const { where, whose: how } of rows.filter(({ isOfOthers }) => !isOfOthers)) {
    for (const params of paramsOf(how, whose)) {
      for (const row of await queries.query(`SELECT ${columns} FROM ${table} WHERE ${where}`, params)) {
        const data = plain(row);
        const json = JSON.stringify(data);
        if (!seen.has(json)) yield { kind, data };
        seen.add(json);
      }
    }
  }
}

async function* waiting(queries: Queries, { isFrom, isTo }: Person): AsyncGenerator<PersonalRecord> {
  const asked = await queries.query<{ activity: string }>('SELECT activity FROM inbox WHERE answered = 0');
  const replies = await queries.query<{ activity: string }>('SELECT activity FROM outbox');
  for (const { activity } of [...asked.filter((row) => isFrom(row.activity)), ...replies.filter((row) => isTo(row.activity))]) yield { kind: 'waiting', data: { activity } };
}

async function* documents(queries: Queries, own: readonly string[]): AsyncGenerator<PersonalRecord> {
  for (const key of own) {
    const rows = await queries.query('SELECT conversation_key, document, updated_at FROM conversations WHERE conversation_key = ?', [key]);
    for (const row of rows) yield { kind: 'conversations', data: plain(row) };
  }
}

async function* answersToThem(queries: Queries, { userKey }: Person, shared: readonly string[]): AsyncGenerator<PersonalRecord> {
  for (const key of shared) {
    const rows = await queries.query(
      `SELECT conversation_key, id, role, text, created_at, reply_to FROM messages WHERE conversation_key = ? AND role = 'bot'
       AND reply_to IN (SELECT id FROM messages AS asked WHERE asked.conversation_key = ? AND asked.author_key = ? AND asked.role = 'user')`,
      [key, key, userKey],
    );
    for (const row of rows) yield { kind: 'messages', data: plain(row) };
  }
}

async function* auditEntries(queries: Queries, { userKey }: Person): AsyncGenerator<PersonalRecord> {
  const pseudonym = await pseudonymOf(queries, userKey);
  if (pseudonym === undefined) return;
  for (const row of await queries.query('SELECT sequence, sealed_at, entry FROM audit WHERE entry LIKE ? ORDER BY sequence', [`%"user":"${pseudonym}"%`])) yield { kind: 'audit', data: plain(row) };
}

const plain = (row: Row): PersonalRecord['data'] => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]));

function plainValue(value: SqlValue): string | number | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'bigint' ? Number(value) : value;
}
