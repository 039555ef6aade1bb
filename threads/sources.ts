import type { Membership } from './audience';
import type { SourceError } from './error';
import type { Thread } from './thread';

/**
 * log: what the bot itself was told of the conversation. chat, channel: what was written there, read from Teams (of a
 * channel the thread that is asked in). transcript: what was said in one occurrence of a meeting.
 */
export type SourceKind = 'log' | 'chat' | 'channel' | 'transcript';

/** Something that can be read in a conversation. */
export interface Source {
  /** Names it within its conversation, in buttons too. */
  readonly id: string;
  readonly kind: SourceKind;
  /** ISO 8601: when the recording began and ended. Transcripts only. */
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** What can be read, and why some of it cannot. */
export interface SourceList {
  /** The fullest first, transcripts before what was written, newest first. Never empty: there is always the log. */
  readonly sources: readonly Source[];
  readonly problems: readonly SourceError[];
}

export interface SourceRequest {
  /**
   * conversation: what was written here. meeting: what was said in one occurrence of this meeting, with what was written
   * meanwhile; where there is no transcript, what was written.
   */
  readonly of: 'conversation' | 'meeting';
  /** Id of a transcript that `list` gave: that occurrence. */
  readonly sourceId?: string;
  /** ISO 8601: the occurrence that ran at this time, else the last before it. Without both: the newest, or the last of a time range. */
  readonly at?: string;
  /** ISO 8601: only messages from then on, and before then. A meeting that did not take place then has no transcript to read. */
  readonly since?: string;
  readonly until?: string;
  /** Messages that are read at most, the newest; without it as many as time allows. */
  readonly limit?: number;
}

/** What was read. Something always is: where Teams gives nothing, what the bot itself was told. */
export interface SourceReading {
  readonly thread: Thread;
  /** Of which it was put together. */
  readonly from: readonly Source[];
  /** What could not be read of what was asked for, or not whole, and why. */
  readonly problems: readonly SourceError[];
}

/** What can be read in the conversation of a turn. Throws StateError alone: whatever fails in Teams is told by `problems`. */
export interface Sources {
  list(signal: AbortSignal): Promise<SourceList>;
  /** `onProgress` is told how many messages were read so far. */
  read(request: SourceRequest, signal: AbortSignal, onProgress?: (messages: number) => void): Promise<SourceReading>;
  /** Who can read this conversation, or another one of the same channel and organisation; see canAllRead. */
  members(conversationId?: string): Promise<Membership>;
}
