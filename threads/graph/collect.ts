import { soundValue } from '../../state/soundText';
import { distinctAuthors } from '../log';
import type { Author, ThreadMessage, ThreadOmission, ThreadOmissionReason } from '../thread';
import { chatMessageShape, toThreadMessage, type MessageContext } from './chatMessage';

/** What was read of a chat or channel, in order of time. */
export interface Collected {
  readonly messages: readonly ThreadMessage[];
  readonly participants: readonly Author[];
  readonly omitted: readonly ThreadOmission[];
  readonly hasEarlier: boolean;
}

/** ISO 8601. */
export interface Window {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Takes messages as Graph gives them, each once, and tells of those that say nothing. */
export class Collection {
  private readonly found = new Map<string, ThreadMessage>();
  private readonly left = new Map<string, ThreadOmissionReason>();
  private readonly since: number;
  private readonly until: number;
  private unreadable = 0;
  /** The reading was ended before the beginning. */
  hasEarlier = false;

  constructor(private readonly context: MessageContext, { since, until }: Window = {}) {
    this.since = since === undefined ? -Infinity : Date.parse(since);
    this.until = until === undefined ? Infinity : Date.parse(until);
  }

  get size(): number {
    return this.found.size;
  }

  /** Gives when it was said, in milliseconds since 1970; undefined where that cannot be read. */
  add(item: unknown): number | undefined {
    const { data: message } = chatMessageShape.safeParse(item);
    if (!message) {
      this.unreadable += 1;
      return undefined;
    }
    const at = Date.parse(message.createdDateTime);
    if (at >= this.since && at < this.until) this.keep(message.id, toThreadMessage(message, this.context));
    return at;
  }

  /** True where a message of that time, and all before it, is not asked for. */
  isBefore(at: number | undefined): boolean {
    return at !== undefined && at < this.since;
  }

  /** `newest`: this many of them at most. */
  result(newest = Infinity): Collected {
    const all = [...this.found.values()].toSorted(byTime);
    const messages = all.slice(Math.max(0, all.length - newest));
    return {
      messages: messages.map((message) => withKnownReply(message, this.found)),
      participants: distinctAuthors(messages),
      omitted: this.omissions(),
      hasEarlier: this.hasEarlier || messages.length < all.length,
    };
  }

  private keep(id: string, said: ThreadMessage | ThreadOmissionReason): void {
    if (typeof said === 'string') this.left.set(id, said);
    else this.found.set(id, soundValue(said)); // after decoding: an entity can name any character
  }

  private omissions(): readonly ThreadOmission[] {
    const counts = new Map<ThreadOmissionReason, number>();
    for (const reason of this.left.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    if (this.unreadable > 0) counts.set('unreadable', this.unreadable);
    return [...counts].map(([reason, count]) => ({ reason, count }));
  }
}

const byTime = (one: ThreadMessage, other: ThreadMessage): number => {
  const order = Date.parse(one.createdAt ?? '') - Date.parse(other.createdAt ?? '');
  return order === 0 ? (one.id < other.id ? -1 : 1) : order;
};

/** A reply to what was deleted, or lies outside, is a reply to nothing that can be shown. */
function withKnownReply({ replyTo, ...message }: ThreadMessage, known: ReadonlyMap<string, unknown>): ThreadMessage {
  return replyTo !== undefined && known.has(replyTo) ? { ...message, replyTo } : message;
}
