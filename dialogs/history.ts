import type { Words } from '../cards/words';
import type { ThreadMessage } from '../threads/thread';
import type { Remembered, Turn } from './turn';

const MAX_MESSAGES = 24;
/** Where nobody says what a prompt may hold; without a model it is asked for links alone. */
const USUAL_HISTORY_TOKENS = 3_000;

/** What was said before this message and after the last "start over", as much as a prompt may hold. */
export const remembered = ({ memory, engine }: Turn): Promise<Remembered> => memory.recent(historyTokens(engine));

/** Tokens of what was said before that go into a prompt. */
export const historyTokens = ({ budget }: Turn['engine']): number => budget?.history ?? USUAL_HISTORY_TOKENS;

/** The newest messages but this turn's own, oldest first. */
export async function messagesBefore(turn: Turn, limit: number): Promise<readonly ThreadMessage[]> {
  const { messages } = await turn.log.thread(limit);
  return messages.filter(({ id, text }) => id !== turn.context.activity.id && text.trim() !== '');
}

/** The last thing that the bot said, but of itself; undefined where it has said nothing. */
export async function lastReply(turn: Turn): Promise<string | undefined> {
  const messages = await messagesBefore(turn, MAX_MESSAGES);
  const reply = messages.findLast(({ author, text }) => author.id === turn.log.botAuthorId && !isAboutItself(text, turn.words))?.text;
  return reply && withoutLinkDefinitions(reply);
}

/** True for what the bot says of itself and its settings: greeting, help, about and the like. */
export function isAboutItself(text: string, { help, settingsCard, aboutCard, forgetCard, whyCard }: Words): boolean {
  const titles = [help.greeting, help.title, settingsCard.title, aboutCard.title, forgetCard.title, whyCard.title];
  return titles.some((title) => text.startsWith(`**${title}**`));
}

/** Without the lines that say where `[1]` leads. */
export const withoutLinkDefinitions = (text: string): string => text.replace(/^\[\d+\]: .*$/gm, '').trim();
