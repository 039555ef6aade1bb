import { StateError, type Database, type Queries, type Row, type RowsOf, type Write } from './database';
import { performWrite } from './performWrite';
import { HEAD, LEASE, PENDING, readHead, UNDELIVERED } from './turnReads';
import type { AnsweredLease, ArrivedRow, Claimant, Head, HeldLease, InboxRow, OutboxRow, Remember, Taken, TurnCommit } from './turns';

type NewBasis = Extract<TurnCommit['basis'], { readonly kind: 'new' }>;

/** The number and the lease come from one statement, so that whoever holds the lease hears of the new number before he gives it back. */
const ARRIVE = `INSERT INTO conversations (conversation_key, document, last_sequence, recent, fence, lease_owner, lease_until, updated_at)
  VALUES (?, '', 1, '', 1, ?, ?, ?)
  ON CONFLICT (conversation_key) DO UPDATE SET
    last_sequence = conversations.last_sequence + 1,
    fence = CASE WHEN conversations.lease_until <= ? THEN conversations.fence + 1 ELSE conversations.fence END,
    lease_owner = CASE WHEN conversations.lease_until <= ? THEN excluded.lease_owner ELSE conversations.lease_owner END,
    lease_until = CASE WHEN conversations.lease_until <= ? THEN excluded.lease_until ELSE conversations.lease_until END
  RETURNING ${HEAD}`;

export interface Arrival {
  readonly row: ArrivedRow;
  readonly claimant: Claimant;
  readonly remember: Remember;
  readonly before: Head | undefined;
}

/** See TurnStore. Throws StateError('duplicate'). */
export async function accept(database: Database, arrival: Arrival): Promise<Head> {
  let { before } = arrival;
  for (let attempt = 1; attempt <= MAX_GUESSES; attempt += 1) {
    try {
      return await acceptNext(database, arrival, before ?? (await readHead(database, arrival.row.conversationKey)));
    } catch (error) {
      if (!(error instanceof StateError && error.code === 'conflict')) throw error;
    }
    before = undefined;
  }
  return database.transaction((queries) => acceptAnywhere(queries, arrival));
}

/** A transaction of several round trips locks the conversation meanwhile: it is for those in which more arrives than can be read. */
const MAX_GUESSES = 3;

/** In its place, whoever holds the conversation, where the head is as it was read. Throws StateError('conflict') where it is not. */
async function acceptNext(database: Database, { row, claimant, remember }: Arrival, before: Head): Promise<Head> {
  const { conversationKey, activityId, activity } = row;
  const recent = remember(before.recent);
  if (recent === undefined) throw duplicate();
  const { owner, untilMs } = claimant;
  const lastSequence = before.lastSequence + 1;
  const now = Date.now();
  const numbered: Write = {
    sql: ARRIVE_NEXT,
    params: [conversationKey, lastSequence, recent, owner, untilMs, now, now, now, now, before.fence, before.recent],
    orElse: 'conflict',
    returning: LEASE,
  };
  const inserted: Write = { sql: INSERT_UNANSWERED, params: [conversationKey, activityId, lastSequence, activity, now], orElse: 'duplicate' };
  const [[lease]] = await database.write<[Pick<Head, 'fence' | 'leaseOwner' | 'leaseUntil'>, Row]>(conversationKey, [numbered, inserted]);
  if (!lease) throw new StateError('corrupt', 'The store did not number an activity.');
  return { document: before.document, lastSequence, recent, ...lease };
}

/** Leaves the document alone: a turn of the holder may be writing it. Whoever has the lease keeps it, and longer where he comes himself. */
const ARRIVE_NEXT = `INSERT INTO conversations (conversation_key, document, last_sequence, recent, fence, lease_owner, lease_until, updated_at)
  VALUES (?, '', ?, ?, 1, ?, ?, ?)
  ON CONFLICT (conversation_key) DO UPDATE SET last_sequence = excluded.last_sequence, recent = excluded.recent,
    fence = CASE WHEN conversations.lease_owner <> excluded.lease_owner AND conversations.lease_until <= ? THEN conversations.fence + 1 ELSE conversations.fence END,
    lease_owner = CASE WHEN conversations.lease_until <= ? THEN excluded.lease_owner ELSE conversations.lease_owner END,
    lease_until = CASE WHEN conversations.lease_until <= ? OR conversations.lease_owner = excluded.lease_owner THEN excluded.lease_until ELSE conversations.lease_until END
  WHERE conversations.last_sequence = excluded.last_sequence - 1 AND conversations.fence = ? AND conversations.recent = ?`;

