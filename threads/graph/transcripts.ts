import { z } from 'zod';
import { soundValue } from '../../state/soundText';
import { parseCaptions } from '../captions';
import { FileError, SourceError } from '../error';
import type { ThreadMessage } from '../thread';
import type { Graph, GraphRequest } from './client';
import type { MeetingId } from './meeting';
import { meetingLane } from './pace';

/** One run of a meeting. People may stop and start the transcription: then it has several transcripts. */
export interface Occurrence {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** In order of time; never empty. */
  readonly transcripts: readonly Transcript[];
}

export interface Transcript {
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

const transcriptShape = z.object({ id: z.string().min(1), callId: z.string().nullish(), createdDateTime: z.iso.datetime({ offset: true }), endDateTime: z.string().nullish() });

/**
 * What was transcribed of a meeting, newest first: one entry for each time that a recurring meeting took place. Throws
 * SourceError: `no-transcript` where there is none, `meeting-expired` where they are not given out any more.
 * https://learn.microsoft.com/graph/api/onlinemeeting-list-transcripts
 */
export async function listOccurrences(graph: Graph, meeting: MeetingId, permission: string, signal: AbortSignal): Promise<readonly Occurrence[]> {
  const found: z.infer<typeof transcriptShape>[] = [];
  try {
    for await (const page of graph.pages(toGraphRequest(meeting, '', permission), signal)) {
      found.push(...page.map((item) => transcriptShape.safeParse(item).data).filter((item) => item !== undefined));
    }
  } catch (error) {
    throw error instanceof SourceError && error.code === 'not-found' ? new SourceError('meeting-expired', error.message, { cause: error }) : error;
  }
  if (found.length === 0) throw new SourceError('no-transcript', 'The meeting was not transcribed.');
  return groupByCall(found);
}

function groupByCall(found: readonly z.infer<typeof transcriptShape>[]): readonly Occurrence[] {
  const calls = new Map<string, Transcript[]>();
  for (const { id, callId, createdDateTime, endDateTime } of found) {
    const startedAt = Date.parse(createdDateTime);
    const endedAt = Date.parse(endDateTime ?? '');
    const key = callId ?? id;
    calls.set(key, [...(calls.get(key) ?? []), { id, startedAt, endedAt: Number.isNaN(endedAt) ? startedAt : Math.max(startedAt, endedAt) }]);
  }
  return [...calls].map(([id, transcripts]) => toOccurrence(id, transcripts)).toSorted((one, other) => other.startedAt - one.startedAt);
}

function toOccurrence(id: string, given: readonly Transcript[]): Occurrence {
  const transcripts = given.toSorted((one, other) => one.startedAt - other.startedAt);
  return { id, startedAt: Math.min(...transcripts.map(({ startedAt }) => startedAt)), endedAt: Math.max(...transcripts.map(({ endedAt }) => endedAt)), transcripts };
}

/** The one that ran at a time, else the last before it, else the first; without a time the newest. `occurrences`: newest first. */
export function chooseOccurrence(occurrences: readonly Occurrence[], at: number | undefined): Occurrence | undefined {
  if (at === undefined) return occurrences[0];
  return occurrences.find(({ startedAt }) => startedAt <= at) ?? occurrences.at(-1);
}

/** What was said, each with the time of day; `speakersHidden`: nobody is named. */
export interface Spoken {
  readonly messages: readonly ThreadMessage[];
  readonly speakersHidden: boolean;
}

/**
 * The words of an occurrence. Where the organisation does not let speakers be named, they are asked for without names.
 * Throws SourceError: `transcripts-disabled`, `no-transcript` where nothing was said.
 * https://learn.microsoft.com/graph/api/calltranscript-get
 */
export async function readOccurrence(graph: Graph, meeting: MeetingId, occurrence: Occurrence, permission: string, signal: AbortSignal): Promise<Spoken> {
  const messages: ThreadMessage[] = [];
  let speakersHidden = false;
  for (const [index, transcript] of occurrence.transcripts.entries()) {
    const content = await readContent(graph, toGraphRequest(meeting, `/${encodeURIComponent(transcript.id)}/content`, permission), signal);
    speakersHidden ||= content.isAnonymous;
    messages.push(...(await toMessages(content, transcript, index + 1)));
  }
  if (messages.length === 0) throw new SourceError('no-transcript', 'Nothing was said in the transcript.');
  return { messages, speakersHidden };
}

interface Content {
  readonly text: string;
  readonly isAnonymous: boolean;
}

const WITH_SPEAKERS = 'text/vtt';
const WITHOUT_SPEAKERS = 'application/vnd.microsoft.graph.transcript+text';

async function readContent(graph: Graph, request: GraphRequest, signal: AbortSignal): Promise<Content> {
  try {
    return { text: await graph.text({ ...request, accept: WITH_SPEAKERS }, signal), isAnonymous: false };
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== 'speakers-hidden') throw error;
    return { text: await graph.text({ ...request, accept: WITHOUT_SPEAKERS }, signal), isAnonymous: true };
  }
}

/** Times in a transcript count from its own beginning. */
async function toMessages({ text, isAnonymous }: Content, { startedAt }: Transcript, number: number): Promise<readonly ThreadMessage[]> {
  const turns = joinTurns(await parse(text, isAnonymous), !isAnonymous);
  return turns.map(({ offsetMs = 0, ...message }, index) => ({ ...message, id: `t${number}-${index + 1}`, createdAt: new Date(startedAt + offsetMs).toISOString() }));
}

/** The form without speakers is described as "utterances with times": read as captions, with their heading or without. */
async function parse(text: string, isAnonymous: boolean): Promise<readonly ThreadMessage[]> {
  const captions = /^\uFEFF?WEBVTT/.test(text) ? text : `WEBVTT\n\n${text}`;
  try {
    return soundValue((await parseCaptions('transcript', captions, 'vtt', { isAnonymous })).messages);
  } catch (error) {
    if (error instanceof FileError && error.code === 'empty') return [];
    throw new SourceError('unavailable', 'The transcript cannot be read.', { cause: error });
  }
}

const MAX_TURN_LENGTH = 1_000; // characters
const MAX_PAUSE_MS = 20_000;

/** Captions cut a sentence wherever a line is full: what one person says without a pause is one message. */
function joinTurns(cues: readonly ThreadMessage[], areNamed: boolean): readonly ThreadMessage[] {
  const turns: ThreadMessage[] = [];
  let last: ThreadMessage | undefined;
  for (const cue of cues) {
    const turn = turns.at(-1);
    const isSame = areNamed && turn?.author.id === cue.author.id && turn.text.length + cue.text.length < MAX_TURN_LENGTH && (cue.offsetMs ?? 0) - (last?.offsetMs ?? 0) < MAX_PAUSE_MS;
    if (isSame) turns[turns.length - 1] = { ...turn, text: `${turn.text} ${cue.text}` };
    else turns.push(cue);
    last = cue;
  }
  return turns;
}

function toGraphRequest({ tenantId, organizerId, meetingId }: MeetingId, more: string, permission: string): GraphRequest {
  const path = `/users/${encodeURIComponent(organizerId)}/onlineMeetings/${encodeURIComponent(meetingId)}/transcripts${more}`;
  return { tenantId, path, lane: meetingLane(tenantId, organizerId), permission };
}
