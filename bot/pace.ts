/** What everybody gets, however slow. */
const GRACE_MS = 10_000;
/** 16 KB/s: a poor mobile connection. Whoever is slower over the whole body holds a connection on purpose. */
const MIN_BYTES_PER_MS = 16;

/** Watches that a body comes in at a bearable speed. */
export class Pace {
  private readonly startedAt = performance.now();
  private received = 0;
  private timer: NodeJS.Timeout | undefined;

  note(bytes: number): void {
    this.received += bytes;
  }

  start(tooSlow: () => void): void {
    const leftMs = GRACE_MS + this.received / MIN_BYTES_PER_MS - (performance.now() - this.startedAt);
    if (leftMs > 0) this.timer = setTimeout(() => this.start(tooSlow), leftMs);
    else tooSlow();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
