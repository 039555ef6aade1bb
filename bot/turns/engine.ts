import { randomUUID } from 'node:crypto';
import type { Activity } from 'botbuilder';
import type { InboxRow } from '../../state/turns';
import { createDelivery } from './deliver';
import { conversationKey, nextSequence } from './keys';
import { Lanes } from './lanes';
import { runTurn, type RunnerOptions } from './run';

/** Accepts activities, answers each exactly once and in order, and survives a crash in between. */
export interface TurnEngine {
  /** Resolves when the activity is on disk (or was accepted before). Throws StateError when it could not be kept. */
  accept(activity: Partial<Activity>): Promise<void>;
  /** Takes up what a process before us left, and begins to purge old ids: call once, at the start. */
  recover(): Promise<void>;
  /** Turns and deliveries that are not finished. */
  readonly backlog: number;
  /** Resolves when everything accepted is answered and delivered, or after `limitMs`; what is left is recovered at the next start. */
  drain(limitMs: number): Promise<void>;
}

/** After so many attempts the activity itself is taken to be what kills the process: it is answered with an apology. */
const MAX_ATTEMPTS = 3;
/** Longer than any channel re-posts. */
const REMEMBER_IDS_MS = 3 * 24 * 60 * 60 * 1000;
const PURGE_EVERY_MS = 6 * 60 * 60 * 1000;

export function createTurnEngine(options: RunnerOptions): TurnEngine {
  const lanes = new Lanes();
  const delivery = createDelivery(options);
  const enqueue = (row: InboxRow): void => lanes.add(row.conversationKey, () => answer(row));

  let purging: NodeJS.Timeout | undefined;

  async function purge(): Promise<void> {
    await options.store.purgeAnswered(nextSequence() - REMEMBER_IDS_MS * 1000).catch((error: unknown) => {
      options.log.error({ err: error }, 'old message ids could not be purged');
    });
  }

  async function answer(row: InboxRow): Promise<void> {
    const startedAt = performance.now();
    const ids = { conversationKey: row.conversationKey, activityId: row.activityId };
    try {
      const outbox = await runTurn(row, row.attempts > MAX_ATTEMPTS ? givingUp(options) : options);
      for (const reply of outbox) delivery.add(reply);
      options.log.info({ ...ids, replies: outbox.length, durationMs: Math.round(performance.now() - startedAt) }, 'turn finished');
    } catch (error) {
      options.log.error({ ...ids, err: error }, 'turn could not be committed; it is tried again at the next start');
    }
  }

  return {
    accept: async (activity) => {
      const row = toInboxRow(activity);
      if (await options.store.accept(row)) enqueue({ ...row, attempts: 0 });
    },
    recover: async () => {
      await purge();
      purging = setInterval(() => void purge(), PURGE_EVERY_MS).unref();
      for (const reply of await options.store.undelivered()) delivery.add(reply);
      for (const row of await options.store.takeUnanswered()) enqueue(row);
    },
    get backlog() {
      return lanes.size + delivery.backlog;
    },
    drain: (limitMs) => withinLimit(limitMs, async () => {
      clearInterval(purging);
      await lanes.idle();
      await delivery.idle();
    }),
  };
}

function toInboxRow(activity: Partial<Activity>): Omit<InboxRow, 'attempts'> {
  const id = activity.id ?? randomUUID(); // some events have none: they cannot be recognised when they come twice
  return {
    conversationKey: conversationKey(activity),
    activityId: isChangeOfMessage(activity) ? `${id}:${String(activity.type)}:${String(activity.timestamp)}` : id,
    sequence: nextSequence(),
    activity: JSON.stringify({ ...activity, id }),
  };
}

/** An edit or deletion carries the id of the message that it changes: it is news all the same. */
const isChangeOfMessage = ({ type }: Partial<Activity>): boolean => type === 'messageUpdate' || type === 'messageDelete';

/** The bot logic that only says that it did not work. */
function givingUp(options: RunnerOptions): RunnerOptions {
  return {
    ...options,
    bot: async () => {
      throw new Error('This activity was tried too often.');
    },
  };
}

async function withinLimit(limitMs: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work(), limit]);
  clearTimeout(timer);
}
