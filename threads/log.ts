import type { LoggedMessage } from '../state/messages';
import type { Author, Thread, ThreadKind, ThreadMessage } from './thread';

/** Of which conversation they are, and how its messages are opened. */
export interface LogOptions {
  readonly id: string;
  readonly title: string;
  readonly kind: ThreadKind;
  /** Where a person can open a message; undefined where the channel has no links. */
  readonly linkTo: (messageId: string) => string | undefined;
  /** Messages between these that their authors deleted. */
  readonly deleted?: number;
  /** There are older ones. */
  readonly hasEarlier?: boolean;
}

/** What was said in a conversation, oldest first, as a thread. */
export function logThread(logged: readonly LoggedMessage[], { linkTo, deleted = 0, hasEarlier = false, ...rest }: LogOptions): Thread {
  const messages = logged.map((message) => toThreadMessage(message, linkTo));
  return {
    ...rest,
    messages,
    participants: distinctAuthors(messages),
    ...(deleted > 0 && { omitted: [{ reason: 'deleted', count: deleted }] }),
    ...(hasEarlier && { hasEarlier }),
  };
}

function toThreadMessage(message: LoggedMessage, linkTo: LogOptions['linkTo']): ThreadMessage {
  return {
    id: message.id,
    author: { id: message.authorKey, name: message.authorName },
    createdAt: new Date(message.createdAt).toISOString(),
    ...(message.editedAt != null && { editedAt: new Date(message.editedAt).toISOString() }),
    text: message.text,
    url: linkTo(message.id),
    replyTo: message.replyTo,
  };
}

/** Everybody who wrote, once, in the order of their first words. */
export function distinctAuthors(messages: readonly ThreadMessage[]): readonly Author[] {
  return [...new Map(messages.map(({ author }) => [author.id, author])).values()];
}
