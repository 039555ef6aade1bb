import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboxRow } from '../../state/turns';
import { noteShownAnswer } from '../../state/answers';
import { inSpan } from '../telemetry/tracing';
import { createDelivery, type Delivery, type DeliveryResult, type ShownAnswer } from './deliver';
import { Lanes } from './lanes';
import type { Held } from './leases';
import type { RunnerOptions } from './run';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/** Committed replies on their way to the channels: in order for each conversation, and only while its lease is ours. */
export class Outgoing {
  private readonly lanes = new Lanes();
  /** Rows that are on their way: they may be found in the outbox once more meanwhile. */
  private readonly known = new Set<string>();
  /** The turn that a person stopped last, of each conversation that waits for more of it. */
  private readonly stopped = new Map<string, number>();
  private readonly delivery: Delivery;
  private readonly ending = new AbortController();

  constructor(private readonly options: RunnerOptions, private readonly leaseOf: (conversationKey: string) => Held | undefined) {
    this.delivery = createDelivery({ ...options, noteShown: (row, answer) => this.noteShown(row, answer) });
  }

  get size(): number {
    return this.lanes.size;
  }

  isFree(conversationKey: string): boolean {
    return this.lanes.isFree(conversationKey);
  }

  add(row: OutboxRow): void {
    const id = `${row.conversationKey} ${row.id}`;
    if (this.known.has(id)) return;
    this.known.add(id);
    this.lanes.add(row.conversationKey, async () => {
      const startedAt = performance.now();
      const outcome = this.stopped.get(row.conversationKey) === row.sequence ? 'stopped' : await this.send(row);
      if (outcome === 'stopped') this.stopped.set(row.conversationKey, row.sequence);
      this.options.metrics.sent({ outcome, durationMs: performance.now() - startedAt });
      if (outcome !== 'interrupted') await this.mark(row);
      this.known.delete(id);
    });
  }

  idle(): Promise<void> {
    return this.lanes.idle();
  }

  /** What has not left by now stays in the outbox. */
  stop(): void {
    this.ending.abort();
  }

  private send(row: OutboxRow): Promise<DeliveryResult> {
    return inSpan(this.options.tracing, 'send', async (note) => {
      const outcome = await this.bring(row);
      note({ 'parley.outcome': outcome });
      return outcome;
    });
  }

  /** `interrupted`: the row stays in the outbox, for whoever takes the conversation next; until then none is brought that comes after it. */
  private async bring(row: OutboxRow): Promise<DeliveryResult> {
    for (let held = this.leaseOf(row.conversationKey); held?.isSure && !this.ending.signal.aborted; held = this.leaseOf(row.conversationKey)) {
      const outcome = await this.delivery.deliver(row, AbortSignal.any([held.signal, this.ending.signal]));
      if (outcome !== 'interrupted') return outcome;
    }
    const held = this.leaseOf(row.conversationKey);
    if (held) held.isStale = true;
    return 'interrupted';
  }

  /** Without it a rating is counted all the same, though nobody knows of what. */
  private async noteShown({ conversationKey, id }: OutboxRow, { activityId, messageId }: ShownAnswer): Promise<void> {
    const { database, log } = this.options;
    await database.write(conversationKey, [noteShownAnswer(conversationKey, activityId, messageId)], 'relaxed').catch((error: unknown) => {
      log.warn({ outboxId: id, err: error }, 'the id of a shown answer could not be noted');
    });
  }

  /** Until it succeeds: a row that was delivered and is still in the outbox would be delivered again. */
  private async mark(row: OutboxRow): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !this.ending.signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await this.options.store.delivered(row);
        return;
      } catch (error) {
        this.options.log.error({ outboxId: row.id, err: error }, 'a delivered reply could not be taken from the outbox yet');
        await sleep(pauseMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
      }
    }
  }
}
