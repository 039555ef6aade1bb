import { randomUUID } from 'node:crypto';
import type { Claimant, Head } from '../../state/turns';

/** Long enough for a slow store, short enough for the people of a process that died: others take over after it. */
export const LEASE_MS = 6_000;
const RENEW_BEFORE_MS = 4_000;
/** A conversation that goes on at once spares the store a lease. */
const REST_MS = 1_000;

/** A conversation that this process works on, and what it knows of it. */
export class Held {
  private readonly lost = new AbortController();
  /** Something went wrong with the store: the head may have changed. */
  isStale = false;
  /** The store was asked to take it back: what comes now begins anew, from what is known. */
  isGivenBack = false;
  /** The newest activity that is answered; below `head.lastSequence` there is more to do. */
  answered: number;
  /** The newest activity that is answered, runs or waits here for its turn, behind all before it: nobody need look for those. */
  queued: number;

  constructor(readonly conversationKey: string, public head: Head, private validUntil: number, answered: number) {
    this.answered = answered;
    this.queued = answered;
  }

  /** By this process's own clock, which goes on while it is stopped: after a long sleep others may hold the conversation. */
  get isValid(): boolean {
    return !this.lost.signal.aborted && !this.isGivenBack && performance.now() < this.validUntil;
  }

  /** Valid, and what is known of the head is true. */
  get isSure(): boolean {
    return this.isValid && !this.isStale;
  }

  /** The lease was not used for a second. */
  get isResting(): boolean {
    return performance.now() > this.validUntil - LEASE_MS + REST_MS;
  }

  get isAboutToEnd(): boolean {
    return performance.now() > this.validUntil - RENEW_BEFORE_MS;
  }

  /** Everything up to this activity is answered. */
  noteAnswered(sequence: number): void {
    this.answered = Math.max(this.answered, sequence);
    this.noteQueued(sequence);
  }

  /** This activity runs or waits here for its turn, and so does, or did, every one before it. */
  noteQueued(sequence: number): void {
    this.queued = Math.max(this.queued, sequence);
  }

  /** Aborts when another process has taken the conversation over. */
  get signal(): AbortSignal {
    return this.lost.signal;
  }

  update(head: Partial<Head>, validUntil: number): void {
    const lastSequence = Math.max(this.head.lastSequence, head.lastSequence ?? 0); // answers of the store may overtake each other
    this.head = { ...this.head, ...head, lastSequence };
    this.validUntil = Math.max(this.validUntil, validUntil);
  }

  lose(): void {
    this.lost.abort();
  }
}

/** A lease that begins now; `validUntil` on the clock of performance.now(). */
export interface Term {
  readonly claimant: Claimant;
  readonly validUntil: number;
}

/** The conversations that this process holds. */
export class Leases {
  /** The process id tells, on one machine, whether an owner is still alive. */
  readonly owner = `${process.pid}-${randomUUID()}`;
  private readonly held = new Map<string, Held>();

  term(): Term {
    return { claimant: { owner: this.owner, untilMs: Date.now() + LEASE_MS }, validUntil: performance.now() + LEASE_MS };
  }

  get(conversationKey: string): Held | undefined {
    return this.held.get(conversationKey);
  }

  all(): readonly Held[] {
    return [...this.held.values()];
  }

  /** Notes that the store has given us the lease, or prolonged it. */
  hold(conversationKey: string, head: Head, { validUntil }: Term, answered: number): Held {
    const known = this.held.get(conversationKey);
    if (known && known.head.fence === head.fence && !known.signal.aborted) {
      known.update(head, validUntil);
      known.isGivenBack = false;
      return known;
    }
    known?.lose();
    const held = new Held(conversationKey, head, validUntil, answered);
    this.held.set(conversationKey, held);
    return held;
  }

  /** Forgets a lease that is given back or lost; what still works under it is told. */
  drop(held: Held): void {
    held.lose();
    if (this.held.get(held.conversationKey) === held) this.held.delete(held.conversationKey);
  }
}

/** True where the process that made this owner's name is no more. Only on the machine that it ran on. */
export function isDeadOnThisMachine(owner: string): boolean {
  const pid = Number(/^(\d+)-/.exec(owner)?.[1] ?? 0);
  if (pid === process.pid) return true; // a container gives its only process the same id each time
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
