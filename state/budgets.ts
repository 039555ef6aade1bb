import { StateError, type Database, type Queries, type Write } from './database';
import type { Migration } from './migrations';

/** What is counted for one subject on one day. `capability`: '' counts all of them together. */
export interface BudgetKey {
  /** Opaque, and another one each day, so that nobody's use can be followed from day to day. */
  readonly subjectKey: string;
  readonly capability: string;
}

/** Infinity: no limit. */
export interface BudgetLimit extends BudgetKey {
  readonly maxTokens: number;
  readonly maxRequests: number;
}

/** One request and its tokens, held in each of `budgets` until it is settled or its time is over. */
export interface BudgetReservation {
  readonly id: string;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** Widest first (everyone, tenant, user): whoever locks them does so in one order. */
  readonly budgets: readonly BudgetKey[];
  readonly tokens: number;
}

export interface BudgetUse extends BudgetKey {
  readonly tokens: number;
  readonly requests: number;
}

/** Primary keys lead with whom they count. What is reserved is counted as used; the reservations say how much may come back. */
export const budgetMigrations: readonly Migration[] = [
  {
    id: 'budgets-1',
    statements: [
      `CREATE TABLE budgets (
        subject_key TEXT NOT NULL, day TEXT NOT NULL, capability TEXT NOT NULL, tokens BIGINT NOT NULL, requests BIGINT NOT NULL,
        PRIMARY KEY (subject_key, day, capability))`,
      'CREATE INDEX budgets_by_day ON budgets (day)',
      `CREATE TABLE budget_reservations (
        subject_key TEXT NOT NULL, id TEXT NOT NULL, day TEXT NOT NULL, budgets TEXT NOT NULL, tokens BIGINT NOT NULL, expires_at BIGINT NOT NULL,
        PRIMARY KEY (subject_key, id))`,
      'CREATE INDEX budget_reservations_by_end ON budget_reservations (expires_at)',
    ],
  },
];

/**
 * Holds the tokens in all of the budgets or in none, in one round trip: each row is compared and changed by one statement,
 * so that no two processes ever take the same rest. False where one of them has too little left.
 */
export async function reserveBudget(database: Database, limits: readonly BudgetLimit[], reservation: Omit<BudgetReservation, 'budgets'>, expiresAtMs: number): Promise<boolean> {
  const { day, tokens } = reservation;
  if (limits.some(({ maxTokens, maxRequests }) => tokens > maxTokens || maxRequests < 1)) return false;
  const budgets = limits.map(({ subjectKey, capability }) => ({ subjectKey, capability }));
  const taken = limits.map((limit): Write => ({
    sql: `INSERT INTO budgets (subject_key, day, capability, tokens, requests) VALUES (?, ?, ?, ?, 1)
      ON CONFLICT (subject_key, day, capability) DO UPDATE SET tokens = budgets.tokens + excluded.tokens, requests = budgets.requests + 1
      WHERE budgets.tokens + excluded.tokens <= ? AND budgets.requests < ?`,
    params: [limit.subjectKey, day, limit.capability, tokens, atMost(limit.maxTokens), atMost(limit.maxRequests)],
    orElse: 'conflict',
  }));
  try {
    await database.write(lockOrder(budgets), [...taken, insertReservation({ ...reservation, budgets }, expiresAtMs)], 'relaxed');
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

/** Puts what was used in place of what was held. Where the reservation's time was over, all of it is added. */
export async function settleBudget(database: Database, reservation: BudgetReservation, used: { readonly tokens: number; readonly requests: number }): Promise<void> {
  const { day, budgets, tokens } = reservation;
  const changes = (tokensMore: number, requestsMore: number): readonly Write[] => budgets.map((budget) => change(budget, day, tokensMore, requestsMore));
  const key = lockOrder(budgets);
  try {
    await database.write(key, [...changes(used.tokens - tokens, used.requests - 1), deleteReservation(reservation)], 'relaxed');
  } catch (error) {
    if (!isConflict(error)) throw error;
    await database.write(key, changes(used.tokens, used.requests), 'relaxed');
  }
}

/** Gives back what processes held that did not live to settle it. Gives the number of reservations. */
export async function expireReservations(database: Database, nowMs: number): Promise<number> {
  const rows = await database.query<{ id: string; day: string; budgets: string; tokens: number }>(
    'SELECT id, day, budgets, tokens FROM budget_reservations WHERE expires_at <= ? LIMIT 100',
    [nowMs],
  );
  let expired = 0;
  for (const row of rows) {
    const reservation = { ...row, budgets: JSON.parse(row.budgets) as readonly BudgetKey[] }; // written by insertReservation
    const back = reservation.budgets.map((budget) => change(budget, row.day, -row.tokens, -1));
    await database.write(lockOrder(reservation.budgets), [...back, deleteReservation(reservation)], 'relaxed').then(() => (expired += 1), (error: unknown) => {
      if (!isConflict(error)) throw error; // else somebody settled it, or gave it back, in between
    });
  }
  return expired;
}

/** What one subject has used or holds on a day. */
export const budgetUse = (queries: Queries, subjectKey: string, day: string): Promise<readonly BudgetUse[]> =>
  queries.query<BudgetUse>('SELECT subject_key AS "subjectKey", capability, tokens, requests FROM budgets WHERE subject_key = ? AND day = ?', [subjectKey, day]);

/** Earlier days count for nothing any more. */
export const purgeBudgets = (queries: Queries, beforeDay: string): Promise<number> => queries.execute('DELETE FROM budgets WHERE day < ?', [beforeDay]);

const change = ({ subjectKey, capability }: BudgetKey, day: string, tokens: number, requests: number): Write => ({
  sql: 'UPDATE budgets SET tokens = tokens + ?, requests = requests + ? WHERE subject_key = ? AND day = ? AND capability = ?',
  params: [tokens, requests, subjectKey, day, capability],
});

const insertReservation = ({ id, day, budgets, tokens }: BudgetReservation, expiresAtMs: number): Write => ({
  sql: 'INSERT INTO budget_reservations (subject_key, id, day, budgets, tokens, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
  params: [ownerOf(budgets), id, day, JSON.stringify(budgets), tokens, expiresAtMs],
});

const deleteReservation = ({ id, budgets }: Pick<BudgetReservation, 'id' | 'budgets'>): Write => ({
  sql: 'DELETE FROM budget_reservations WHERE subject_key = ? AND id = ?',
  params: [ownerOf(budgets), id],
  orElse: 'conflict',
});

/** The narrowest subject. */
const ownerOf = (budgets: readonly BudgetKey[]): string => budgets.at(-1)?.subjectKey ?? '';

/** Those who share a wide budget come one after the other in a group of writes, wherever they are written. */
const lockOrder = (budgets: readonly BudgetKey[]): string => ['budget', ...budgets.map(({ subjectKey }) => subjectKey)].join(' ');

/** The largest whole number that both stores and JavaScript hold exactly. */
const atMost = (limit: number): number => Math.min(limit, Number.MAX_SAFE_INTEGER);

const isConflict = (error: unknown): boolean => error instanceof StateError && error.code === 'conflict';
