import type { SendLimit } from '../channels';

/** Our clock and the service's do not tick alike. */
const MARGIN_MS = 100;
/** When everything that the limits allow is on the wire at once. */
const LOOK_AGAIN_MS = 50;
/** Longer than every limit but the one for an hour, which matters to conversations with hundreds of messages only. */
const IDLE_MS = 2 * 60_000;
const MANY_SENDS = 500;

/** When a conversation was sent to. */
export class ThreadLog {
  /** When requests ended: the service saw them before. Oldest first. */
  private readonly endedAtMs: number[] = [];
  private onTheWire = 0;
  private closedUntilMs = -Infinity;

  /** Enters one more request where the limits leave room: 0. Else how long to wait for room, in milliseconds. */
  begin(limits: readonly SendLimit[], nowMs: number): number {
    const waitMs = Math.max(0, this.closedUntilMs - nowMs, ...limits.map((limit) => this.waitForMs(limit, nowMs)));
    if (waitMs === 0) this.onTheWire += 1;
    return waitMs;
  }

  end(nowMs: number, limits: readonly SendLimit[]): void {
    this.onTheWire -= 1;
    this.endedAtMs.push(nowMs);
    const longestMs = Math.max(...limits.map(({ windowMs }) => windowMs));
    const kept = this.endedAtMs.findIndex((atMs) => atMs + longestMs + MARGIN_MS > nowMs);
    if (kept > 0) this.endedAtMs.splice(0, kept);
  }

  /** The service asked not to be called before. */
  closeUntil(atMs: number): void {
    this.closedUntilMs = Math.max(this.closedUntilMs, atMs);
  }

  /** Nobody waits here, and what is remembered no longer matters. */
  isForgettable(nowMs: number): boolean {
    const last = this.endedAtMs.at(-1) ?? nowMs;
    const idleMs = this.endedAtMs.length < MANY_SENDS ? IDLE_MS : 60 * 60_000;
    return this.onTheWire === 0 && last + idleMs < nowMs;
  }

  private waitForMs({ count, windowMs }: SendLimit, nowMs: number): number {
    const free = count - this.onTheWire;
    if (free <= 0) return LOOK_AGAIN_MS;
    const before = this.endedAtMs.at(-free);
    return before === undefined ? 0 : before + windowMs + MARGIN_MS - nowMs;
  }
}
