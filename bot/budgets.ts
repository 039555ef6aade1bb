import { createHmac, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Asker, CallReport, Gate, Reservation } from '../ai/call';
import type { Capability } from '../ai/capability';
import { AIError } from '../ai/error';
import type { Allowance, Remainder } from '../dialogs/turn';
import { budgetUse, expireReservations, purgeBudgets, reserveBudget, settleBudget, type BudgetLimit, type BudgetReservation } from '../state/budgets';
import type { Database } from '../state/database';
import type { Metrics } from './metrics';

/** Whose use is counted together: everyone's, widest first. On the web all people are of one tenant, ''. */
export const budgetSubjects = ['everyone', 'tenant', 'user'] as const;

/** What may be used on one day, which begins at midnight UTC. Absent: no limit. */
export interface Budget {
  readonly who: (typeof budgetSubjects)[number];
  /** Absent: of all capabilities together. */
  readonly capability?: Capability;
  /** Read and written. */
  readonly tokens?: number;
  /** Calls to a model service; an answer may take several. */
  readonly requests?: number;
}

export interface Budgets extends Gate {
  /** What this person has left today of the budgets for each user; empty where there are none. */
  left(asker: Pick<Asker, 'userKey'>): Promise<readonly Allowance[]>;
}

export interface BudgetOptions {
  readonly budgets: readonly Budget[];
  readonly database: Database;
  /** Names people and tenants in the counts: they are not to be read from the store. */
  readonly secret: Uint8Array;
  readonly metrics: Pick<Metrics, 'budgetSpent'>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Longer than any call lasts: whoever has not settled by then is dead. */
const RESERVATION_MS = 5 * 60_000;

/** Counts what is asked of model services, in the store that all processes share; refuses what would go over a budget. */
export function createBudgets(options: BudgetOptions): Budgets {
  const { budgets, database, metrics, now = Date.now } = options;
  const purge = purgingOnce(options);
  return {
    reserve: async (asker, { capability, tokens }) => {
      const day = dayOf(now());
      const limits = limitsFor({ ...options, day }, asker, capability);
      if (limits.length === 0) return nothingReserved;
      purge(day);
      const reservation = { id: randomUUID(), day, tokens: Math.ceil(tokens) };
      const take = (): Promise<boolean> => reserveBudget(database, limits, reservation, now() + RESERVATION_MS);
      if (!(await take()) && !((await expireReservations(database, now())) > 0 && (await take()))) {
        metrics.budgetSpent(capability);
        throw new AIError('budget-spent', 'The budget of the day has less left than this request may need.', { retryAfterMs: endOf(day) - now() });
      }
      return { settle: (report) => settle(options, { ...reservation, budgets: limits.map(({ subjectKey, capability: of }) => ({ subjectKey, capability: of })) }, report) };
    },
    left: async ({ userKey }) => {
      const own = budgets.filter(({ who }) => who === 'user');
      if (own.length === 0) return [];
      const day = dayOf(now());
      await expireReservations(database, now());
      const used = await budgetUse(database, subjectKey(options.secret, day, 'user', userKey), day);
      return own.map((budget) => toAllowance(budget, used.find(({ capability }) => capability === (budget.capability ?? '')), endOf(day) - now()));
    },
  };
}

const nothingReserved: Reservation = { settle: async () => undefined };

/** The budgets that a call counts for, widest first. */
function limitsFor({ budgets, secret, day }: Pick<BudgetOptions, 'budgets' | 'secret'> & { readonly day: string }, { userKey, tenantKey }: Asker, capability: Capability): readonly BudgetLimit[] {
  const keys = { everyone: '', tenant: tenantKey, user: userKey };
  const counted = budgets.filter((budget) => budget.capability === undefined || budget.capability === capability);
  return budgetSubjects.flatMap((who) => counted.filter((budget) => budget.who === who).map((budget) => ({
    subjectKey: subjectKey(secret, day, who, keys[who]),
    capability: budget.capability ?? '',
    maxTokens: budget.tokens ?? Infinity,
    maxRequests: budget.requests ?? Infinity,
  })));
}

const subjectKey = (secret: Uint8Array, day: string, who: string, key: string): string =>
  createHmac('sha256', secret).update(`${day} ${who} ${key}`).digest('base64url').slice(0, 32);

/** An answer is not lost because it could not be counted: what was held is given back when its time is over. */
async function settle({ database, log }: BudgetOptions, reservation: BudgetReservation, report: CallReport): Promise<void> {
  try {
    await settleBudget(database, reservation, { tokens: tokensOf(report, reservation.tokens), requests: report.attempts > 0 ? 1 : 0 });
  } catch (error) {
    log.error({ err: error }, 'what a call used could not be counted');
  }
}

/** A call that was stopped in the middle has used what nobody counted: else whoever stops in time would be charged nothing. */
function tokensOf({ inputTokens, outputTokens, outcome, attempts }: CallReport, reserved: number): number {
  const counted = inputTokens + outputTokens;
  return counted === 0 && attempts > 0 && cutShort.includes(outcome) ? reserved : counted;
}

const cutShort: readonly CallReport['outcome'][] = ['timeout', 'content-filtered', 'invalid-response', 'unexpected'];

function purgingOnce({ database, log }: BudgetOptions): (day: string) => void {
  let purged = '';
  return (day) => {
    if (day === purged) return;
    purged = day;
    purgeBudgets(database, day).catch((error: unknown) => log.warn({ err: error }, 'counts of earlier days could not be purged'));
  };
}

function toAllowance({ capability, tokens, requests }: Budget, used: { readonly tokens: number; readonly requests: number } = { tokens: 0, requests: 0 }, renewedInMs: number): Allowance {
  const left = (limit: number | undefined, taken: number): Remainder | undefined => limit === undefined ? undefined : { left: Math.max(0, limit - taken), of: limit };
  return { capability, tokens: left(tokens, used.tokens), requests: left(requests, used.requests), renewedInMs };
}

/** UTC, `YYYY-MM-DD`. */
const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

const endOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60_000;
