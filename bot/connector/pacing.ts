import type { Activity } from 'botbuilder';
import type { SendLimit } from '../channels';
import { ConnectorError, type Connector, type SendOptions } from './connector';
import { MAX_RETRY_AFTER_MS, waited, type Clock } from './retry';
import { isPartOfStream } from './streamMarks';
import { ThreadLog } from './threadLog';

export interface PacingOptions {
  readonly limitsOf: (activity: Partial<Activity>) => readonly SendLimit[];
  /** Of parts of a stream, beside the others. */
  readonly streamLimitsOf: (activity: Partial<Activity>) => readonly SendLimit[];
  readonly clock: Pick<Clock, 'wait' | 'now'>;
}

/** Wraps connectors, so that all of them together keep within the channel's limits in each conversation. */
export type Pacing = (connector: Connector) => Connector;

/** How long something waits that may be left out: a part of a stream, for the one before. */
const MOMENT_MS = 500;
const STREAM_MOMENT_MS = 1_500;
/** The rest of each limit is kept for what may not be left out. */
const IMPATIENT_SHARE = 0.7;
const SWEEP_EVERY_MS = 30_000;
/** After a refusal that names no time. */
const PAUSE_MS = 1_000;

/**
 * Paces what goes to a conversation: replies, changes of messages, chunks of streams and typing count alike.
 * A channel refuses what comes faster (429), and counts the refused too.
 */
export function createPacing({ limitsOf, streamLimitsOf, clock }: PacingOptions): Pacing {
  const threads = new Map<string, ThreadLog>();
  let sweptAtMs = clock.now();
  const sweep = (): void => {
    if (clock.now() - sweptAtMs < SWEEP_EVERY_MS) return;
    sweptAtMs = clock.now();
    for (const [key, log] of threads) if (log.isForgettable(sweptAtMs)) threads.delete(key);
  };
  const logOf = (key: string): ThreadLog => {
    sweep();
    const log = threads.get(key) ?? new ThreadLog();
    threads.set(key, log);
    return log;
  };
  const within = <T>(limits: readonly SendLimit[], key: string, wait: Wait, send: () => Promise<T>): Promise<T> =>
    (limits.length === 0 ? send() : inTurn({ log: logOf(key), limits, clock }, wait, send));
  const paced = <T>(conversationId: string, activity: Partial<Activity>, options: SendOptions | undefined, send: () => Promise<T>): Promise<T> => {
    const key = threadKey(conversationId);
    const streamLimits = isPartOfStream(activity) ? streamLimitsOf(activity) : [];
    const inThread = (): Promise<T> => within(limitsOf(activity), key, options?.patience ?? MOMENT_MS, send);
    return within(streamLimits, `${key} stream`, options?.patience ?? STREAM_MOMENT_MS, inThread);
  };
  return (connector) => ({
    ...connector,
    send: (conversationId, activity, options) =>
      paced(conversationId, activity, options, () => connector.send(conversationId, activity, options)),
    update: (conversationId, activityId, activity, options) =>
      paced(conversationId, activity, options, () => connector.update(conversationId, activityId, activity, options)),
  });
}

/** Teams counts by chat and by channel; the id of a channel's thread goes on with the message that began it. */
const threadKey = (conversationId: string): string => conversationId.split(';', 1)[0] ?? '';

/** Until the signal aborts, or so many milliseconds. */
type Wait = AbortSignal | number;

type Thread = { readonly log: ThreadLog; readonly limits: readonly SendLimit[]; readonly clock: PacingOptions['clock'] };

async function inTurn<T>(thread: Thread, wait: Wait, send: () => Promise<T>): Promise<T> {
  const { log, limits, clock } = thread;
  await (typeof wait === 'number' ? enterSoon(thread, wait) : enter(thread, wait));
  try {
    return await send();
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'rate-limited') log.closeUntil(clock.now() + pauseOf(error));
    throw error;
  } finally {
    log.end(clock.now(), limits);
  }
}

/** Resolves when the limits leave room. Throws ConnectorError('unavailable') when the signal aborts before: nothing was sent. */
async function enter({ log, limits, clock }: Thread, patience: AbortSignal): Promise<void> {
  for (let waitMs = log.begin(limits, clock.now()); waitMs > 0; waitMs = log.begin(limits, clock.now())) {
    if (!(await waited(waitMs, clock, patience))) throw new ConnectorError('unavailable', 'The wait for the pace of the channel was ended.');
  }
}

/** Resolves when there is room within a moment. Throws ConnectorError('rate-limited') as the channel would. */
async function enterSoon({ log, limits, clock }: Thread, momentMs: number): Promise<void> {
  const share = limits.map(({ count, windowMs }) => ({ count: Math.max(1, Math.floor(count * IMPATIENT_SHARE)), windowMs }));
  const deadlineMs = clock.now() + momentMs;
  for (let waitMs = log.begin(share, clock.now()); waitMs > 0; waitMs = log.begin(share, clock.now())) {
    if (clock.now() + waitMs > deadlineMs) throw new ConnectorError('rate-limited', 'Left out, to stay within the limits of the channel.', { retryAfterMs: waitMs });
    await clock.wait(waitMs, never);
  }
}

const never = new AbortController().signal;

const pauseOf = ({ details }: ConnectorError): number => Math.min(details.retryAfterMs ?? PAUSE_MS, MAX_RETRY_AFTER_MS);
