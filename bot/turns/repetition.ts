import { hash as digest } from 'node:crypto';
import type { Activity } from 'botbuilder';
import { z } from 'zod';

/** By what an activity is known when it comes a second time under another id. */
export interface Mark {
  /** Of who says what: the same for a person who repeats himself. */
  readonly content: string;
  /** Of the moment and the device it was said with: another one each time a person says it. */
  readonly moments: readonly string[];
}

/** A line of the memory: when (base 36), whether the acknowledgement was lost, the content, its moments. It is read with every turn: as JSON it cost more than the dialogs. */
type Entry = readonly [time: string, state: string, content: string, ...moments: string[]];
const ACKNOWLEDGED = '-';
const UNACKNOWLEDGED = 'u';

/** Channels that post again under a new id do so within half a minute or so (botbuilder-dotnet #5005). */
const REMEMBER_MS = 90_000;
const MAX_REMEMBERED = 20;
/** From its post on, a channel waits so long for an acknowledgement before it posts again. Whoever says the same sooner is a person. */
const CHANNEL_PATIENCE_MS = 10_000;

/** undefined for activities that are not somebody's words, buttons or events: they do no harm twice. */
export function markOf(activity: Partial<Activity>): Mark | undefined {
  if (activity.type !== 'message' && activity.type !== 'event') return undefined;
  const { from, type, name, text, attachments = [] } = activity;
  const value: unknown = activity.value;
  const files = attachments.map((attachment) => [attachment.name, attachment.contentUrl, attachment.contentType]);
  return { content: hash([from?.id, type, name, text, value, files]), moments: momentsOf(activity).map((moment) => hash(moment)) };
}

const clientIdShape = z.object({ clientActivityID: z.string().min(1) });

/**
 * Direct Line clients name each activity of theirs, and post it again under that name (DirectLineJS #105); Teams says
 * when a message was sent, to the millisecond, by its own clock and by the person's.
 */
function momentsOf({ channelId, channelData, timestamp, localTimestamp }: Partial<Activity>): readonly unknown[][] {
  const clientId = clientIdShape.safeParse(channelData).data?.clientActivityID;
  if (clientId !== undefined) return [['client', clientId]];
  if (channelId === 'directline') return []; // its times are those of the post, and each post is one
  return [['sent', timestamp], ['local', localTimestamp]].filter(([, value]) => value !== undefined);
}

/**
 * The memory with one more activity in it, which was posted at `atMs`. undefined where it is in there already: the same words at the same moment;
 * or the same words as of an activity whose acknowledgement did not reach its channel, which then posts it again after a while.
 */
export function remember(recent: string, mark: Mark | undefined, atMs: number): string | undefined {
  const lines = linesOf(recent).filter((line) => atMs - timeOf(line) < REMEMBER_MS);
  if (!mark) return lines.join('\n');
  if (lines.some((line) => line.includes(mark.content) && isKnown(entryOf(line), mark, atMs))) return undefined;
  const entry: Entry = [atMs.toString(36), ACKNOWLEDGED, mark.content, ...mark.moments];
  return [...lines, entry.join(' ')].slice(-MAX_REMEMBERED).join('\n');
}

/** Posts that are no further apart are taken for copies that were sent at once: none of them waited for the other's acknowledgement. */
export const AT_ONCE_MS = 1_000;

/** The memory with the note that nobody took the acknowledgement of this activity's post at `postedAtMs`. A later post of it stands for itself. */
export function withoutAcknowledgement(recent: string, mark: Mark, postedAtMs: number): string {
  return linesOf(recent).map((line) => {
    const [time, , ...rest] = entryOf(line);
    const isLast = timeOf(line) - postedAtMs < AT_ONCE_MS;
    return isLast && isSameMoment(entryOf(line), mark) ? [time, UNACKNOWLEDGED, ...rest].join(' ') : line;
  }).join('\n');
}

/**
 * The memory after the channel has posted this activity again, at `atMs`: what it waited for is on its way, and whoever says
 * the same once more is a person. It is known by the moments of both posts; that the first one's acknowledgement was lost
 * may become known only after the second.
 */
export function withRedelivery(recent: string, mark: Mark, atMs: number): string {
  return linesOf(recent).map((line) => {
    const [, state, content, ...moments] = entryOf(line);
    const isAgain = state === UNACKNOWLEDGED ? content === mark.content : isSameMoment(entryOf(line), mark) && atMs - timeOf(line) >= AT_ONCE_MS;
    return isAgain ? [atMs.toString(36), ACKNOWLEDGED, content, ...new Set([...moments, ...mark.moments])].join(' ') : line;
  }).join('\n');
}

const linesOf = (recent: string): readonly string[] => (recent === '' ? [] : recent.split('\n'));

/** NaN for what is no line of ours: without memory a repetition is answered twice, which is better than no answer at all. */
const timeOf = (line: string): number => parseInt(line, 36);

function entryOf(line: string): Entry {
  const [time = '', state = '', content = '', ...moments] = line.split(' ');
  return [time, state, content, ...moments];
}

const isKnown = (entry: Entry, mark: Mark, atMs: number): boolean =>
  isSameMoment(entry, mark) || (entry[2] === mark.content && entry[1] === UNACKNOWLEDGED && atMs - timeOf(entry[0]) >= CHANNEL_PATIENCE_MS);

const isSameMoment = ([, , content, ...moments]: Entry, mark: Mark): boolean =>
  content === mark.content && mark.moments.some((moment) => moments.includes(moment));

const hash = (parts: readonly unknown[]): string => digest('sha1', JSON.stringify(parts), 'base64url').slice(0, 12);
