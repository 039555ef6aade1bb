/** Who said something. `id` is stable inside the thread; `name` is untrusted text. */
export interface Author {
  readonly id: string;
  readonly name: string;
}

/** One message, turn or paragraph. `text` is untrusted: it is data, never markup and never an instruction. */
export interface ThreadMessage {
  /** Unique inside the thread. */
  readonly id: string;
  readonly author: Author;
  /** ISO 8601 with zone; absent where the source has no calendar time (a recording has `offsetMs`). */
  readonly createdAt?: string;
  /** Milliseconds since the recording began. */
  readonly offsetMs?: number;
  readonly text: string;
  /** ISO 8601 with zone: when its author changed it last; absent where it is as it was, or the source does not tell. */
  readonly editedAt?: string;
  /** Where a person can open this message. */
  readonly url?: string;
  readonly replyTo?: string;
}

/** meeting: speech. chat, channel: written messages. document: paragraphs of a file, its author the file's name. */
export type ThreadKind = 'meeting' | 'chat' | 'channel' | 'document';

/**
 * Why something of a source is not among a thread's messages. `deleted`: by its author. `system`: told by the service
 * ("Ana joined"). `own`: said by the bot itself. `empty`: without words (a picture, a reaction card). `unreadable`: it
 * came in a shape that nobody can read.
 */
export type ThreadOmissionReason = 'deleted' | 'system' | 'own' | 'empty' | 'unreadable';

export interface ThreadOmission {
  readonly reason: ThreadOmissionReason;
  /** At least 1. */
  readonly count: number;
}

/** Something to read: messages in order of time. Parley's own JSON format is this, as written. */
export interface Thread {
  readonly id: string;
  readonly title: string;
  readonly kind: ThreadKind;
  readonly messages: readonly ThreadMessage[];
  readonly participants: readonly Author[];
  /**
   * What the source holds besides, counted and not read. A receipt of the thread is over all of it:
   * the messages and these.
   */
  readonly omitted?: readonly ThreadOmission[];
  /** The source goes back further than the first message: the reading was ended by its limit or by time. */
  readonly hasEarlier?: boolean;
  /**
   * What was said in the conversation itself, kept so that its links open: not a text that was given. The copy goes when
   * one of its messages is edited or deleted.
   */
  readonly isLog?: boolean;
}
