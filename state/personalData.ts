import { forgetInAudit } from './audit';
import type { Queries, SqlValue } from './database';

/** What people are told of: how much of it there is, and how much was deleted. */
export const dataKinds = ['settings', 'messages', 'notes', 'files', 'media', 'explanations', 'feedback', 'meetings', 'webChat', 'waiting', 'conversations', 'audit'] as const;
export type DataKind = (typeof dataKinds)[number];

/** How rows are a person's. */
export type Whose =
  /** They name the person; one parameter, the person's key. */
  | 'person'
  /** They are of the embedded Direct Line; one parameter, the person's id there. */
  | 'web-user'
  /** They are of a conversation that the person has alone; one parameter, its key. */
  | 'own'
  /** They are of a conversation with others, made after the person's first words there, which they may repeat; its key, and the time of those. */
  | 'shared';

/** Rows of a person in one table. */
export interface PersonalRows {
  readonly whose: Whose;
  /** A condition; its parameters are those of `whose`. */
  readonly where: string;
  /** In place of deleting them. */
  readonly erase?: (queries: Queries, params: readonly SqlValue[]) => Promise<unknown>;
  /** Not the person's own words: deleted with them, and not handed out. */
  readonly isOfOthers?: boolean;
}

export interface PersonalTable {
  readonly table: string;
  readonly kind: DataKind;
  readonly rows: readonly PersonalRows[];
  /** What is told of a row; absent: rows that only say how the others are found, or are computed from them. */
  readonly columns?: string;
}

const OWN: PersonalRows = { whose: 'own', where: 'conversation_key = ?' };
const WEB = 'conversation_id IN (SELECT conversation_id FROM direct_line_conversations WHERE user_id = ?)';
const THEIR_CONVERSATIONS = "conversation_key IN (SELECT conversation_key FROM messages WHERE author_key = ? AND role = 'user')";
const SAME_MESSAGE = 'messages.conversation_key = message_vectors.conversation_key AND messages.created_at = message_vectors.created_at AND messages.id = message_vectors.id';
const sharedSince = (column: string, more = ''): PersonalRows => ({ whose: 'shared', where: `conversation_key = ? AND ${column} >= ?${more}`, isOfOthers: true });

/** Of a chat that was read from Teams the bot may have heard nothing from the person itself. The key may hold % and _: then a little too much goes. */
const COPIES_OF_THEIR_WORDS: PersonalRows = { whose: 'person', where: `document LIKE '%"isLog":true%' AND document LIKE '%"id":"' || ? || '"%'`, isOfOthers: true };

/** What was made of a message goes before the message, by which it is found. */
const memoryTables: readonly PersonalTable[] = [
  {
    table: 'memory_heads',
    kind: 'notes',
    rows: [
      // work in progress on what was said is refused from now on (state/memory.ts)
      { whose: 'person', where: THEIR_CONVERSATIONS, erase: (queries, params) => queries.execute(`UPDATE memory_heads SET generation = generation + 1 WHERE ${THEIR_CONVERSATIONS}`, params) },
      OWN,
    ],
  },
  { table: 'memory_summaries', kind: 'notes', columns: 'conversation_key, until_at, text', rows: [OWN, { whose: 'person', where: THEIR_CONVERSATIONS, isOfOthers: true }] },
  {
    table: 'message_vectors',
    kind: 'notes',
    rows: [OWN, sharedSince('created_at', ` AND EXISTS (SELECT 1 FROM messages WHERE role = 'bot' AND ${SAME_MESSAGE})`), {
      whose: 'person',
      where: `EXISTS (SELECT 1 FROM messages WHERE author_key = ? AND role = 'user' AND ${SAME_MESSAGE})`,
    }],
  },
];

