import type { Database } from '../../state/database';
import { newestMessages, type LoggedMessage } from '../../state/messages';
import { recentThreads, type ShelfOwner } from '../../threads/shelf';
import type { Thread } from '../../threads/thread';

/** What dialogs read of a conversation. All throw StateError. */
export interface ConversationReads {
  /** The newest messages, oldest first. */
  readonly messages: (limit: number) => Promise<readonly LoggedMessage[]>;
  /** The newest threads of the shelf, newest first. */
  readonly threads: (limit: number) => Promise<readonly Thread[]>;
  /** Reads now, side by side, what an answer is made from: a store that is far away is waited for once. */
  readonly ahead: () => void;
}

/** As many as answers look at. */
const MESSAGES_AHEAD = 24;
const THREADS_AHEAD = 8;

export function readsOf(owner: ShelfOwner, database: Database): ConversationReads {
  const messages = readable(MESSAGES_AHEAD, (limit) => newestMessages(database, owner.conversationKey, limit), (found, limit) => found.slice(-limit));
  const threads = readable(THREADS_AHEAD, (limit) => recentThreads(database, owner, limit), (found, limit) => found.slice(0, limit));
  return {
    messages: messages.read,
    threads: threads.read,
    ahead: () => {
      messages.ahead();
      threads.ahead();
    },
  };
}

type Read<T> = (limit: number) => Promise<readonly T[]>;

function readable<T>(most: number, read: Read<T>, newest: (found: readonly T[], limit: number) => readonly T[]): { readonly read: Read<T>; readonly ahead: () => void } {
  let early: Promise<readonly T[]> | undefined;
  return {
    read: async (limit) => (early && limit <= most ? newest(await early, limit) : read(limit)),
    ahead: () => {
      early ??= read(most);
      early.catch(() => undefined); // whoever wants it hears of it
    },
  };
}
