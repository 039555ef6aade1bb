import type { Author, Thread, ThreadKind, ThreadMessage } from './thread';
import { FileError } from './error';

/** A message as a format gives it; `assembleThread` adds the ids. */
export interface ParsedMessage {
  /** As the source names it. */
  readonly id?: string;
  readonly author: string;
  readonly createdAt?: string;
  readonly offsetMs?: number;
  readonly text: string;
}

interface ThreadParts {
  readonly title: string;
  readonly kind: ThreadKind;
  readonly messages: readonly ParsedMessage[];
}

/** More than a year of a busy channel; past it a file is a mistake or an attack, and memory is worth more. */
export const MAX_MESSAGES = 50_000;

/**
 * A thread of messages in the order given. Ids come from the source where it has distinct ones, else `m1`, `m2`, …
 * Authors are told apart by name. Throws FileError `empty` without messages, `too-large` beyond MAX_MESSAGES.
 */
export function assembleThread({ title, kind, messages }: ThreadParts): Thread {
  if (messages.length === 0) throw new FileError('empty', `${title} has no messages.`);
  if (messages.length > MAX_MESSAGES) throw new FileError('too-large', `${title} has more than ${MAX_MESSAGES} messages.`);
  const authors = authorsByName(messages);
  const taken = new Set<string>();
  const built = messages.map((message, index) => toMessage(message, index, { authors, taken }));
  return { id: toSlug(title) || 'thread', title, kind, messages: built, participants: [...authors.values()] };
}

function authorsByName(messages: readonly ParsedMessage[]): ReadonlyMap<string, Author> {
  const authors = new Map<string, Author>();
  const ids = new Set<string>();
  for (const { author } of messages) {
    if (authors.has(author)) continue;
    const id = unusedId(toSlug(author) || 'speaker', ids);
    authors.set(author, { id, name: author });
  }
  return authors;
}

function toMessage(
  { id, author, ...rest }: ParsedMessage,
  index: number,
  { authors, taken }: { readonly authors: ReadonlyMap<string, Author>; readonly taken: Set<string> },
): ThreadMessage {
  const known = authors.get(author) ?? { id: toSlug(author), name: author };
  return { id: unusedId(id && !taken.has(id) ? id : `m${index + 1}`, taken), author: known, ...rest };
}

function unusedId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let suffix = 2; taken.has(id); suffix += 1) id = `${wanted}-${suffix}`;
  taken.add(id);
  return id;
}

const toSlug = (text: string): string =>
  text.toLowerCase().normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60);
