import { StateError, type Database, type Queries, type Write } from './database';
import { PENDING, readHead, UNDELIVERED } from './turnReads';
import { accept, commit, release, renew, take } from './turnWrites';

/** An activity that was acknowledged to its channel and must be answered. */
export interface InboxRow {
  /** bot, channel and conversation in one; see conversationKey in bot/turns. */
  readonly conversationKey: string;
  readonly activityId: string;
  /** Its number in the conversation: 1 more than that of the activity before it, whoever took that in. */
  readonly sequence: number;
  /** The activity as JSON. */
  readonly activity: string;
  /** How often a process died or gave up while working on it. */
  readonly attempts: number;
  /** A placeholder that an earlier attempt has posted and that the answer is to replace. */
  readonly placeholderId: string | undefined;
}

/** send: post a new message. update: replace `targetId`. finish-stream: post the end of stream `targetId`. */
export type OutboxKind = 'send' | 'update' | 'finish-stream';

/** A reply that is committed and has to reach its channel. */
export interface OutboxRow {
  readonly conversationKey: string;
  /** The same after a crash: made of the answered activity's id and a number. */
  readonly id: string;
  /** Of the activity that it answers. */
  readonly sequence: number;
  /** Its place among the replies of that turn, from 0. */
  readonly position: number;
  readonly kind: OutboxKind;
  readonly targetId: string | undefined;
  readonly serviceUrl: string;
  /** The activity as JSON. */
  readonly activity: string;
}

/**
 * What is kept once for a conversation, and read with each turn. Whoever holds the lease works on the conversation;
 * its number, the fence, grows whenever another holder takes it, so that the writes of an earlier one are refused.
 * Clocks of several machines need not agree: a lease that is taken too early costs a turn that is run twice and
 * committed once.
 */
export interface Head {
  /** What dialogs keep between turns, as JSON; '' where there is nothing. */
  readonly document: string;
  /** Number of the newest activity; 0: there was none. */
  readonly lastSequence: number;
  /** What arrived of late, by which the caller recognises repetitions; opaque here. */
  readonly recent: string;
  readonly fence: number;
  /** '' for nobody. */
  readonly leaseOwner: string;
  /** Milliseconds since 1970. */
  readonly leaseUntil: number;
}

/** A conversation's head when its lease was taken, and what is to be answered and delivered, oldest first. */
export interface Taken extends Head {
  readonly pending: readonly InboxRow[];
  readonly undelivered: readonly OutboxRow[];
}

/** Somebody who wants a conversation's lease, and until when. */
export interface Claimant {
  readonly owner: string;
  readonly untilMs: number;
}

export type ArrivedRow = Pick<InboxRow, 'conversationKey' | 'activityId' | 'activity'>;

/** Gives the next `recent` of a head; undefined for a repetition of something in it. */
export type Remember = (recent: string) => string | undefined;

/** The result of one turn, written in one transaction. */
export interface TurnCommit {
  readonly conversationKey: string;
  readonly activityId: string;
  /** Of the answered activity. */
  readonly sequence: number;
  readonly claimant: Claimant;
  /**
   * accepted: the activity is in the inbox, and its holder has this fence.
   * new: it comes to the store only now, with its answer, and the lease with it; the head must still be as `head` says.
   */
  readonly basis: { readonly kind: 'accepted'; readonly fence: number } | { readonly kind: 'new'; readonly head: Head; readonly recent: string };
  readonly document: string;
  readonly outbox: readonly OutboxRow[];
  /** What the turn does to the message log, and the traces of its calls to models. */
  readonly log: readonly Write[];
  /** Further writes of the turn: settings, threads. */
  readonly effects: readonly ((queries: Queries) => Promise<unknown>)[];
}

/** A conversation that has work and no living holder. */
export interface Abandoned {
  readonly conversationKey: string;
  /** Who held it last. */
  readonly leaseOwner: string;
}

