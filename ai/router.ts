import type { Bell } from './bell';
import { AIError } from './error';
import type { Patience } from './patience';
import { leaseOf, waitMsOf, type Lease, type Target } from './target';
import type { Watch } from './watch';

export interface Wanted {
  /** Input and output at most. */
  readonly tokens: number;
  /** Targets that this call has failed on: others are asked first. */
  readonly failed: ReadonlySet<Target>;
}

export interface Router {
  readonly targets: readonly Target[];
  /**
   * The right to ask the target that is best now. Where none can take a request it waits, first come first served, for
   * as long as there is patience and the wait is of use. Throws AIError: why the last one could not, and when one can.
   */
  take(wanted: Wanted, watch: Watch, patience: Patience): Promise<Lease>;
  /** Another target could do it now. */
  hasOther(target: Target, tokens: number): boolean;
}

/** A target that is down is waited for in the hope of a short outage only: people are told soon. */
const MOST_WAIT_FOR_OUTAGE_MS = 3_000;

export function createRouter(targets: readonly Target[], bell: Bell, random: () => number = Math.random): Router {
  const line: object[] = [];

  async function takeInTurn(place: object, wanted: Wanted, watch: Watch, patience: Patience): Promise<Lease> {
    const startedAt = performance.now();
    for (;;) {
      watch.throwIfOver();
      const best = line[0] === place ? choose(targets, wanted, random) : undefined;
      if (best) return leaseOf(best, wanted.tokens, bell);
      const elapsedMs = performance.now() - startedAt;
      const waitMs = worthWaiting(targets, wanted.tokens, Math.min(patience.leftMs() - elapsedMs, watch.remainingMs()), elapsedMs);
      await bell.wait(Math.max(1, waitMs), watch.signal);
    }
  }

  return {
    targets,
    take: async (wanted, watch, patience) => {
      const best = line.length === 0 ? choose(targets, wanted, random) : undefined;
      if (best) return leaseOf(best, wanted.tokens, bell);
      const place = {};
      line.push(place);
      try {
        return await patience.spend(() => takeInTurn(place, wanted, watch, patience));
      } finally {
        line.splice(line.indexOf(place), 1);
        bell.ring();
      }
    },
    hasOther: (target, tokens) => targets.some((other) => other !== target && waitMsOf(other, tokens) === 0),
  };
}

/** Of those that can take the request now, with room for it, neither silent nor spent by what they said nor tried before: the lowest priority; among equals by weight. */
function choose(targets: readonly Target[], { tokens, failed }: Wanted, random: () => number): Target | undefined {
  const ready = roomy(targets, tokens).filter((target) => waitMsOf(target, tokens) === 0);
  const fresh = orAll(ready, (target) => !failed.has(target));
  const able = orAll(fresh, ({ allowance, silence }) => !allowance.isSpent(tokens) && !silence.isLong());
  const first = Math.min(...able.map(({ deployment }) => deployment.priority));
  return byWeight(able.filter(({ deployment }) => deployment.priority === first), random);
}

/** A small context is no reason to refuse: the size of a request is a guess. */
const roomy = (targets: readonly Target[], tokens: number): readonly Target[] =>
  orAll(targets, ({ deployment }) => tokens <= (deployment.contextTokens ?? Number.POSITIVE_INFINITY));

/** Those that are better, where there are any. */
function orAll(targets: readonly Target[], isBetter: (target: Target) => boolean): readonly Target[] {
  const better = targets.filter(isBetter);
  return better.length > 0 ? better : targets;
}

function byWeight(targets: readonly Target[], random: () => number): Target | undefined {
  let point = random() * targets.reduce((sum, { deployment }) => sum + deployment.weight, 0);
  return targets.find(({ deployment }) => (point -= deployment.weight) < 0) ?? targets.at(-1);
}

/** Milliseconds until it makes sense to look again. Throws AIError where that is too long. */
function worthWaiting(targets: readonly Target[], tokens: number, leftMs: number, elapsedMs: number): number {
  const waits = roomy(targets, tokens).map((target) => ({ target, waitMs: waitMsOf(target, tokens) }));
  const { target, waitMs } = waits.reduce((best, next) => (next.waitMs < best.waitMs ? next : best));
  const { failure } = target.breaker;
  const isOutage = failure !== undefined && failure.code !== 'rate-limited';
  const mostMs = isOutage ? Math.min(leftMs, MOST_WAIT_FOR_OUTAGE_MS - elapsedMs) : leftMs;
  const isKnown = waitMs !== Number.POSITIVE_INFINITY;
  if (mostMs <= 0 || (isKnown && waitMs > mostMs)) throw nobody(target, isKnown ? waitMs : undefined);
  return Math.min(waitMs, mostMs);
}

function nobody({ deployment: { name }, breaker: { failure } }: Target, waitMs: number | undefined): AIError {
  const why = failure ? `"${name}" failed before (${failure.code})` : `the limits of "${name}" are reached`;
  const when = waitMs === undefined ? {} : { retryAfterMs: Math.ceil(waitMs) };
  return new AIError(failure?.code ?? 'rate-limited', `No deployment can be asked now: ${why}.`, { ...when, ...(failure && { cause: failure }) });
}
