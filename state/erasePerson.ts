import type { Queries, SqlValue } from './database';
import { noteErasure } from './erasures';
import { findConversations, paramsOf, type Person, type PersonsConversations } from './person';
import { personalTables, type DataKind, type PersonalRows } from './personalData';

/** How many rows of each kind were deleted; kinds without any are left out. */
export type Erased = Partial<Readonly<Record<DataKind, number>>>;

export interface EraseOptions {
  /** Where the person asks from: what goes on there goes on. Absent: somebody else asks. */
  readonly from?: {
    readonly conversationKey: string;
    /** Nobody else is there. */
    readonly isOwn: boolean;
    /** Of the embedded Direct Line. */
    readonly webConversationId?: string;
  };
}

/**
 * Deletes all that is kept about a person: everything of conversations that are theirs alone, and in others their words
 * and what was made of them or may repeat them. Turns that run meanwhile come to nothing, since their activities are
 * taken out of the inbox and their conversations have another fence. For a transaction.
 */
export async function erasePerson(queries: Queries, person: Person, { from }: EraseOptions = {}): Promise<Erased> {
  const counted = new Map<DataKind, number>();
  const count = (kind: DataKind, rows: number): void => {
    if (rows > 0) counted.set(kind, (counted.get(kind) ?? 0) + rows);
  };
  count('waiting', await withdrawWaiting(queries, person, from?.conversationKey));
  const conversations = await findConversations(queries, person, from?.isOwn ? [from.conversationKey] : []);
  // First, and in one order: turns that are about to commit there do so before, and are deleted, or not at all.
  count('conversations', await resetHeads(queries, conversations, from?.conversationKey));
  for (const key of conversations.own) count('waiting', await emptyQueues(queries, key, from?.conversationKey));
  for (const { table, kind, rows } of personalTables) {
    if (table === WEB_CHATS && from?.webConversationId !== undefined) continue; // the chat that the person sits in front of is emptied, not ended
    for (const some of rows) count(kind, await eraseRows(queries, table, some, { person, conversations }));
  }
  if (from?.webConversationId !== undefined) count('webChat', await emptyWebChat(queries, person, from.webConversationId));
  await noteErasure(queries, person.userKey);
  return Object.fromEntries(counted);
}

/** Activities that wait for an answer, and answers that wait for their way out. */
async function withdrawWaiting(queries: Queries, { isFrom, isTo }: Person, except: string | undefined): Promise<number> {
  const asked = await queries.query<{ key: string; id: string; activity: string }>('SELECT conversation_key AS key, activity_id AS id, activity FROM inbox WHERE answered = 0');
  const replies = await queries.query<{ key: string; id: string; activity: string }>('SELECT conversation_key AS key, id, activity FROM outbox');
  let withdrawn = 0;
  for (const { key, id } of asked.filter((row) => row.key !== except && isFrom(row.activity))) withdrawn += await queries.execute(WITHDRAW_ASKED, [key, id]);
  for (const { key, id } of replies.filter((row) => row.key !== except && isTo(row.activity))) withdrawn += await queries.execute('DELETE FROM outbox WHERE conversation_key = ? AND id = ?', [key, id]);
  return withdrawn;
}

/** The id stays for as long as the channel may post it again. */
const WITHDRAW_ASKED = "UPDATE inbox SET answered = 1, activity = '' WHERE conversation_key = ? AND activity_id = ? AND answered = 0";

/** Whoever works on them under the old fence cannot write any more, and what dialogs kept there is gone. */
async function resetHeads(queries: Queries, { own, shared }: PersonsConversations, except: string | undefined): Promise<number> {
  let changed = 0;
  for (const key of [...own, ...shared.map(({ conversationKey }) => conversationKey)].toSorted()) {
    if (key !== except) changed += await queries.execute(RESET_HEAD, [key]);
    else if (own.includes(key)) changed += await queries.execute("UPDATE conversations SET document = '' WHERE conversation_key = ?", [key]);
  }
  return changed;
}

const RESET_HEAD = "UPDATE conversations SET document = '', recent = '', fence = fence + 1, lease_owner = '', lease_until = 0 WHERE conversation_key = ?";

/** Where the person asks from, later messages are answered, and the answer to this one is on its way: only older answers go. */
async function emptyQueues(queries: Queries, key: string, from: string | undefined): Promise<number> {
  if (key === from) return queries.execute('DELETE FROM outbox WHERE conversation_key = ? AND sequence < (SELECT MAX(sequence) FROM outbox AS newest WHERE newest.conversation_key = ?)', [key, key]);
  const asked = await queries.execute("UPDATE inbox SET answered = 1, activity = '' WHERE conversation_key = ? AND answered = 0", [key]);
  return asked + (await queries.execute('DELETE FROM outbox WHERE conversation_key = ?', [key]));
}

const WEB_CHATS = 'direct_line_conversations';

async function emptyWebChat(queries: Queries, { webUserId }: Person, conversationId: string): Promise<number> {
  if (webUserId === undefined) return 0;
  await queries.execute('UPDATE direct_line_conversations SET user_name = NULL WHERE conversation_id = ?', [conversationId]);
  return queries.execute('DELETE FROM direct_line_conversations WHERE user_id = ? AND conversation_id <> ?', [webUserId, conversationId]);
}

async function eraseRows(queries: Queries, table: string, rows: PersonalRows, whose: { readonly person: Person; readonly conversations: PersonsConversations }): Promise<number> {
  let erased = 0;
  for (const params of paramsOf(rows.whose, whose)) erased += await eraseSome(queries, table, rows, params);
  return erased;
}

async function eraseSome(queries: Queries, table: string, { where, erase }: PersonalRows, params: readonly SqlValue[]): Promise<number> {
  if (!erase) return queries.execute(`DELETE FROM ${table} WHERE ${where}`, params);
  await erase(queries, params);
  return 0;
}
