import type { Activity } from 'botbuilder';
import { askCard, askText } from '../cards/askCard';
import { cleanLine } from '../cards/escape';
import type { Button } from '../cards/submit';
import { parsePastedText } from '../threads/pastedText';
import type { Thread } from '../threads/thread';
import { cardMessage, textMessage } from './activities';
import { begin, beginCall, commandOf, readPattern, type Conversation } from './conversation';
import { keepFiles } from './files';
import { keepText } from './passage';
import { respond } from './response';
import { answerSkill } from './skills';
import type { Turn } from './turn';

/** Texts longer than this are something to work on, not a question. In characters; less where no model reads it anyway. */
const MAX_QUESTION_LENGTH = 2_000;
const MAX_SEARCH_LENGTH = 400;
/** Messages of a chat; two lines with colons may be anything. */
const MIN_CHAT_LENGTH = 3;
const MAX_NAMES_LENGTH = 50; // characters

/** Files: what the words beside them ask for; without words meetings are summarized, and documents offered. */
export async function takeFiles(conversation: Conversation): Promise<boolean> {
  const { turn } = conversation;
  if (turn.files.length === 0) return false;
  if (await beginWithFiles(conversation)) return true;
  const { threads, problems } = await keepFiles(turn);
  if (problems.length > 0) await respond(turn, textMessage(problems.join('\n\n')));
  if (threads.length === 0) return true;
  if (turn.text !== '') await begin(conversation, answerSkill, { question: turn.text });
  else await takeThreads(conversation, threads);
  return true;
}

/** "summarize this" with a file: the skill takes the file as its answer. */
async function beginWithFiles(conversation: Conversation): Promise<boolean> {
  const { turn } = conversation;
  const command = commandOf(turn);
  const asked = readPattern(turn) ?? (command && { skill: command, values: {} });
  if (!asked?.skill.slots.some(({ takesFiles }) => takesFiles)) return false;
  await begin(conversation, asked.skill, { ...asked.values, source: undefined }); // "this" is the file
  return true;
}

export async function takeThreads(conversation: Conversation, threads: readonly Thread[]): Promise<void> {
  const [documents, spoken] = [threads.filter(isDocument), threads.filter((thread) => !isDocument(thread))];
  if (spoken.length > 0) await beginCall(conversation, { skill: 'summarize', values: { threadIds: spoken.map(({ id }) => id) } });
  for (const document of documents) await respond(conversation.turn, offer(conversation.turn, document));
}

const isDocument = ({ kind }: Thread): boolean => kind === 'document';

/** A long text or a pasted chat without a request: kept, with what can be done with it. */
export async function takeLongText({ turn }: Conversation): Promise<boolean> {
  const maxLength = turn.engine.modelName === undefined ? MAX_SEARCH_LENGTH : MAX_QUESTION_LENGTH;
  const speakers = speakersOf(turn.text);
  if (turn.text.length <= maxLength && speakers.length === 0) return false;
  const title = speakers.length > 0 ? turn.words.dialog.pastedChat(cleanLine(speakers.join(', '), MAX_NAMES_LENGTH)) : undefined;
  await respond(turn, offer(turn, await keepText(turn, turn.text, title)));
  return true;
}

/** Who speaks in a pasted chat; empty where the text is none. */
function speakersOf(text: string): readonly string[] {
  if (text.split('\n', MIN_CHAT_LENGTH).length < MIN_CHAT_LENGTH) return [];
  const { kind, messages, participants } = parsePastedText(text, '');
  return kind === 'chat' && messages.length >= MIN_CHAT_LENGTH ? participants.map(({ name }) => name) : [];
}

function offer(turn: Turn, { id: threadId, title }: Thread): Partial<Activity> {
  const { words, locale, engine } = turn;
  const choices: Button[] = [
    { title: words.dialog.summarizeIt, action: 'summarize', values: { threadId } },
    { title: words.dialog.askAboutIt, action: 'ask', values: { threadId } },
    ...(engine.modelName === undefined ? [] : [{ title: words.dialog.translateIt, action: 'translate', values: { threadId, isWhole: true } }]),
    ...(engine.tellSentiment ? [{ title: words.dialog.toneOfIt, action: 'sentiment', values: { threadId } }] : []),
  ];
  const props = { words, locale, question: words.dialog.kept(title), choices, cancel: false };
  return cardMessage(askCard(props), askText(props));
}
