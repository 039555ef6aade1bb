import type { Database } from '../../state/database';
import { BEGINNING, readMemory, type Memory, type Position } from '../../state/memory';
import { latestTexts, type LoggedText, type LogPart } from '../../state/messages';
import { recentThreads, type ShelfOwner } from '../../threads/shelf';
import type { Thread } from '../../threads/thread';

/** What an answer is made from. All throw StateError. */
export interface ConversationReads {
  /** The newest threads of the shelf, newest first. */
  readonly threads: (limit: number) => Promise<readonly Thread[]>;
  readonly memory: () => Promise<Memory>;
  /** The newest messages of a part of the log, newest first. */
  readonly texts: (part: LogPart) => Promise<readonly LoggedText[]>;
  /** Reads it all now, side by side: a store that is far away is waited for once. `maxLength`: characters of each message. */
  readonly ahead: (maxLength: number) => void;
}

/** As many as answers look at, and as are read at once. */
const THREADS_AHEAD = 8;
const TEXTS_AHEAD = 50;

interface Ahead {
  readonly threads: Promise<readonly Thread[]>;
  readonly memory: Promise<Memory>;
  readonly texts: Promise<readonly LoggedText[]>;
  readonly maxLength: number;
}

export function readsOf(owner: ShelfOwner, database: Database): ConversationReads {
  const { conversationKey } = owner;
  let early: Ahead | undefined;
  return {
    threads: async (limit) => (early && limit <= THREADS_AHEAD ? (await early.threads).slice(0, limit) : recentThreads(database, owner, limit)),
    memory: () => early?.memory ?? readMemory(database, conversationKey),
    texts: async (part) => (early && isWithin(part, early) ? textsAfter(part, await early.texts) : latestTexts(database, conversationKey, part)),
    ahead: (maxLength) => {
      early ??= {
        threads: recentThreads(database, owner, THREADS_AHEAD),
        memory: readMemory(database, conversationKey),
        texts: latestTexts(database, conversationKey, { after: BEGINNING, limit: TEXTS_AHEAD, maxLength }),
        maxLength,
      };
      for (const read of [early.threads, early.memory, early.texts]) read.catch(() => undefined); // whoever wants it hears of it
    },
  };
}

const isWithin = ({ before, limit, maxLength }: LogPart, early: Ahead): boolean => before === undefined && limit <= TEXTS_AHEAD && maxLength === early.maxLength;

const textsAfter = ({ after, limit }: LogPart, texts: readonly LoggedText[]): readonly LoggedText[] => texts.filter((text) => isAfter(text, after)).slice(0, limit);

/** In the order of the log. The store compares ids byte by byte, or as its collation has it: of two at one time none is left out. */
const isAfter = (one: Position, other: Position): boolean => one.at > other.at || (one.at === other.at && one.id !== other.id);
