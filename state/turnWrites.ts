import { StateError, type Queries } from './database';
import type { AnsweredLease, ArrivedRow, Claimant, Head, HeldLease, OutboxRow, Remember, TurnCommit } from './turns';

/** The columns of a Head. */
export const HEAD = `document, last_sequence AS "lastSequence", recent, fence, lease_owner AS "leaseOwner", lease_until AS "leaseUntil"`;

/** The number and the lease come from one statement, so that whoever holds the lease hears of the new number before he gives it back. */
const ARRIVE = `INSERT INTO conversations (conversation_key, document, last_sequence, recent, fence, lease_owner, lease_until, updated_at)
  VALUES (?, '', 1, '', 1, ?, ?, ?)
  ON CONFLICT (conversation_key) DO UPDATE SET
    last_sequence = conversations.last_sequence + 1,
    fence = CASE WHEN conversations.lease_until <= ? THEN conversations.fence + 1 ELSE conversations.fence END,
    lease_owner = CASE WHEN conversations.lease_until <= ? THEN excluded.lease_owner ELSE conversations.lease_owner END,
    lease_until = CASE WHEN conversations.lease_until <= ? THEN excluded.lease_until ELSE conversations.lease_until END
  RETURNING ${HEAD}`;

/** See TurnStore. Throws StateError('duplicate'). */
export async function accept(queries: Queries, row: ArrivedRow, claimant: Claimant, remember: Remember): Promise<Head> {
  const now = Date.now();
  const [head] = await queries.query<Head>(ARRIVE, [row.conversationKey, claimant.owner, claimant.untilMs, now, now, now, now]);
  if (!head) throw new StateError('corrupt', 'The store did not number an activity.');
  const recent = remember(head.recent);
  if (recent === undefined) throw duplicate();
  const [inserted] = await Promise.all([
    queries.execute(
      `INSERT INTO inbox (conversation_key, activity_id, sequence, activity, answered, attempts, accepted_at) VALUES (?, ?, ?, ?, 0, 0, ?)
       ON CONFLICT DO NOTHING`,
      [row.conversationKey, row.activityId, head.lastSequence, row.activity, now],
    ),
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

/** See TurnStore. All statements are asked for at once, which is one round trip; the numbers of changed rows say whether they may stand. */
export async function writeCommit(queries: Queries, turn: TurnCommit): Promise<number> {
  const writes = [writeHead(queries, turn), markAnswered(queries, turn)] as const;
  const others = [...turn.outbox.map((row) => insertOutbox(queries, row)), ...turn.effects.map((effect) => effect(queries))];
  // None may go on when the transaction is over.
  await Promise.allSettled([...writes, ...others]);
  const [newest, isAnswered] = await Promise.all(writes);
  if (newest === undefined) throw new StateError('conflict', 'The lease was lost, or something else arrived first.');
  if (!isAnswered) throw new StateError('duplicate', 'The activity was answered before.');
  await Promise.all(others);
  return newest;
}

async function writeHead(queries: Queries, turn: TurnCommit): Promise<number | undefined> {
  const { basis, claimant, conversationKey, document } = turn;
  const now = Date.now();
  if (basis.kind === 'accepted') {
    const [head] = await queries.query<{ newest: number }>(
      `UPDATE conversations SET document = ?, lease_until = ?, updated_at = ? WHERE conversation_key = ? AND lease_owner = ? AND fence = ?
       RETURNING last_sequence AS newest`,
      [document, claimant.untilMs, now, conversationKey, claimant.owner, basis.fence],
    );
    return head?.newest;
  }
  const changed = await queries.execute(
    `INSERT INTO conversations (conversation_key, document, last_sequence, recent, fence, lease_owner, lease_until, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (conversation_key) DO UPDATE SET document = excluded.document, last_sequence = excluded.last_sequence, recent = excluded.recent,
       fence = excluded.fence, lease_owner = excluded.lease_owner, lease_until = excluded.lease_until, updated_at = excluded.updated_at
     WHERE conversations.last_sequence = excluded.last_sequence - 1 AND conversations.fence = ?
       AND (conversations.lease_until <= ? OR conversations.lease_owner = excluded.lease_owner)`,
    [conversationKey, document, turn.sequence, basis.recent, fenceAfter(basis.head, claimant.owner), claimant.owner, claimant.untilMs, now, basis.head.fence, now],
  );
  return changed === 1 ? turn.sequence : undefined;
}

/** The fence that a commit with basis `new` leaves: another holder counts. */
export const fenceAfter = (head: Head, owner: string): number => (head.leaseOwner === owner ? head.fence : head.fence + 1);

/** The text is in the message log; here only the id matters from now on. */
async function markAnswered(queries: Queries, { basis, conversationKey, activityId, sequence }: TurnCommit): Promise<boolean> {
  if (basis.kind === 'accepted') {
    return (await queries.execute(
      `UPDATE inbox SET answered = 1, activity = '' WHERE conversation_key = ? AND activity_id = ? AND answered = 0`, [conversationKey, activityId])) === 1;
  }
  return (await queries.execute(
    `INSERT INTO inbox (conversation_key, activity_id, sequence, activity, answered, attempts, accepted_at) VALUES (?, ?, ?, '', 1, 0, ?) ON CONFLICT DO NOTHING`,
    [conversationKey, activityId, sequence, Date.now()])) === 1;
}

async function insertOutbox(queries: Queries, row: OutboxRow): Promise<void> {
  await queries.execute(
    'INSERT INTO outbox (conversation_key, id, sequence, position, kind, target_id, service_url, activity) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    [row.conversationKey, row.id, row.sequence, row.position, row.kind, row.targetId ?? null, row.serviceUrl, row.activity],
  );
}

/** See TurnStore. */
export async function renew(queries: Queries, leases: readonly HeldLease[], { owner, untilMs }: Claimant): Promise<ReadonlyMap<string, number>> {
  const renewed = await Promise.all(leases.map(async ({ conversationKey, fence }) => {
    const [row] = await queries.query<{ newest: number }>(
      'UPDATE conversations SET lease_until = ? WHERE conversation_key = ? AND lease_owner = ? AND fence = ? RETURNING last_sequence AS newest',
      [untilMs, conversationKey, owner, fence],
    );
    return [conversationKey, row?.newest] as const;
  }));
  return new Map(renewed.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
}

/** See TurnStore. */
export async function release(queries: Queries, leases: readonly AnsweredLease[], owner: string): Promise<readonly string[]> {
  const kept = await Promise.all(leases.map(async ({ conversationKey, fence, lastSequence }) => {
    const changed = await queries.execute(
      `UPDATE conversations SET lease_until = 0, lease_owner = '' WHERE conversation_key = ? AND lease_owner = ? AND fence = ? AND last_sequence = ?`,
      [conversationKey, owner, fence, lastSequence],
    );
    return changed === 1 ? undefined : conversationKey;
  }));
  return kept.filter((key) => key !== undefined);
}
