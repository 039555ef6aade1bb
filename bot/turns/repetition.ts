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

const entryShape = z.object({ c: z.string(), m: z.array(z.string()), t: z.number(), u: z.literal(1).optional() });
type Entry = z.infer<typeof entryShape>;
const memoryShape = z.array(entryShape).catch([]); // made once: making it costs more than using it

/** Channels that post again under a new id do so within half a minute or so (botbuilder-dotnet #5005). */
const REMEMBER_MS = 90_000;
const MAX_REMEMBERED = 20;
/** A channel waits so long for an acknowledgement before it posts again. Whoever says the same sooner is a person. */
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
 * The memory with one more activity in it. undefined where it is in there already: the same words at the same moment;
 * or the same words as of an activity whose acknowledgement did not reach its channel, which then posts it again after a while.
 */
export function remember(recent: string, mark: Mark | undefined, now = Date.now()): string | undefined {
  const entries = read(recent).filter(({ t }) => now - t < REMEMBER_MS);
  if (!mark) return write(entries);
  const isKnown = (entry: Entry): boolean => isSameMoment(entry, mark) || (entry.u === 1 && now - entry.t >= CHANNEL_PATIENCE_MS);
  if (entries.some((entry) => entry.c === mark.content && isKnown(entry))) return undefined;
  return write([...entries, { c: mark.content, m: [...mark.moments], t: now }].slice(-MAX_REMEMBERED));
}

/** The memory with the note that nobody took the acknowledgement of this activity. */
export function withoutAcknowledgement(recent: string, mark: Mark): string {
  return write(read(recent).map((entry) => (entry.c === mark.content && isSameMoment(entry, mark) ? { ...entry, u: 1 as const } : entry)));
}

const isSameMoment = (entry: Entry, mark: Mark): boolean => mark.moments.some((moment) => entry.m.includes(moment));

const read = (recent: string): readonly Entry[] => (recent === '' ? [] : memoryShape.parse(parse(recent)));

const write = (entries: readonly Entry[]): string => (entries.length === 0 ? '' : JSON.stringify(entries));

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return []; // without memory a repetition is answered twice, which is better than no answer at all
  }
}

const hash = (parts: readonly unknown[]): string => digest('sha1', JSON.stringify(parts), 'base64url').slice(0, 12);
