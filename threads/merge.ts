import { distinctAuthors } from './log';
import type { Author, Thread, ThreadMessage } from './thread';

/** What was said in a meeting and what was written beside it, as one thread in order of time; each message once. */
export function mergeMeeting(spoken: readonly ThreadMessage[], written: Pick<Thread, 'messages' | 'omitted' | 'hasEarlier'>): Pick<Thread, 'messages' | 'participants' | 'omitted' | 'hasEarlier'> {
  const known = peopleByName(written.messages.map(({ author }) => author));
  const named = spoken.map((message) => ({ ...message, author: known.get(nameKey(message.author.name)) ?? { id: `speaker:${nameKey(message.author.name)}`, name: message.author.name } }));
  const messages = mergeByTime([named, written.messages]);
  return {
    messages,
    participants: distinctAuthors(messages),
    ...(written.omitted && { omitted: written.omitted }),
    ...(written.hasEarlier && { hasEarlier: true }),
  };
}

/** One list in order of time; what happened at the same time, or has no time of its own, stays behind what came before it in its own list. */
export function mergeByTime(lists: readonly (readonly ThreadMessage[])[]): readonly ThreadMessage[] {
  const timed = lists.flatMap((list) => withTimes(list));
  const seen = new Set<string>();
  return timed.toSorted((one, other) => one.at - other.at).map(({ message }) => message).filter(({ id }) => seen.size !== seen.add(id).size);
}

/** The clock of one list never goes back, so that its order is kept whatever its times say. */
function withTimes(list: readonly ThreadMessage[]): readonly { readonly message: ThreadMessage; readonly at: number }[] {
  let at = -Infinity;
  return list.map((message) => {
    const own = Date.parse(message.createdAt ?? '');
    if (own > at) at = own;
    return { message, at };
  });
}

/** Who writes and who speaks is the same person where one person alone has that name. A transcript knows names, a chat knows ids. */
function peopleByName(authors: readonly Author[]): ReadonlyMap<string, Author> {
  const ids = new Map<string, Set<string>>();
  const people = new Map<string, Author>();
  for (const author of authors) {
    const key = nameKey(author.name);
    const same = ids.get(key) ?? new Set();
    ids.set(key, same.add(author.id));
    people.set(key, author);
  }
  return new Map([...people].filter(([key]) => key !== '' && ids.get(key)?.size === 1));
}

/** Transcripts and chats write the same name with other spaces, case and forms of letters. "(Guest)" behind it stays: anybody can take a name. */
const nameKey = (name: string): string => name.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
