import type { Logger } from 'pino';
import type { Database } from '../state/database';
import { retain, RETENTION_START, type RetentionPlace } from '../state/retention';

/** Conversations, web chats and people that one step looks at. */
const STEP = 50;
const STEP_EVERY_MS = 2_000;
const WALK_EVERY_MS = 6 * 60 * 60_000;
/** Notes on a conversation are taken anew after something was deleted from it: that happens so often in the time it is kept. */
const PARTS = 12;

/** Deletes what is older than the settings allow, a little at a time, behind the turns; any process on the store may do it. */
export class Retention {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private place: RetentionPlace = RETENTION_START;
  private removed = 0;
  private isEnding = false;

  constructor(private readonly database: Database, private readonly retentionMs: number, private readonly log: Logger) {}

  start(): void {
    this.next(STEP_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.isEnding = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private next(afterMs: number): void {
    if (this.isEnding) return;
    this.timer = setTimeout(() => void (this.working = this.step()), afterMs).unref();
  }

  private async step(): Promise<void> {
    try {
      const { removed, next } = await retain(this.database, this.place, oldestKept(this.retentionMs, Date.now()), STEP);
      this.removed += removed;
      if (!next) await this.finish();
      this.place = next ?? RETENTION_START;
      this.next(next ? STEP_EVERY_MS : WALK_EVERY_MS);
    } catch (error) {
      this.log.error({ err: error }, 'what is too old could not be deleted; it is tried again');
      this.next(WALK_EVERY_MS / 6);
    }
  }

  private async finish(): Promise<void> {
    if (this.removed > 0) {
      await this.database.scrub();
      this.log.info({ removed: this.removed }, 'what was too old is deleted');
    }
    this.removed = 0;
  }
}

/** Never before the time is over by more than a part of it, and never after it. 0 for Infinity: nothing is too old. */
export function oldestKept(retentionMs: number, nowMs: number): number {
  if (retentionMs === Infinity) return 0;
  const part = retentionMs / PARTS;
  return Math.ceil((nowMs - retentionMs) / part) * part;
}