const INSERT_UNANSWERED = `INSERT INTO inbox (conversation_key, activity_id, sequence, activity, answered, attempts, accepted_at)
  VALUES (?, ?, ?, ?, 0, 0, ?) ON CONFLICT DO NOTHING`;

/** In its place behind everything that is there, whoever holds the conversation. */
async function acceptAnywhere(queries: Queries, { row, claimant, remember }: Arrival): Promise<Head> {
  const now = Date.now();
  const [head] = await queries.query<Head>(ARRIVE, [row.conversationKey, claimant.owner, claimant.untilMs, now, now, now, now]);
  if (!head) throw new StateError('corrupt', 'The store did not number an activity.');
  const recent = remember(head.recent);
  if (recent === undefined) throw duplicate();
  const [inserted] = await Promise.all([
    queries.execute(INSERT_UNANSWERED, [row.conversationKey, row.activityId, head.lastSequence, row.activity, now]),
    queries.execute('UPDATE conversations SET recent = ? WHERE conversation_key = ?', [recent, row.conversationKey]),
  ]);
  if (inserted !== 1) throw duplicate();
  return { ...head, recent };
}

const duplicate = (): StateError => new StateError('duplicate', 'The activity was accepted before.');

/** See TurnStore. The fence rises first, so that whoever else wants the lease waits before he counts an attempt. */
export async function take(database: Database, conversationKey: string, { owner, untilMs }: Claimant): Promise<Taken | undefined> {
  const now = Date.now();
  const [, , [head], pending, undelivered] = await database.write<[Row, Row, Head, InboxRow, OutboxRow]>(conversationKey, [
    { sql: `UPDATE conversations SET fence = fence + 1 WHERE ${OPEN_TO_CLAIMANT}`, params: [conversationKey, now, owner] },
    { sql: COUNT_LOST_ATTEMPT, params: [conversationKey, conversationKey, conversationKey, now, owner] },
    { sql: `UPDATE conversations SET lease_owner = ?, lease_until = ? WHERE ${OPEN_TO_CLAIMANT}`, params: [owner, untilMs, conversationKey, now, owner], returning: HEAD },
    { sql: PENDING, params: [conversationKey] },
    { sql: UNDELIVERED, params: [conversationKey] },
  ]);
  return head && { ...head, pending, undelivered };
}

const OPEN_TO_CLAIMANT = 'conversation_key = ? AND (lease_until <= ? OR lease_owner = ?)';

/** Its holder let it go in the middle of the work: perhaps the oldest activity is what killed him. */
const COUNT_LOST_ATTEMPT = `UPDATE inbox SET attempts = attempts + 1 WHERE conversation_key = ? AND answered = 0
  AND sequence = (SELECT MIN(sequence) FROM inbox WHERE conversation_key = ? AND answered = 0)
  AND EXISTS (SELECT 1 FROM conversations WHERE conversation_key = ? AND lease_until <= ? AND lease_owner NOT IN ('', ?))`;

/** See TurnStore. */
export async function commit(database: Database, turn: TurnCommit): Promise<number> {
  const { basis, conversationKey, sequence, effects } = turn;
  const writes = basis.kind === 'new' ? [headOfNew(turn, basis), answeredNew(turn)] : [headOfAccepted(turn, basis.fence), answeredAccepted(turn)];
  writes.push(...writesOf(turn));
  const [[head]] = effects.length === 0
    ? await database.write<[Newest]>(conversationKey, writes)
    : await database.transaction((queries) => perform(queries, writes, effects));
  return head?.newest ?? sequence;
}

interface Newest {
  readonly newest: number;
}

function headOfAccepted({ conversationKey, claimant: { owner, untilMs }, document }: TurnCommit, fence: number): Write {
  return {
    sql: 'UPDATE conversations SET document = ?, lease_until = ?, updated_at = ? WHERE conversation_key = ? AND lease_owner = ? AND fence = ?',
    params: [document, untilMs, Date.now(), conversationKey, owner, fence],
    orElse: 'conflict',
    returning: 'last_sequence AS newest',
  };
}

const answeredAccepted = ({ conversationKey, activityId }: TurnCommit): Write => ({
  sql: `UPDATE inbox SET answered = 1, activity = '' WHERE conversation_key = ? AND activity_id = ? AND answered = 0`,
  params: [conversationKey, activityId],
  orElse: 'duplicate',
});

/** All are asked for at once, which is one round trip, and none goes on when the transaction is over. */
async function perform(queries: Queries, writes: readonly Write[], effects: TurnCommit['effects']): Promise<RowsOf<[Newest]>> {
  const changes = writes.map((write) => performWrite(queries, write));
  const others = effects.map((effect) => effect(queries));
  await Promise.allSettled([...changes, ...others]);
  const [head = []] = await Promise.all(changes);
  await Promise.all(others);
  return [head as unknown as readonly Newest[]]; // the first write says so
}

