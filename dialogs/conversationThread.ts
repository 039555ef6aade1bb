import type { Thread, ThreadMessage } from '../threads/thread';
import { isAboutItself, withoutLinkDefinitions } from './history';
import { keepThread } from './shelf';
import { isTooShort } from './summary';
import { readSummaryRequest } from './summaryRequest';
import type { Turn } from './turn';

/** Messages that "this conversation" reaches back. */
const MAX_MESSAGES = 1_000;
/** Fewer words are a greeting and a request, nothing to summarize. */
const MIN_WORDS = 8;

/**
 * What was said here before this message, kept so that buttons can name it; undefined where there is nothing to
 * summarize. In a group the bot's own words are left out: people ask what they themselves said. So are they without a
 * model, which could only quote them, and so is what introduces the bot.
 */
export async function conversationThread(turn: Turn): Promise<Thread | undefined> {
  const thread = await turn.log.thread(MAX_MESSAGES);
  const said = thread.messages.filter((message) => message.id !== turn.context.activity.id && tellsSomething(turn, message));
  const people = said.filter(({ author }) => author.id !== turn.log.botAuthorId);
  if (saysTooLittle(people)) return undefined;
  const messages = turn.isPersonal && turn.engine.modelName !== undefined ? said.map((message) => signed(turn, message)) : people;
  const participants = [...new Map(messages.map(({ author }) => [author.id, author])).values()];
  return keepThread(turn, { ...thread, title: thread.title || turn.words.summarize.conversationTitle, messages, participants, isLog: true });
}

/** The bot's own messages have neither a name in the log nor readable link definitions. */
function signed({ log }: Turn, message: ThreadMessage): ThreadMessage {
  if (message.author.id !== log.botAuthorId) return message;
  return { ...message, author: { ...message.author, name: 'Parley' }, text: withoutLinkDefinitions(message.text) };
}

function saysTooLittle(messages: readonly ThreadMessage[]): boolean {
  const text = messages.map((message) => message.text).join('\n');
  return isTooShort(text) || text.split(/\s+/).length < MIN_WORDS;
}

function tellsSomething({ log, words }: Turn, { author, text }: ThreadMessage): boolean {
  if (author.id === log.botAuthorId) return !isAboutItself(text, words);
  return text.trim() !== '' && !isMereRequest(text);
}

/** "summarize this conversation" says nothing of what was talked about. */
function isMereRequest(text: string): boolean {
  const request = readSummaryRequest(text);
  return request !== undefined && request.text === undefined;
}
