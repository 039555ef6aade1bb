import { randomBytes } from 'node:crypto';
import type { Queries } from '../state/database';
import { insertThread, newestThreads, readThread, readThreadOf } from '../state/threads';
import type { Thread } from './thread';

/** Whose shelf it is. */
export interface ShelfOwner {
  readonly conversationKey: string;
  readonly userKey: string;
}

/** An id that nobody can guess: it opens the thread's page. */
export const newThreadId = (): string => randomBytes(18).toString('base64url');

/** Where a thread's messages open. */
export interface ThreadPlace {
  readonly id: string;
  readonly publicUrl: string;
  /** Whether an address that came with a message may be opened: a file can name any. */
  readonly isTrusted: (url: string) => boolean;
}

/** The same thread under `id`, each message with an address that opens it (its own, or its place on the thread's page). */
export function withLinks(thread: Thread, { id, publicUrl, isTrusted }: ThreadPlace): Thread {
  const messages = thread.messages.map((message) => ({
    ...message,
    url: message.url !== undefined && isTrusted(message.url) ? message.url : `${publicUrl}/threads/${id}#${encodeURIComponent(message.id)}`,
  }));
  return { ...thread, id, messages };
}

/** Writes a thread to its conversation's shelf. */
export async function shelveThread(queries: Queries, owner: ShelfOwner, thread: Thread): Promise<void> {
  await insertThread(queries, { conversationKey: owner.conversationKey, id: thread.id, ownerKey: owner.userKey, document: JSON.stringify(thread) });
}

/** The thread with this id, where it lies on this conversation's shelf. */
export async function findThread(queries: Queries, owner: ShelfOwner, id: string): Promise<Thread | undefined> {
  return parse(await readThreadOf(queries, owner.conversationKey, id));
}

/** The thread with this id, for whoever was given it. */
export async function openThread(queries: Queries, id: string): Promise<Thread | undefined> {
  return parse(await readThread(queries, id));
}

/** The conversation's newest threads, newest first. */
export async function recentThreads(queries: Queries, owner: ShelfOwner, limit: number): Promise<readonly Thread[]> {
  const documents = await newestThreads(queries, owner.conversationKey, limit);
  return documents.map(parse).filter((thread) => thread !== undefined);
}

/** undefined where there is none, or where it is damaged: to people it is gone. */
function parse(document: string | undefined): Thread | undefined {
  if (document === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(document);
    return isThread(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Written by shelveThread: it is whole where it can be read at all, and long. */
const isThread = (value: unknown): value is Thread => typeof value === 'object' && value !== null && 'messages' in value && Array.isArray(value.messages);
