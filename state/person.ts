import type { Queries, SqlValue } from './database';
import type { Whose } from './personalData';

/** Somebody whose data is looked for. */
export interface Person {
  readonly userKey: string;
  /** In the embedded Direct Line; undefined for people of other channels. */
  readonly webUserId?: string;
  /** Whether an activity (JSON) came from the person. */
  readonly isFrom: (activity: string) => boolean;
  /** Whether a reply (JSON) is to the person. */
  readonly isTo: (activity: string) => boolean;
}

export interface PersonsConversations {
  /** Keys of those that are of nobody else. */
  readonly own: readonly string[];
  /** With others, and when the person first said or asked something there (milliseconds since 1970). */
  readonly shared: readonly { readonly conversationKey: string; readonly since: number }[];
}

/** What people say has the channel's time, and what we answer has ours. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

/** `present`: one that is known to be the person's own. */
export async function findConversations(queries: Queries, { userKey }: Person, present: readonly string[] = []): Promise<PersonsConversations> {
  const known = await queries.query<{ key: string }>('SELECT conversation_key AS key FROM person_conversations WHERE user_key = ?', [userKey]);
  const own = [...new Set([...present, ...known.map(({ key }) => key)])].toSorted();
  const all = await queries.query<{ conversationKey: string; since: number }>(
    `SELECT conversation_key AS "conversationKey", CAST(MIN(created_at) AS BIGINT) AS since FROM (
       SELECT conversation_key, created_at FROM messages WHERE author_key = ? AND role = 'user'
       UNION ALL SELECT conversation_key, created_at FROM answers WHERE user_key = ?
       UNION ALL SELECT conversation_key, created_at FROM threads WHERE owner_key = ?
     ) AS theirs GROUP BY conversation_key ORDER BY conversation_key`,
    [userKey, userKey, userKey],
  );
  const shared = all.filter(({ conversationKey }) => !own.includes(conversationKey)).map(({ conversationKey, since }) => ({ conversationKey, since: since - CLOCKS_DIFFER_MS }));
  return { own, shared };
}

/** The parameters of each statement that finds rows of this kind. */
export function paramsOf(whose: Whose, { person, conversations }: { readonly person: Person; readonly conversations: PersonsConversations }): readonly (readonly SqlValue[])[] {
  const of: Readonly<Record<Whose, () => readonly (readonly SqlValue[])[]>> = {
    person: () => [[person.userKey]],
    'web-user': () => (person.webUserId === undefined ? [] : [[person.webUserId]]),
    own: () => conversations.own.map((key) => [key]),
    shared: () => conversations.shared.map(({ conversationKey, since }) => [conversationKey, since]),
  };
  return of[whose]();
}

/** Keys of people of whom something is kept, who have this key, or this id in their channel or in Entra ID. */
export async function findUserKeys(queries: Queries, named: string): Promise<readonly string[]> {
  const rows = await queries.query<{ key: string }>(
    `SELECT DISTINCT key FROM (
       SELECT user_key AS key FROM users UNION ALL SELECT user_key FROM person_conversations UNION ALL SELECT user_key FROM pseudonyms
       UNION ALL SELECT user_key FROM answers UNION ALL SELECT owner_key FROM threads UNION ALL SELECT owner_key FROM media
       UNION ALL SELECT author_key FROM messages WHERE role = 'user' UNION ALL SELECT '${WEB_USERS}' || user_id FROM direct_line_conversations
     ) AS people WHERE key = ? OR key LIKE ? ORDER BY key`,
    [named, `%|${named.replaceAll(/[%_\\]/g, '_')}`],
  );
  return rows.map(({ key }) => key).filter((key) => key === named || key.endsWith(`|${named}`));
}

/** Keys of people who talk to the embedded Direct Line begin so (bot/turns/keys.ts). */
const WEB_USERS = 'directline||';
