import type { CallRecord } from './callRecord';
import type { AIError } from './error';
import type { Attempt, GatewayCall } from './gateway';
import { nextDialect } from './openaiDialect';
import { isOfTarget, isTransient, toAIError } from './openaiError';
import type { Patience } from './patience';
import type { Router } from './router';
import type { Lease, Target } from './target';
import { watchAttempt, type Watch } from './watch';

/** One call on its way to an answer. */
export interface Journey<Event> {
  readonly call: GatewayCall;
  readonly attempt: Attempt<Event>;
  readonly router: Router;
  readonly patience: Patience;
  /** Of the whole call. */
  readonly watch: Watch;
  readonly record: CallRecord;
}

/** A trial of a target that failed before holds nobody up. */
const TRIAL_START_MS = 1_500;
/** Deployments that one call tries, where others could do it. */
const MOST_ATTEMPTS = 3;

/**
 * The one retry loop: attempts again, on the target that is best by then, as long as nothing was yielded that somebody
 * may have seen. Never past the watch's deadline, nor the patience of the turn. Throws AIError.
 */
export async function* attemptUntilAnswered<Event>(journey: Journey<Event>): AsyncGenerator<Event> {
  const { call, router, watch, patience, record } = journey;
  const failed = new Set<Target>();
  let failure: AIError | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const lease = await takeOr(failure, router.take({ tokens: call.tokens, failed }, watch, patience));
    let hasBegun = false;
    try {
      for await (const event of ask(lease, journey)) {
        if (!hasBegun) lease.answered();
        hasBegun = true;
        yield event;
      }
      return;
    } catch (error) {
      watch.throwIfOver();
      failure = toAIError(error, lease.target.deployment.name);
      record.refused(failure.code);
      // what breaks in the middle says little about the next request
      if (!hasBegun && isOfTarget(failure)) lease.failed(failure);
      else lease.answered();
      failed.add(lease.target);
      const isSeen = hasBegun && !call.restarts;
      if (isSeen || !isWorthAnother(error, failure, attempts, lease, router)) throw failure;
    } finally {
      lease.release();
    }
  }
}

/** Where nobody can be asked again in time, the failure itself says more than that. */
const takeOr = (failure: AIError | undefined, taking: Promise<Lease>): Promise<Lease> =>
  taking.catch((error: unknown) => {
    throw failure ?? error;
  });

/** One target, asked until it understands: a parameter that it refuses is left out from then on. */
async function* ask<Event>(lease: Lease, { call, attempt, router, watch, record }: Journey<Event>): AsyncGenerator<Event> {
  const { connection, deployment } = lease.target;
  const { name, region } = deployment;
  await connection.client(); // loaded on first use: that is not the target's time
  for (;;) {
    const sent = connection.dialect();
    const once = watchAttempt(watch, () => lease.begun());
    if (call.answersWithinMs !== undefined) once.expectWithin(call.answersWithinMs);
    if (call.streams) {
      once.expectWithin(startMs(lease, router, call));
      lease.expectAnswer();
    }
    record.sent({ name, ...(region !== undefined && { region }) });
    try {
      yield* attempt(connection, once, record.note);
      return;
    } catch (error) {
      const learned = once.failure() ? undefined : nextDialect(sent, error);
      if (!learned) throw once.failure() ?? error;
      connection.learn(learned);
    } finally {
      once.stop();
    }
  }
}

/** Until the target answers at all: short while another could do it. */
function startMs({ target, isTrial }: Lease, router: Router, { tokens }: GatewayCall): number {
  const { limits } = target.connection;
  if (!router.hasOther(target, tokens)) return limits.firstTokenMs;
  return Math.min(isTrial ? TRIAL_START_MS : (target.deployment.startsWithinMs ?? limits.startMs), limits.firstTokenMs);
}

function isWorthAnother(error: unknown, failure: AIError, attempts: number, { target }: Lease, router: Router): boolean {
  const { limits } = target.connection;
  if (!isOfTarget(failure)) return false;
  if (failure.code === 'rate-limited') return attempts <= limits.maxRetries && (isTransient(error) || router.targets.length > 1);
  if (router.targets.length > 1) return attempts < Math.max(MOST_ATTEMPTS, limits.maxRetries + 1);
  return attempts <= limits.maxRetries && isTransient(error);
}
