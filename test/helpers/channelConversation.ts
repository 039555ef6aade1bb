import { isRecord, listOf, refuse, textOf, type WireActivity } from './channelRules';
import type { ServerAnswer } from './httpServer';

export type ConversationType = 'personal' | 'groupChat' | 'channel';

/** A message as a person sees it now. */
export type ShownActivity = WireActivity & { readonly id: string };

interface Stream {
  readonly id: string;
  readonly startedAtMs: number;
  sequence: number;
  lastChunkAtMs: number;
  /** Text of chunks of type "streaming"; informative text may be replaced. */
  text: string;
}

export interface ConversationOptions {
  readonly type: ConversationType;
  readonly nextId: () => string;
  readonly now: () => number;
  /** Chunks that come sooner after the one before are answered with 429; 0: any pace is taken. */
  readonly minChunkIntervalMs: number;
}

const MAX_STREAM_MS = 120_000;
const MAX_INFORMATIVE_LENGTH = 1_000;
const notAllowed = (message: string): ServerAnswer => refuse(403, 'ContentStreamNotAllowed', message);

/**
 * One conversation as Teams keeps it: messages, updates, deletes and streams.
 * Streaming rules: https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
 */
export class ChannelConversation {
  private readonly messages = new Map<string, WireActivity>();
  private readonly completed = new Set<string>();
  private stream: Stream | undefined;
  private isStopped = false;

  constructor(private readonly options: ConversationOptions) {}

  shown(): readonly ShownActivity[] {
    return [...this.messages].map(([id, activity]) => ({ ...activity, id }));
  }

  post(activity: WireActivity): ServerAnswer {
    const info = streamInfoOf(activity);
    if (info) return this.postChunk(activity, info);
    const id = this.options.nextId();
    if (activity.type === 'message') this.messages.set(id, activity);
    return { status: 201, body: { id } };
  }

  put(id: string, activity: WireActivity): ServerAnswer {
    if (!this.messages.has(id)) return refuse(404, 'ActivityNotFoundInConversation', 'Activity not found.');
    if (streamInfoOf(activity)) return refuse(400, 'BadRequest', 'An update cannot stream');
    this.messages.set(id, activity);
    if (this.stream?.id === id) this.completeStream();
    return { status: 200, body: { id } };
  }

  delete(id: string): ServerAnswer {
    const isKnown = this.messages.delete(id);
    if (this.stream?.id === id) this.stream = undefined;
    return isKnown ? { status: 200 } : refuse(404, 'ActivityNotFoundInConversation', 'Activity not found.');
  }

  /** The person presses Stop: later chunks are refused. */
  stopStream(): void {
    if (!this.stream) throw new Error('No stream is running in this conversation.');
    this.completeStream();
    this.isStopped = true;
  }

  private postChunk(activity: WireActivity, info: WireActivity): ServerAnswer {
    if (this.options.type !== 'personal') return notAllowed('Content stream is not allowed');
    return shapeProblem(activity, info) ?? (info.streamId === undefined ? this.startStream(activity, info) : this.continueStream(activity, info));
  }

  private startStream(activity: WireActivity, info: WireActivity): ServerAnswer {
    if (this.isOverTime()) this.completeStream();
    if (info.streamType === 'final') return refuse(400, 'BadRequest', 'A final chunk needs a streamId');
    if (info.streamSequence !== 1) return refuse(400, 'BadRequest', 'A stream starts with streamSequence 1');
    if (this.stream) return notAllowed('Content stream is not allowed'); // one at a time in a chat
    const id = this.options.nextId();
    const now = this.options.now();
    this.isStopped = false;
    this.stream = { id, startedAtMs: now, lastChunkAtMs: now, sequence: 1, text: streamedText(activity, info) };
    this.messages.set(id, activity);
    return { status: 201, body: { id } };
  }

