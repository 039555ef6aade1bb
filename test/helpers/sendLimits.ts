import { refuse } from './channelRules';
import type { ServerAnswer } from './httpServer';

/** At most `count` messages to one conversation within any `windowMs`. */
export interface SendLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** Teams, per bot and thread: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
export const teamsLimits: readonly SendLimit[] = [
  { count: 7, windowMs: 1_000 },
  { count: 8, windowMs: 2_000 },
  { count: 60, windowMs: 30_000 },
  { count: 1_800, windowMs: 3_600_000 },
];

/** Counts what comes to each conversation, what it refuses included, and refuses what is over the limits with 429. */
export class SendLimiter {
  private readonly sentAtMs = new Map<string, number[]>();
  private readonly refusals = new Map<string, number>();

  constructor(private readonly limits: readonly SendLimit[], private readonly now: () => number) {}

  refused(conversationId: string): number {
    return this.refusals.get(conversationId) ?? 0;
  }

  /** The refusal; undefined: there is room. */
  refuse(conversationId: string): ServerAnswer | undefined {
    const times = this.sentAtMs.get(conversationId) ?? [];
    this.sentAtMs.set(conversationId, times);
    times.push(this.now());
    const isOver = this.limits.some(({ count, windowMs }) => {
      const first = times.at(-count - 1);
      return first !== undefined && this.now() - first < windowMs;
    });
    if (isOver) this.refusals.set(conversationId, this.refused(conversationId) + 1);
    return isOver ? refuse(429, 'TooManyRequests', 'API calls quota exceeded') : undefined;
  }
}
