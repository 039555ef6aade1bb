import type { AIError, AIErrorCode } from './error';

/** The first pause of a deployment that fails without a word of when it will be back; doubled each time. */
const FIRST_PAUSE_MS = 500;
/** The longest: a deployment that is back is found within this time. */
const LONGEST_PAUSE_MS = 30_000;
/** Capacity comes back by the minute, and asking for it costs little. */
const LONGEST_PAUSE_FOR_CAPACITY_MS = 10_000;
/** Whatever a service asks for. */
const LONGEST_WISH_MS = 60_000;

/** A deployment is left alone from now on, and why; or may be asked again. */
export interface BreakerChange {
  readonly isOpen: boolean;
  readonly code?: AIErrorCode;
}

export interface BreakerOptions {
  /** Milliseconds that only grow. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly onChange?: (change: BreakerChange) => void;
}

/**
 * Leaves a deployment alone for a while once it has failed or asked for a pause. Then one request tries it; if that goes
 * well all may come again, else the pause is twice as long.
 */
export class Breaker {
  private failures = 0;
  private openUntil = 0;
  private isTrying = false;
  private lastFailure: AIError | undefined;

  private readonly now: () => number;
  private readonly random: () => number;
  private readonly onChange: BreakerOptions['onChange'];

  constructor({ now = () => performance.now(), random = Math.random, onChange }: BreakerOptions = {}) {
    this.now = now;
    this.random = random;
    this.onChange = onChange;
  }

  /** Why it was left alone; undefined while it may be asked by everybody. */
  get failure(): AIError | undefined {
    return this.lastFailure;
  }

  /** Milliseconds until it may be asked; Infinity while another request tries it. */
  waitMs(): number {
    if (!this.lastFailure) return 0;
    return this.isTrying ? Number.POSITIVE_INFINITY : Math.max(0, this.openUntil - this.now());
  }

  /** A request goes out. True: it is the one that tries. */
  begin(): boolean {
    this.isTrying = this.lastFailure !== undefined;
    return this.isTrying;
  }

  /** The deployment answers; `isTrial`: the request that tried it did. Others may have been sent before it failed. */
  answered(isTrial: boolean): void {
    if (!isTrial && this.openUntil > this.now()) return;
    if (this.lastFailure) this.onChange?.({ isOpen: false });
    this.failures = 0;
    this.lastFailure = undefined;
    this.isTrying = false;
  }

  /** What many requests run into at the same time counts once. */
  failed(failure: AIError, isTrial: boolean): void {
    if (isTrial) this.isTrying = false;
    if (!this.lastFailure) this.onChange?.({ isOpen: true, code: failure.code });
    if (isTrial || !this.lastFailure) this.failures += 1;
    this.lastFailure = failure;
    this.openUntil = Math.max(this.openUntil, this.now() + this.pauseMs(failure));
  }

  /** The trial came to nothing, by no fault of the deployment. */
  abandoned(): void {
    this.isTrying = false;
  }

  /** Up to a quarter less, at random, so that many processes do not come back together. */
  private pauseMs({ code, retryAfterMs }: AIError): number {
    if (retryAfterMs !== undefined) return Math.min(retryAfterMs, LONGEST_WISH_MS);
    const longestMs = code === 'rate-limited' ? LONGEST_PAUSE_FOR_CAPACITY_MS : LONGEST_PAUSE_MS;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), longestMs) * (1 - this.random() / 4);
  }
}
