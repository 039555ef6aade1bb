import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as tests replace it. */
export interface Clock {
  /** Resolves after `milliseconds`, or rejects when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export const realClock: Clock = {
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  now: () => performance.now(),
  random: Math.random,
};

/** Requests that Microsoft Graph counts together, such as those for one chat. */
export interface Lane {
  readonly key: string;
  /** Milliseconds between the beginnings of two requests. */
  readonly intervalMs: number;
}

/**
 * Teams in Microsoft Graph takes one request a second for a chat and four for a team, from each app and organisation
 * (https://learn.microsoft.com/graph/throttling-limits#microsoft-teams-service-limits).
 */
export const chatLane = (tenantId: string, chatId: string): Lane => ({ key: `${tenantId} chat ${chatId}`, intervalMs: 1_000 });
export const teamLane = (tenantId: string, teamId: string): Lane => ({ key: `${tenantId} team ${teamId}`, intervalMs: 250 });
/** Meetings have limits that a person's questions do not reach; the pace keeps a burst of them small. */
export const meetingLane = (tenantId: string, organizerId: string): Lane => ({ key: `${tenantId} meetings ${organizerId}`, intervalMs: 250 });

const MAX_LANES = 2_000;
const IDLE_MS = 60_000;

/** When each lane is free again. */
export class Pace {
  private readonly freeAtMs = new Map<string, number>();
  private readonly closedUntilMs = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Takes the lane's next place; gives how long to wait for it, in milliseconds. */
  enter({ key, intervalMs }: Lane): number {
    const now = this.clock.now();
    const at = Math.max(now, this.freeAtMs.get(key) ?? 0);
    if (this.freeAtMs.size >= MAX_LANES) this.sweep(now);
    this.freeAtMs.set(key, at + intervalMs);
    return at - now;
  }

  /** The service named a time before which it takes nothing. */
  close({ key }: Lane, forMs: number): void {
    const until = this.clock.now() + forMs;
    this.closedUntilMs.set(key, Math.max(until, this.closedUntilMs.get(key) ?? 0));
  }

  /** Milliseconds until the time that the service named; 0: it named none, or it is over. */
  closedFor({ key }: Lane): number {
    return Math.max(0, (this.closedUntilMs.get(key) ?? 0) - this.clock.now());
  }

  private sweep(now: number): void {
    for (const times of [this.freeAtMs, this.closedUntilMs]) for (const [key, at] of times) if (at + IDLE_MS < now) times.delete(key);
  }
}