  private continueStream(activity: WireActivity, info: WireActivity): ServerAnswer {
    const { stream } = this;
    if (this.isStopped) return notAllowed('Content stream was canceled by user.');
    if (typeof info.streamId === 'string' && this.completed.has(info.streamId)) return notAllowed('Content stream is not allowed on an already completed streamed message');
    if (stream?.id !== info.streamId || !stream) return refuse(404, 'ActivityNotFoundInConversation', 'No such stream.');
    if (this.isOverTime()) return notAllowed('Content stream finished due to exceeded streaming time.');
    if (this.options.now() - stream.lastChunkAtMs < this.options.minChunkIntervalMs) return refuse(429, 'TooManyRequests', 'API calls quota exceeded');
    if (!isNext(info, stream)) return refuse(202, 'ContentStreamSequenceOrderPreConditionFailed', 'PreCondition failed exception when processing streaming activity.');
    if (info.streamType !== 'informative' && !textOf(activity.text).startsWith(stream.text)) {
      return notAllowed('Request streamed content should contain the previously streamed content');
    }
    return this.takeChunk(stream, activity, info);
  }

  private takeChunk(stream: Stream, activity: WireActivity, info: WireActivity): ServerAnswer {
    this.messages.set(stream.id, activity);
    if (info.streamType === 'final') {
      this.completeStream();
      return { status: 202, body: {} };
    }
    stream.sequence = Number(info.streamSequence);
    stream.lastChunkAtMs = this.options.now();
    stream.text = streamedText(activity, info) || stream.text;
    return { status: 202, body: {} };
  }

  private isOverTime(): boolean {
    return this.stream !== undefined && this.options.now() - this.stream.startedAtMs > MAX_STREAM_MS;
  }

  private completeStream(): void {
    if (this.stream) this.completed.add(this.stream.id);
    this.stream = undefined;
  }
}

/** Undefined where it is no part of a stream. */
export const streamInfoOf = ({ entities }: WireActivity): WireActivity | undefined => listOf(entities).find(({ type }) => type === 'streaminfo');

const streamedText = (activity: WireActivity, info: WireActivity): string => (info.streamType === 'streaming' ? textOf(activity.text) : '');

/** Strictly: whether Teams takes a number that leaves some out is not documented. */
const isNext = (info: WireActivity, stream: Stream): boolean => info.streamType === 'final' || info.streamSequence === stream.sequence + 1;

function shapeProblem(activity: WireActivity, info: WireActivity): ServerAnswer | undefined {
  const problem = info.streamType === 'final' ? finalProblem(activity, info) : chunkProblem(activity, info);
  return problem === undefined ? undefined : refuse(400, 'BadRequest', problem);
}

function finalProblem(activity: WireActivity, info: WireActivity): string | undefined {
  if (activity.type !== 'message') return 'A final chunk is a message';
  return info.streamSequence === undefined ? undefined : 'A final chunk has no streamSequence';
}

function chunkProblem(activity: WireActivity, info: WireActivity): string | undefined {
  if (info.streamType !== 'informative' && info.streamType !== 'streaming') return 'Unknown streamType';
  if (activity.type !== 'typing') return 'A chunk is a typing activity';
  if (!Number.isInteger(info.streamSequence)) return 'A chunk needs a streamSequence';
  if (typeof activity.text !== 'string' || activity.text === '') return 'Start streaming activities should include text';
  if (info.streamType === 'informative' && activity.text.length > MAX_INFORMATIVE_LENGTH) return 'Informative text is too long';
  const isFinalOnly = listOf(activity.attachments).length > 0 || hasLabels(activity);
  return isFinalOnly ? 'Attachments, labels and feedback come with the final chunk only' : undefined;
}

/** Citations may stream; the AI label, the sensitivity label and feedback may not. */
function hasLabels({ entities, channelData }: WireActivity): boolean {
  const isLabelled = listOf(entities).some((entity) => entity.additionalType !== undefined || entity.usageInfo !== undefined);
  return isLabelled || (isRecord(channelData) && (channelData.feedbackLoop !== undefined || channelData.feedbackLoopEnabled !== undefined));
}
