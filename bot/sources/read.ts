import type { Activity } from 'botbuilder';
import type { Queries } from '../../state/database';
import { SourceError } from '../../threads/error';
import { chooseOccurrence, type Occurrence, type Spoken } from '../../threads/graph/transcripts';
import { mergeMeeting } from '../../threads/merge';
import { newThreadId } from '../../threads/shelf';
import type { Source, SourceReading, SourceRequest } from '../../threads/sources';
import type { Thread, ThreadMessage } from '../../threads/thread';
import { botKey } from '../turns/keys';
import { MAX_MESSAGES, readLog } from './readLog';
import type { TeamsMeeting, TeamsReader } from './teams';

export interface Asked {
  readonly activity: Activity;
  readonly database: Queries;
  /** Absent where Teams gives nothing. */
  readonly reader: TeamsReader | undefined;
  readonly request: SourceRequest;
  /** Of the turn, and of the time for reading. */
  readonly signal: AbortSignal;
  readonly onProgress: ((messages: number) => void) | undefined;
}

export const LOG: Source = { id: 'log', kind: 'log' };

export const writtenSource = ({ place }: TeamsReader): Source => (place.kind === 'chat' ? { id: 'chat', kind: 'chat' } : { id: 'thread', kind: 'channel' });

export const transcriptSource = ({ id, startedAt, endedAt }: Occurrence): Source =>
  ({ id: `transcript:${id}`, kind: 'transcript', startedAt: new Date(startedAt).toISOString(), endedAt: new Date(endedAt).toISOString() });

/** What was written here, as far as Teams gives it; else what the bot was told. Throws StateError. */
export async function readWritten(asked: Asked): Promise<SourceReading> {
  const { reader, request, signal, onProgress, activity } = asked;
  if (!reader) return readOwnLog(asked, []);
  try {
    const { problem, ...found } = await reader.written({ ...request, limit: request.limit ?? MAX_MESSAGES }, signal, onProgress);
    const thread: Thread = { ...found, id: newThreadId(), title: titleOf(activity), kind: reader.place.kind, isLog: true };
    return { thread, from: [writtenSource(reader)], problems: problem ? [problem] : [] };
  } catch (error) {
    return readOwnLog(asked, [await reader.explain(toProblem(error))]);
  }
}

async function readOwnLog({ activity, database, request, onProgress }: Asked, problems: readonly SourceError[]): Promise<SourceReading> {
  const thread = await readLog(database, activity, request);
  onProgress?.(thread.messages.length);
  return { thread: { ...thread, isLog: true }, from: [LOG], problems };
}

/** What was said in one occurrence, with what was written around it; what was written, where nothing can be heard. Throws StateError. */
export async function readMeeting(asked: Asked, reader: TeamsReader): Promise<SourceReading> {
  try {
    const meeting = await reader.meeting(asked.signal);
    const occurrence = occurrenceFor(meeting, asked.request);
    const spoken = await reader.spoken(meeting, occurrence, asked.signal);
    const window = windowOf(meeting, occurrence, asked.request);
    const written = withoutOwn(await readWritten({ ...asked, request: { ...asked.request, ...window } }), botKey(asked.activity));
    return together(asked, { meeting, occurrence, spoken }, written);
  } catch (error) {
    const problem = await reader.explain(toProblem(error));
    const written = await readWritten(asked);
    return { ...written, problems: [problem, ...written.problems] };
  }
}

/** The one that is named; else by its time; else the last of the time that is asked for. */
function occurrenceFor({ occurrences }: TeamsMeeting, { sourceId, at, since, until }: SourceRequest): Occurrence {
  const named = sourceId === undefined ? undefined : occurrences.find((each) => transcriptSource(each).id === sourceId);
  const moment = at ?? until;
  const occurrence = named ?? chooseOccurrence(occurrences, moment === undefined ? undefined : Date.parse(moment));
  const isOutside = occurrence !== undefined && (occurrence.endedAt < Date.parse(since ?? '') || occurrence.startedAt >= Date.parse(until ?? ''));
  if (!occurrence || isOutside) throw new SourceError('no-transcript', 'There is no transcript of that time.');
  return occurrence;
}

/** People write before a meeting begins and after it ends; the chat of a recurring one goes on to the next time. */
const BEFORE_MS = 15 * 60_000;
const AFTER_MS = 2 * 60 * 60_000;

function windowOf({ occurrences }: TeamsMeeting, { startedAt, endedAt }: Occurrence, { since, until }: SourceRequest): { readonly since: string; readonly until: string } {
  const next = Math.min(...occurrences.map((each) => each.startedAt).filter((start) => start > startedAt));
  const begin = Math.max(startedAt - BEFORE_MS, since === undefined ? -Infinity : Date.parse(since));
  const end = Math.min(Math.max(endedAt, startedAt) + AFTER_MS, next, until === undefined ? Infinity : Date.parse(until));
  return { since: new Date(begin).toISOString(), until: new Date(end).toISOString() };
}

/** Where the bot's own log stands in for the chat, its answers are in it: they are of what is read here already. */
function withoutOwn(reading: SourceReading, botAuthorId: string): SourceReading {
  const { messages, omitted = [] } = reading.thread;
  const kept = messages.filter(({ author }) => author.id !== botAuthorId);
  if (kept.length === messages.length) return reading;
  return { ...reading, thread: { ...reading.thread, messages: kept, omitted: [...omitted, { reason: 'own', count: messages.length - kept.length }] } };
}

interface Heard {
  readonly meeting: TeamsMeeting;
  readonly occurrence: Occurrence;
  readonly spoken: Spoken;
}

function together({ activity, request, onProgress }: Asked, { meeting, occurrence, spoken }: Heard, written: SourceReading): SourceReading {
  const said = spoken.messages.filter(isWithin(request));
  const merged = mergeMeeting(said, written.thread);
  const limit = request.limit ?? MAX_MESSAGES;
  const messages = merged.messages.slice(Math.max(0, merged.messages.length - limit));
  onProgress?.(messages.length);
  const isCut = messages.length < merged.messages.length;
  return {
    thread: { ...merged, ...(isCut && { hasEarlier: true }), messages, id: newThreadId(), title: meeting.title ?? titleOf(activity), kind: 'meeting', isLog: true },
    from: [transcriptSource(occurrence), ...(written.thread.messages.length > 0 ? written.from : [])],
    problems: [...(spoken.speakersHidden ? [new SourceError('speakers-hidden', 'The transcript names no speakers.')] : []), ...written.problems],
  };
}

function isWithin({ since, until }: SourceRequest): (message: ThreadMessage) => boolean {
  const [from, to] = [since === undefined ? -Infinity : Date.parse(since), until === undefined ? Infinity : Date.parse(until)];
  return ({ createdAt = '' }) => Date.parse(createdAt) >= from && Date.parse(createdAt) < to;
}

/** Chats without a name of their own have none. */
const titleOf = ({ conversation }: Partial<Activity>): string => conversation?.name ?? '';

/** Rethrows what is no matter of Teams: a fault of ours, or of the store. */
export function toProblem(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  throw error;
}
