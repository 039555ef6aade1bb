import { randomUUID } from 'node:crypto';
import type { Activity } from 'botbuilder';
import { StateError } from '../../state/database';
import type { InboxRow } from '../../state/turns';
import { createDelivery, type Delivery } from './deliver';
import { conversationKey, nextSequence } from './keys';
import { Lanes } from './lanes';
import { runTurn, type Keep, type RunnerOptions } from './run';

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

export const createTurnEngine = (options: RunnerOptions): TurnEngine => new QueueingEngine(options);

type Kept = PromiseWithResolvers<undefined>;

class QueueingEngine implements TurnEngine {
  private readonly lanes = new Lanes();
  private readonly delivery: Delivery;
  /** Activities that are on their way to the disk, so that a copy waits for the first instead of running beside it. */
  private readonly arriving = new Map<string, Promise<void>>();
  private purging: NodeJS.Timeout | undefined;

  constructor(private readonly options: RunnerOptions) {
    this.delivery = createDelivery(options);
  }

  get backlog(): number {
    return this.lanes.size + this.delivery.backlog;
  }

  accept(activity: Partial<Activity>): Promise<void> {
    const row = { ...toInboxRow(activity), attempts: 0 };
    const id = `${row.conversationKey} ${row.activityId}`;
    const first = this.arriving.get(id);
    if (first) return first;
    const arrival = (this.lanes.isFree(row.conversationKey) ? this.answerAtOnce(row) : this.keep(row)).finally(() => this.arriving.delete(id));
    this.arriving.set(id, arrival);
    return arrival;
  }

  async recover(): Promise<void> {
    await this.purge();
    this.purging = setInterval(() => void this.purge(), PURGE_EVERY_MS).unref();
    for (const reply of await this.options.store.undelivered()) this.delivery.add(reply);
    for (const row of await this.options.store.takeUnanswered()) this.enqueue(row);
  }

  drain(limitMs: number): Promise<void> {
    clearInterval(this.purging);
    return withinLimit(limitMs, async () => {
      await this.lanes.idle();
      await this.delivery.idle();
    });
  }

  private enqueue(row: InboxRow): void {
    this.lanes.add(row.conversationKey, () => this.answer(row));
  }

  private async keep(row: InboxRow): Promise<void> {
    if (await this.options.store.accept(row)) this.enqueue(row);
  }

  /** Nobody is before it in its conversation: it is answered first, and kept together with its answer, or meanwhile if that takes long. */
  private answerAtOnce(row: InboxRow): Promise<void> {
    const kept: Kept = Promise.withResolvers();
    this.lanes.add(row.conversationKey, async () => {
      const isKnown = await this.options.store.knows(row).catch(kept.reject);
      if (isKnown === false) await this.answer(row, kept);
      kept.resolve(undefined);
    });
    return kept.promise;
  }

  private async answer(row: InboxRow, kept?: Kept): Promise<void> {
    const { options } = this;
    const startedAt = performance.now();
    const ids = { conversationKey: row.conversationKey, activityId: row.activityId };
    try {
      const outbox = await runTurn(row, row.attempts > MAX_ATTEMPTS ? givingUp(options) : options, kept && this.keepOnce(row, kept));
      kept?.resolve(undefined);
      for (const reply of outbox) this.delivery.add(reply);
      options.log.info({ ...ids, replies: outbox.length, durationMs: Math.round(performance.now() - startedAt) }, 'turn finished');
    } catch (error) {
      if (error instanceof StateError && error.code === 'duplicate') return;
      kept?.reject(error); // of no effect once it was kept
      options.log.error({ ...ids, err: error }, 'turn could not be committed; what was accepted is tried again at the next start');
    }
  }

  private keepOnce(row: InboxRow, kept: Kept): Keep {
    let isKept = false;
    return async () => {
      isKept ||= await this.options.store.accept(row);
      if (isKept) kept.resolve(undefined);
      return isKept;
    };
  }

  private async purge(): Promise<void> {
    await this.options.store.purgeAnswered(nextSequence() - REMEMBER_IDS_MS * 1000).catch((error: unknown) => {
      this.options.log.error({ err: error }, 'old message ids could not be purged');
    });
  }
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
