import type { Thread } from '../threads/thread';
import { keepThread } from './shelf';
import type { Turn } from './turn';

/** Messages that "this conversation" reaches back. */
const MAX_MESSAGES = 1_000;

/**
 * What was said here before this message, kept so that buttons can name it; undefined where nothing was said.
 * In a group the bot's own words are left out: people ask what they themselves said.
 */
export async function conversationThread(turn: Turn): Promise<Thread | undefined> {
  const thread = await turn.log.thread(MAX_MESSAGES);
  const messages = thread.messages.filter(({ id, author, text }) =>
    id !== turn.context.activity.id && text.trim() !== '' && (turn.isPersonal || author.id !== turn.log.botAuthorId));
  if (!messages.some(({ author }) => author.id !== turn.log.botAuthorId)) return undefined;
  const authors = new Set(messages.map(({ author }) => author.id));
  const participants = thread.participants.filter(({ id }) => authors.has(id));
  return keepThread(turn, { ...thread, title: thread.title || turn.words.summarize.conversationTitle, messages, participants });
}
