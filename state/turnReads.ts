import type { Queries } from './database';
import type { Head } from './turns';

/** The columns of a Head that say who has the conversation. */
export const LEASE = `fence, lease_owner AS "leaseOwner", lease_until AS "leaseUntil"`;

/** The columns of a Head. */
export const HEAD = `document, last_sequence AS "lastSequence", recent, ${LEASE}`;

/** A conversation's head; one without anything where there is none yet. */
export async function readHead(queries: Queries, conversationKey: string): Promise<Head> {
  const [head] = await queries.query<Head>(`SELECT ${HEAD} FROM conversations WHERE conversation_key = ?`, [conversationKey]);
  return head ?? NO_HEAD;
}

const NO_HEAD: Head = { document: '', lastSequence: 0, recent: '', fence: 0, leaseOwner: '', leaseUntil: 0 };

/** Activities of a conversation that are accepted and not answered, oldest first. */
export const PENDING = `SELECT conversation_key AS "conversationKey", activity_id AS "activityId", sequence, activity, attempts, placeholder_id AS "placeholderId"
  FROM inbox WHERE conversation_key = ? AND answered = 0 ORDER BY sequence`;

/** Replies of a conversation that are committed and not delivered, oldest first. */
export const UNDELIVERED = `SELECT conversation_key AS "conversationKey", id, sequence, position, kind, target_id AS "targetId", service_url AS "serviceUrl", activity
  FROM outbox WHERE conversation_key = ? ORDER BY sequence, position`;
