import type { LoggedMessage } from '../state/messages';
import type { Author, Thread, ThreadKind, ThreadMessage } from './thread';

/** Of which conversation they are, and how its messages are opened. */
export interface LogOptions {
  readonly id: string;
  readonly title: string;
  readonly kind: ThreadKind;
  /** Where a person can open a message; undefined where the channel has no links. */
  readonly linkTo: (messageId: string) => string | undefined;
}

/** What was said in a conversation, oldest first, as a thread. */
export function logThread(logged: readonly LoggedMessage[], options: LogOptions): Thread {
  const messages = logged.map((message) => toThreadMessage(message, options.linkTo));
  return { id: options.id, title: options.title, kind: options.kind, messages, participants: distinctAuthors(messages) };
}

function toThreadMessage(message: LoggedMessage, linkTo: LogOptions['linkTo']): ThreadMessage {
  return {
    id: message.id,
    author: { id: message.authorKey, name: message.authorName },
    createdAt: new Date(message.createdAt).toISOString(),
    text: message.text,
    url: linkTo(message.id),
    replyTo: message.replyTo,
  };
}

function distinctAuthors(messages: readonly ThreadMessage[]): readonly Author[] {
  return [...new Map(messages.map(({ author }) => [author.id, author])).values()];
}
