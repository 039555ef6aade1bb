import type { Thread } from '../threads/thread';
import { keepThread } from './shelf';
import type { Values } from './skill';
import type { Turn } from './turn';

/** Longer texts do not go into dialog state and buttons: conversation documents stay under 10 KB. */
const MAX_INLINE_LENGTH = 600;
const MAX_TITLE_LENGTH = 60;

/** The same values, a long `text` kept as a thread: `threadId` names it, and `isWhole` says that all of it is meant. */
export async function keepLongText(turn: Turn, values: Values): Promise<Values> {
  const { text, ...others } = values;
  if (typeof text !== 'string' || text.length <= MAX_INLINE_LENGTH) return values;
  const thread = await keepText(turn, text);
  return { ...others, threadId: thread.id, isWhole: true };
}

/** Keeps a text as it was given. */
export const keepText = (turn: Turn, text: string, title?: string): Promise<Thread> => keepThread(turn, asDocument(turn, text, title));

/** A text as given, in one message: nothing of its form is lost. */
function asDocument(turn: Turn, text: string, title = titleOf(text) || turn.words.dialog.pastedText): Thread {
  const author = { id: 'sender', name: title }; // as documents have it; who pasted a text need not have written it, nor have a name
  return { id: 'pasted', title, kind: 'document', messages: [{ id: '1', author, text }], participants: [author] };
}

function titleOf(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length <= MAX_TITLE_LENGTH ? line : `${line.slice(0, MAX_TITLE_LENGTH).replace(/\s+\S*$/, '')} …`.toWellFormed();
}

/** The whole text of a thread, as it was given. */
export function wholeText(thread: Thread): string {
  const lines = thread.messages.map(({ author, text }) => (thread.kind === 'document' ? text : `${author.name}: ${text}`));
  return lines.join('\n\n');
}

/** True for a text that was kept as one message by `keepLongText`. */
export const isOneText = (thread: Thread): boolean => thread.kind === 'document' && thread.messages.length === 1;
