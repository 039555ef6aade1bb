import type { MeetingSpan } from '../../dialogs/meetings';
import type { Occurrence, Presence } from '../../state/meetings';

/** Who leaves last ends a meeting, and may come back: what begins again so soon goes on. */
const GOES_ON_MS = 30 * 60_000;
/** An end that Teams did not tell: what begins so late is another meeting. */
const LONGEST_MS = 12 * 60 * 60_000;

/** What there is once a meeting begins; undefined where that was known. `newest`: of this series so far. */
export function afterStart(newest: Occurrence | undefined, at: number): Occurrence | undefined {
  if (!newest) return { startedAt: at, endedAt: undefined, isOffered: false };
  if (at <= newest.startedAt) return undefined; // told twice, or late
  if (newest.endedAt === undefined) return at - newest.startedAt < LONGEST_MS ? undefined : { startedAt: at, endedAt: undefined, isOffered: false };
  if (at < newest.endedAt) return undefined;
  return at - newest.endedAt < GOES_ON_MS ? { ...newest, endedAt: undefined } : { startedAt: at, endedAt: undefined, isOffered: false };
}

/** What there is once a meeting ends; undefined where that was known. */
export function afterEnd(newest: Occurrence | undefined, at: number): Occurrence | undefined {
  const unseen = { startedAt: at, endedAt: at, isOffered: false }; // its beginning was not told
  if (!newest) return unseen;
  if (at < newest.startedAt) return undefined;
  if (newest.endedAt === undefined) return at - newest.startedAt < LONGEST_MS ? { ...newest, endedAt: at } : unseen;
  if (at <= newest.endedAt) return undefined;
  return at - newest.endedAt < GOES_ON_MS ? { ...newest, endedAt: at } : unseen;
}

/** People are there before the meeting begins: the first who comes begins it. */
export const BEFORE_START_MS = 10 * 60_000;
/** Whoever is away for less misses nothing. */
const SHORTEST_MS = 60_000;

/** What somebody missed of an occurrence, by when he came and went (in that order). */
export function missedSpans({ startedAt, endedAt }: Occurrence, presence: readonly Presence[]): readonly MeetingSpan[] {
  const spans: MeetingSpan[] = [];
  let awaySince: number | undefined = startedAt;
  for (const { at, kind } of presence) {
    if (endedAt !== undefined && at > endedAt) break;
    if (kind === 'leave') awaySince ??= Math.max(at, startedAt);
    else if (awaySince !== undefined) {
      spans.push({ since: awaySince, until: at });
      awaySince = undefined;
    }
  }
  if (awaySince !== undefined) spans.push({ since: awaySince, until: endedAt });
  return spans.filter(({ since, until }) => until === undefined || until - since >= SHORTEST_MS);
}
