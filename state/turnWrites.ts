import { StateError, UNCHANGED, type Database, type Queries, type Write } from './database';
import type { AnsweredLease, ArrivedRow, Claimant, Head, HeldLease, OutboxRow, Remember, TurnCommit } from './turns';

/** The columns of a Head. */
export const HEAD = `document, last_sequence AS "lastSequence", recent, fence, lease_owner AS "leaseOwner", lease_until AS "leaseUntil"`;

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
  const { before } = arrival;
  try {
    if (before) return await acceptNext(database, arrival, before);
  } catch (error) {
    if (!(error instanceof StateError && error.code === 'conflict')) throw error;
  }
  return database.transaction((queries) => acceptAnywhere(queries, arrival));
}

/** Together with the lease, where the head is as it was read. Throws StateError('conflict') where it is not. */
async function acceptNext(database: Database, { row, claimant, remember }: Arrival, before: Head): Promise<Head> {
  const { conversationKey, activityId, activity } = row;
  const recent = remember(before.recent);
  if (recent === undefined) throw duplicate();
  const next = { document: before.document, lastSequence: before.lastSequence + 1, recent, fence: fenceAfter(before, claimant.owner) };
  const inserted: Write = {
    sql: INSERT_UNANSWERED,
    params: [conversationKey, activityId, next.lastSequence, activity, Date.now()],
    orElse: 'duplicate',
  };
  const { document, lastSequence: sequence } = next;
  await database.write(conversationKey, [headOfNew({ conversationKey, document, sequence, claimant }, { head: before, recent }), inserted]);
  return { ...next, leaseOwner: claimant.owner, leaseUntil: claimant.untilMs };
}

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

/** See TurnStore. */
export async function take(queries: Queries, conversationKey: string, { owner, untilMs }: Claimant): Promise<Head | undefined> {
  const [before] = await queries.query<{ owner: string }>('SELECT lease_owner AS owner FROM conversations WHERE conversation_key = ?', [conversationKey]);
  const [head] = await queries.query<Head>(
    `UPDATE conversations SET fence = fence + 1, lease_owner = ?, lease_until = ?
     WHERE conversation_key = ? AND (lease_until <= ? OR lease_owner = ?) RETURNING ${HEAD}`,
    [owner, untilMs, conversationKey, Date.now(), owner],
  );
  // Its holder let it go in the middle of the work: perhaps the oldest activity is what killed him.
  if (head && before && before.owner !== '' && before.owner !== owner) {
    await queries.execute(
      `UPDATE inbox SET attempts = attempts + 1 WHERE conversation_key = ? AND answered = 0
       AND sequence = (SELECT MIN(sequence) FROM inbox WHERE conversation_key = ? AND answered = 0)`,
      [conversationKey, conversationKey],
    );
  }
  return head;
}

/** See TurnStore. */
export async function commit(database: Database, turn: TurnCommit): Promise<number> {
  const { basis, conversationKey, sequence } = turn;
  if (basis.kind === 'accepted') return database.transaction((queries) => commitAccepted(queries, turn, basis.fence));
  const writes = [headOfNew(turn, basis), answeredNew(turn), ...writesOf(turn)];
  if (turn.effects.length === 0) await database.write(conversationKey, writes);
  else await database.transaction((queries) => perform(queries, writes, turn.effects));
  return sequence;
}

async function commitAccepted(queries: Queries, turn: TurnCommit, fence: number): Promise<number> {
  const { conversationKey, activityId, claimant, document } = turn;
  const head = queries.query<{ newest: number }>(
    `UPDATE conversations SET document = ?, lease_until = ?, updated_at = ? WHERE conversation_key = ? AND lease_owner = ? AND fence = ?
     RETURNING last_sequence AS newest`,
    [document, claimant.untilMs, Date.now(), conversationKey, claimant.owner, fence],
  );
  const answered: Write = {
    sql: `UPDATE inbox SET answered = 1, activity = '' WHERE conversation_key = ? AND activity_id = ? AND answered = 0`,
    params: [conversationKey, activityId],
    orElse: 'duplicate',
  };
  const [performed] = await Promise.allSettled([perform(queries, [answered, ...writesOf(turn)], turn.effects)]);
  const [{ newest } = { newest: undefined }] = await head;
  if (newest === undefined) throw new StateError('conflict', UNCHANGED);
  if (performed.status === 'rejected') throw performed.reason;
  return newest;
}

/** All are asked for at once, which is one round trip, and none goes on when the transaction is over. */
async function perform(queries: Queries, writes: readonly Write[], effects: TurnCommit['effects']): Promise<void> {
  const changes = writes.map(({ sql, params }) => queries.execute(sql, params));
  const others = effects.map((effect) => effect(queries));
  await Promise.allSettled([...changes, ...others]);
  for (const [index, { orElse }] of writes.entries()) {
    if ((await changes[index]) === 0 && orElse) throw new StateError(orElse, UNCHANGED);
  }
  await Promise.all(others);
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

/** See TurnStore. */
export async function release(queries: Queries, leases: readonly AnsweredLease[], owner: string): Promise<readonly string[]> {
  const kept = await Promise.all(inOrder(leases).map(async ({ conversationKey, fence, lastSequence }) => {
    const changed = await queries.execute(
      `UPDATE conversations SET lease_until = 0, lease_owner = '' WHERE conversation_key = ? AND lease_owner = ? AND fence = ? AND last_sequence = ?`,
      [conversationKey, owner, fence, lastSequence],
    );
    return changed === 1 ? undefined : conversationKey;
  }));
  return kept.filter((key) => key !== undefined);
}

/** Rows are locked in one order everywhere: two transactions that wait for each other's would end each other. */
const inOrder = <L extends HeldLease>(leases: readonly L[]): readonly L[] => leases.toSorted((one, other) => (one.conversationKey < other.conversationKey ? -1 : 1));