const writesOf = ({ outbox, log }: TurnCommit): readonly Write[] => [...outbox.map(insertOutbox), ...log];

function headOfNew({ conversationKey, document, sequence, claimant }: Pick<TurnCommit, 'conversationKey' | 'document' | 'sequence' | 'claimant'>, { head, recent }: Omit<NewBasis, 'kind'>): Write {
  const now = Date.now();
  return {
    sql: `INSERT INTO conversations (conversation_key, document, last_sequence, recent, fence, lease_owner, lease_until, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (conversation_key) DO UPDATE SET document = excluded.document, last_sequence = excluded.last_sequence, recent = excluded.recent,
        fence = excluded.fence, lease_owner = excluded.lease_owner, lease_until = excluded.lease_until, updated_at = excluded.updated_at
      WHERE conversations.last_sequence = excluded.last_sequence - 1 AND conversations.fence = ? AND conversations.recent = ?
        AND (conversations.lease_until <= ? OR conversations.lease_owner = excluded.lease_owner)`,
    params: [conversationKey, document, sequence, recent, fenceAfter(head, claimant.owner), claimant.owner, claimant.untilMs, now, head.fence, head.recent, now],
    orElse: 'conflict',
  };
}

/** The fence that a commit with basis `new` leaves: another holder counts. */
export const fenceAfter = (head: Head, owner: string): number => (head.leaseOwner === owner ? head.fence : head.fence + 1);

/** The text is in the message log; here only the id matters. */
const answeredNew = ({ conversationKey, activityId, sequence }: TurnCommit): Write => ({
  sql: `INSERT INTO inbox (conversation_key, activity_id, sequence, activity, answered, attempts, accepted_at) VALUES (?, ?, ?, '', 1, 0, ?) ON CONFLICT DO NOTHING`,
  params: [conversationKey, activityId, sequence, Date.now()],
  orElse: 'duplicate',
});

const insertOutbox = (row: OutboxRow): Write => ({
  sql: 'INSERT INTO outbox (conversation_key, id, sequence, position, kind, target_id, service_url, activity) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  params: [row.conversationKey, row.id, row.sequence, row.position, row.kind, row.targetId ?? null, row.serviceUrl, row.activity],
});

/** See TurnStore. One statement for all of them: a slow store must not be slower than the leases are long. */
export async function renew(database: Database, leases: readonly HeldLease[], { owner, untilMs }: Claimant): Promise<ReadonlyMap<string, number>> {
  const fences = new Map(leases.map(({ conversationKey, fence }) => [conversationKey, fence]));
  const keys = [...fences.keys()].toSorted();
  const newest = new Map<string, number>();
  for (let start = 0; start < keys.length; start += RENEWED_AT_ONCE) {
    const some = keys.slice(start, start + RENEWED_AT_ONCE);
    const filled = [...some, ...new Array<string>(RENEWED_AT_ONCE - some.length).fill(some[0] ?? '')];
    const rows = await database.query<HeldLease & { readonly newest: number }>(RENEW, [untilMs, owner, ...filled]);
    for (const row of rows) if (row.fence === fences.get(row.conversationKey)) newest.set(row.conversationKey, row.newest);
  }
  return newest;
}

/** So that there is one statement to prepare, whatever their number. */
const RENEWED_AT_ONCE = 50;

const RENEW = `UPDATE conversations SET lease_until = ? WHERE lease_owner = ? AND conversation_key IN (${new Array(RENEWED_AT_ONCE).fill('?').join(', ')})
  RETURNING conversation_key AS "conversationKey", fence, last_sequence AS newest`;

/** See TurnStore. Each by itself: they share transactions with what others write, in the order in which all lock their rows. */
export async function release(database: Database, leases: readonly AnsweredLease[], owner: string): Promise<readonly string[]> {
  const kept = await Promise.all(leases.map(async ({ conversationKey, fence, lastSequence }) => {
    const given: Write = { sql: RELEASE, params: [conversationKey, owner, fence, lastSequence], returning: 'conversation_key' };
    const [[row]] = await database.write<[Row]>(conversationKey, [given], 'relaxed');
    return row ? undefined : conversationKey;
  }));
  return kept.filter((key) => key !== undefined);
}

const RELEASE = `UPDATE conversations SET lease_until = 0, lease_owner = '' WHERE conversation_key = ? AND lease_owner = ? AND fence = ? AND last_sequence = ?`;
