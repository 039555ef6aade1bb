import type { Thread } from '../threads/thread';
import { isStartOver } from './commands';
import { isAboutItself, withoutLinkDefinitions } from './history';
import { readRecallRequest } from './recallRequest';
import { keepThread } from './shelf';
import type { Turn } from './turn';

/** Earlier messages about something, kept so that their links open; empty where there are none. */
export async function recollect(turn: Turn, query: string): Promise<Thread> {
  const found = await turn.memory.recall(query, ({ text, isOwn }) => (isOwn ? !isAboutItself(text, turn.words) : isTelling(text)));
  if (found.messages.length === 0) return found;
  const messages = found.messages.map((message) => (message.author.id === turn.log.botAuthorId
    ? { ...message, author: { ...message.author, name: 'Parley' }, text: withoutLinkDefinitions(message.text) }
    : message));
  return keepThread(turn, { ...found, title: turn.words.summarize.conversationTitle, messages, isLog: true });
}

/** Not a question about what was said: it would fit best, and says nothing. */
const isTelling = (text: string): boolean => text.trim() !== '' && !isStartOver(text) && readRecallRequest(text) === undefined;
