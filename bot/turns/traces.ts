import type { Logger } from 'pino';
import type { Asker, CallReport } from '../../ai/call';
import { explanationShape, type Explanation, type Grounds } from '../../dialogs/explanation';
import { readAnswer, writeAnswer } from '../../state/answers';
import { auditWrites } from '../../state/audit';
import type { Database, Queries, Write } from '../../state/database';
import { readErasures } from '../../state/erasures';

/** What a turn leaves behind of its calls to models. */
export interface Traces {
  readonly calls: readonly CallReport[];
  readonly grounds: Grounds;
  /** The person asked to be forgotten: that there were calls is kept, and not whose or why. */
  readonly isForgotten: boolean;
}

/** The audit entries of the calls, and how the answer came about: part of the turn's commit, so that there is no answer without them. */
export function traceWrites(asker: Asker, { calls, grounds, isForgotten }: Traces): readonly Write[] {
  if (calls.length === 0) return [];
  const entries = auditOf(isForgotten ? { ...asker, userKey: '' } : asker, calls);
  if (isForgotten) return entries;
  const explanation: Explanation = { answeredAt: Date.now(), calls, ...grounds };
  return [...entries, writeAnswer({ ...asker, facts: JSON.stringify(explanation) })];
}

/** Who asked which capability when, of whom, at what cost, and how it ended. */
export const auditOf = ({ userKey, tenantKey }: Asker, calls: readonly CallReport[]): readonly Write[] =>
  auditWrites(calls.map(({ startedAt, target, filters, firstTextMs, ...call }) => ({
    userKey,
    tenantKey,
    facts: {
      at: new Date(startedAt).toISOString(),
      ...call,
      target: target?.name,
      region: target?.region,
      filtered: filters.filter(({ isFiltered, isDetected }) => isFiltered || isDetected).map(({ on, category }) => `${on}:${category}`),
      firstTextMs,
    },
  })));

/** How an earlier answer in this conversation came about; the newest where none is named. undefined where nothing is known of it. */
export async function explanationOf(queries: Queries, conversationKey: string, activityId?: string): Promise<Explanation | undefined> {
  const facts = await readAnswer(queries, conversationKey, activityId);
  return facts === undefined ? undefined : explanationShape.safeParse(JSON.parse(facts)).data; // written above, perhaps by another version
}

/** Calls of a turn that came to nothing, or that ended after it: they were made, and cost what they cost. */
export async function keepCalls(asker: Asker, calls: readonly CallReport[], { database, log }: { readonly database: Database; readonly log: Logger }): Promise<void> {
  if (calls.length === 0) return;
  await keepLate(asker, calls, database).catch((error: unknown) => {
    log.error({ err: error, calls: calls.length }, 'calls to a model could not be written into the audit log');
  });
}

/** Perhaps the turn came to nothing because its person was deleted: then the calls are nobody's. */
async function keepLate(asker: Asker, calls: readonly CallReport[], database: Database): Promise<void> {
  const isErased = await readErasures(database);
  const isGone = calls.some(({ startedAt }) => isErased(asker.userKey, startedAt));
  await database.write(asker.userKey, auditOf(isGone ? { ...asker, userKey: '' } : asker, calls), 'relaxed');
}