/** Inbox, heads and outbox: the three that change together. All methods throw StateError. */
export interface TurnStore {
  head(conversationKey: string): Promise<Head>;
  /**
   * Puts an activity into the inbox, durably, and takes the lease where it is free. Gives the head as it is then;
   * undefined: the activity was there before, by its id or as a repetition. `before`: the head as it was read; where its
   * number, memory and fence still are so, one round trip does. The document is given as it is there.
   */
  accept(row: ArrivedRow, claimant: Claimant, remember: Remember, before?: Head): Promise<Head | undefined>;
  /** Takes a lease that is free or the claimant's own, and gives what there is to do. undefined: somebody else holds it. */
  take(conversationKey: string, claimant: Claimant): Promise<Taken | undefined>;
  /**
   * Throws StateError('conflict') when the lease is lost or the head has changed, ('duplicate') when the activity was
   * accepted or answered before; nothing is written then. Gives the number of the newest activity.
   */
  commit(turn: TurnCommit): Promise<number>;
  /** Takes a row from the outbox. A process that dies between delivery and this delivers the row again. */
  delivered(row: Pick<OutboxRow, 'conversationKey' | 'id'>): Promise<void>;
  /** Accepted and not answered, oldest first. */
  pending(conversationKey: string): Promise<readonly InboxRow[]>;
  /** Committed and not delivered, oldest first. */
  undelivered(conversationKey: string): Promise<readonly OutboxRow[]>;
  /** Counts one more attempt at an activity. */
  countAttempt(row: Pick<InboxRow, 'conversationKey' | 'activityId'>): Promise<void>;
  notePlaceholder(row: Pick<InboxRow, 'conversationKey' | 'activityId'>, placeholderId: string): Promise<void>;
  /** Replaces what is remembered of late, where it still is `before`. */
  rewriteRecent(conversationKey: string, before: string, after: string): Promise<boolean>;
  /** Prolongs leases; gives the number of the newest activity for each that is still held with its fence. */
  renew(leases: readonly HeldLease[], claimant: Claimant): Promise<ReadonlyMap<string, number>>;
  /** Gives leases back. Those of conversations with newer activities than `lastSequence`, or lost ones, are not: their keys are the answer. */
  release(leases: readonly AnsweredLease[], owner: string): Promise<readonly string[]>;
  /** Work without a living holder, at most `limit` conversations. */
  abandoned(nowMs: number, limit: number): Promise<readonly Abandoned[]>;
  /** Owners of leases that have not run out. */
  owners(nowMs: number): Promise<readonly string[]>;
  /** Ends the leases of an owner who is known to be dead. */
  disown(owner: string): Promise<void>;
  /** Forgets ids of answered activities that are older than any re-delivery. */
  purgeAnswered(beforeMs: number): Promise<number>;
}

export interface HeldLease {
  readonly conversationKey: string;
  readonly fence: number;
}

export interface AnsweredLease extends HeldLease {
  /** Everything up to this number is answered and delivered. */
  readonly lastSequence: number;
}

export function createTurnStore(database: Database): TurnStore {
  return {
    head: (conversationKey) => readHead(database, conversationKey),
    accept: (row, claimant, remember, before) => unlessDuplicate(() => accept(database, { row, claimant, remember, before })),
    take: (conversationKey, claimant) => take(database, conversationKey, claimant),
    commit: (turn) => commit(database, turn),
    delivered: async ({ conversationKey, id }) => {
      await database.write(conversationKey, [{ sql: 'DELETE FROM outbox WHERE conversation_key = ? AND id = ?', params: [conversationKey, id] }], 'relaxed');
    },
    pending: (conversationKey) => database.query<InboxRow>(PENDING, [conversationKey]),
    undelivered: (conversationKey) => database.query<OutboxRow>(UNDELIVERED, [conversationKey]),
    countAttempt: async ({ conversationKey, activityId }) => {
      await database.execute('UPDATE inbox SET attempts = attempts + 1 WHERE conversation_key = ? AND activity_id = ?', [conversationKey, activityId]);
    },
    notePlaceholder: async ({ conversationKey, activityId }, placeholderId) => {
      await database.execute('UPDATE inbox SET placeholder_id = ? WHERE conversation_key = ? AND activity_id = ?', [placeholderId, conversationKey, activityId]);
    },
    rewriteRecent: async (conversationKey, before, after) =>
      (await database.execute('UPDATE conversations SET recent = ? WHERE conversation_key = ? AND recent = ?', [after, conversationKey, before])) === 1,
    renew: (leases, claimant) => renew(database, leases, claimant),
    release: (leases, owner) => release(database, leases, owner),
    abandoned: (nowMs, limit) => database.query<Abandoned>(ABANDONED, [nowMs, limit]),
    owners: async (nowMs) => {
      const rows = await database.query<{ owner: string }>('SELECT DISTINCT lease_owner AS owner FROM conversations WHERE lease_until > ?', [nowMs]);
      return rows.map(({ owner }) => owner);
    },
    disown: async (owner) => {
      await database.execute('UPDATE conversations SET lease_until = 0 WHERE lease_owner = ?', [owner]);
    },
    purgeAnswered: (beforeMs) => database.execute('DELETE FROM inbox WHERE answered = 1 AND accepted_at < ?', [beforeMs]),
  };
}

const ABANDONED = `SELECT conversations.conversation_key AS "conversationKey", conversations.lease_owner AS "leaseOwner"
  FROM (SELECT conversation_key FROM inbox WHERE answered = 0 UNION SELECT conversation_key FROM outbox) AS work
  JOIN conversations ON conversations.conversation_key = work.conversation_key
  WHERE conversations.lease_until <= ? LIMIT ?`;

async function unlessDuplicate<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateError && error.code === 'duplicate') return undefined;
    throw error;
  }
}