const conversationTables: readonly PersonalTable[] = [
  { table: 'answers', kind: 'explanations', columns: 'conversation_key, activity_id, created_at, facts', rows: [{ whose: 'person', where: 'user_key = ?' }, OWN, sharedSince('created_at')] },
  { table: 'messages', kind: 'messages', columns: 'conversation_key, id, author_name, role, text, created_at, edited_at, reply_to', rows: [{ whose: 'person', where: "author_key = ? AND role = 'user'" }, OWN, sharedSince('created_at', " AND role = 'bot'")] },
  { table: 'deleted_messages', kind: 'conversations', rows: [OWN] }, // that they were there, nothing of whose they were
  // of what others gave only copies of the conversation hold the person's words
  { table: 'threads', kind: 'files', columns: 'conversation_key, id, document, created_at', rows: [{ whose: 'person', where: 'owner_key = ?' }, OWN, sharedSince('created_at', ` AND document LIKE '%"isLog":true%'`), COPIES_OF_THEIR_WORDS] },
  { table: 'media', kind: 'media', columns: 'conversation_key, id, content_type, bytes, expires_at', rows: [{ whose: 'person', where: 'owner_key = ?' }, OWN] },
  {
    table: 'feedback',
    kind: 'feedback',
    columns: 'conversation_key, activity_id, reaction, created_at, kept',
    rows: [{ whose: 'person', where: 'user_key = ?' }, OWN, {
      ...sharedSince('created_at'),
      erase: (queries, params) => queries.execute('UPDATE feedback SET kept = NULL WHERE conversation_key = ? AND created_at >= ? AND kept IS NOT NULL', params), // thumbs of others say nothing of the person
    }],
  },
  { table: 'meeting_presence', kind: 'meetings', columns: 'conversation_key, user_key, at, kind', rows: [{ whose: 'person', where: 'user_key = ?' }, OWN] },
  { table: 'meeting_occurrences', kind: 'meetings', rows: [OWN] },
  { table: 'meeting_mutes', kind: 'meetings', rows: [OWN] },
  { table: 'quarantine', kind: 'conversations', columns: 'conversation_key, set_aside_at, reason, document', rows: [OWN, sharedSince('set_aside_at')] },
];

const webChatTables: readonly PersonalTable[] = [
  { table: 'direct_line_attachments', kind: 'files', columns: 'conversation_id, name, content_type, bytes', rows: [{ whose: 'web-user', where: WEB }] },
  { table: 'direct_line_activities', kind: 'webChat', columns: 'conversation_id, activity', rows: [{ whose: 'web-user', where: WEB }] },
  { table: 'direct_line_conversations', kind: 'webChat', columns: 'conversation_id, user_id, user_name, started_at', rows: [{ whose: 'web-user', where: 'user_id = ?' }] },
];

/**
 * Every table that holds something of people, in the order in which it is deleted. What is not deleted so is in
 * `turnTables` and `impersonalTables`; a test compares all three with the schema, so that no new table is forgotten.
 */
export const personalTables: readonly PersonalTable[] = [
  ...memoryTables,
  ...conversationTables,
  ...webChatTables,
  { table: 'users', kind: 'settings', columns: 'settings, updated_at', rows: [{ whose: 'person', where: 'user_key = ?' }] },
  { table: 'audit_pending', kind: 'audit', columns: 'facts, created_at', rows: [{ whose: 'person', where: 'user_key = ?', erase: (queries, [userKey]) => forgetInAudit(queries, String(userKey)) }] },
  { table: 'pseudonyms', kind: 'audit', columns: 'pseudonym', rows: [{ whose: 'person', where: 'user_key = ?' }] },
  { table: 'person_conversations', kind: 'conversations', rows: [{ whose: 'person', where: 'user_key = ?' }, OWN] },
];

/** Emptied of the person by state/erasePerson.ts: ids and numbers in them go on recognising re-deliveries and keeping order. */
export const turnTables = ['inbox', 'outbox', 'conversations'] as const;

/** Tables that tell nothing of anybody, and why. */
export const impersonalTables: Readonly<Record<string, string>> = {
  audit: 'Chained entries name people by pseudonyms; without its row in pseudonyms one is nobody.',
  budgets: 'Counts of one day, under hashes that are others the next day.',
  budget_reservations: 'What a running call holds, under the same hashes, for five minutes.',
  direct_line_keys: 'Keys of this store.',
  erasures: 'Hashes of people who were deleted, for a day.',
  migrations: 'Steps of the schema.',
  secrets: 'Keys of this store.',
};
