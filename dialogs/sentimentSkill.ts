import { z } from 'zod';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { sentimentCard, sentimentText, type SentimentProps } from '../cards/sentimentCard';
import { parsePastedText } from '../threads/pastedText';
import type { Thread } from '../threads/thread';
import { answerEntity, cardMessage, textMessage, withChoices } from './activities';
import { answerButtons } from './answerButtons';
import { conversationThread } from './conversationThread';
import { keepFiles } from './files';
import { respond, showProgress } from './response';
import { readSentimentRequest } from './sentimentRequest';
import { findThread, keepThread, recentThreads } from './shelf';
import type { Reading, Skill, SkillCall } from './skill';
import { readable } from './summarizeSkill';
import type { Turn } from './turn';

const schema = z.object({
  text: z.string().optional(),
  threadId: z.string().optional(),
  isWhole: z.boolean().optional(),
  /** conversation: what people said here. latest: the file or text that was given last. meeting: the last meeting, else the conversation. */
  source: z.enum(['conversation', 'latest', 'meeting']).optional(),
});

export type SentimentValues = z.infer<typeof schema>;

/** Tells the tone of words, with the sentences that carry it. It says nothing of people. */
export const sentimentSkill: Skill<SentimentValues> = {
  id: 'sentiment',
  help: ({ skills }) => skills.sentiment,
  commands: ['sentiment', 'tone', 'mood', 'sentiment analysis', 'stimmung', 'ton', 'tonfall', 'stimmungsanalyse', 'tonalité', 'analyse de sentiment', 'sentimiento', 'tono', 'análisis de sentimiento'],
  schema,
  isOffered: ({ tellSentiment }) => tellSentiment !== undefined,
  tool: {
    description: 'Tell the tone (sentiment, mood) of a text in the message, of this conversation, or of the newest file, meeting or text. Only of words; never to judge a person.',
    parameters: {
      type: 'object',
      properties: {
        source: { type: 'string', enum: ['conversation', 'latest'], description: 'conversation: what was said in this chat. latest: the newest file, meeting or text.' },
        text: { type: 'string', description: 'The text, word for word as in the message.' },
      },
    },
  },
  parse: readSentimentRequest,
  slots: [{
    name: 'source',
    takesFiles: true,
    isMissing: ({ engine }, { text, threadId, source }) => engine.tellSentiment !== undefined && !text?.trim() && !threadId && !source,
    ask: async (turn) => withChoices(turn.words.sentiment.what, await choices(turn)),
    read: readSource,
  }],
  run: tellTone,
};

async function choices(turn: Turn): Promise<readonly string[]> {
  const [newest] = await recentThreads(turn, 1);
  return [turn.words.summarize.thisConversation, ...(newest ? [newest.title] : []), turn.words.dialog.cancel];
}

async function readSource(turn: Turn): Promise<Reading<SentimentValues>> {
  const { words, text, files } = turn;
  if (files.length > 0) {
    const { threads: [first], problems } = await keepFiles(turn);
    return first ? { values: { threadId: first.id } } : { again: problems.join('\n\n') };
  }
  if (text === '') return { again: words.sentiment.again };
  const named = (await recentThreads(turn, 10)).find(({ title }) => title === text);
  if (named) return { values: { threadId: named.id } };
  return { values: readSentimentRequest(text) ?? readSentimentRequest(`tone of ${text}`) ?? { text } };
}

async function tellTone(turn: Turn, values: SentimentValues): Promise<SkillCall | undefined> {
  const { words, engine, signal } = turn;
  const thread = engine.tellSentiment && (await threadOf(turn, values));
  if (!engine.tellSentiment) await respond(turn, textMessage(words.sentiment.needsModel));
  else if (thread === 'none-yet') return { skill: 'sentiment', values: {} };
  else if (!thread) await respond(turn, textMessage(values.source === 'conversation' || values.source === 'meeting' ? words.sentiment.empty : words.dialog.goneThread));
  else {
    showProgress(turn, words.summarize.reading(escapeMarkdown(cleanLine(thread.title))));
    const sentiment = await engine.tellSentiment(thread, signal, (done, of) => showProgress(turn, words.summarize.part(done, of)));
    await send(turn, thread, sentiment);
  }
  return undefined;
}

async function threadOf(turn: Turn, { text, threadId, source }: SentimentValues): Promise<Thread | 'none-yet' | undefined> {
  if (text) return keepThread(turn, parsePastedText(text, turn.words.dialog.pastedText));
  if (source === 'latest') {
    const [newest] = await recentThreads(turn, 1);
    return newest ? readable(turn, newest) : 'none-yet';
  }
  if (source) {
    const meeting = source === 'meeting' ? (await recentThreads(turn, 10)).find(({ kind }) => kind === 'meeting') : undefined;
    return meeting ?? whatPeopleSaid(turn);
  }
  const found = threadId === undefined ? undefined : await findThread(turn, threadId);
  return found && readable(turn, found);
}

/** The bot's own words have no tone to be told. */
async function whatPeopleSaid(turn: Turn): Promise<Thread | undefined> {
  const thread = await conversationThread(turn);
  if (!thread) return undefined;
  const isPerson = ({ id }: { readonly id: string }): boolean => id !== turn.log.botAuthorId;
  return { ...thread, messages: thread.messages.filter(({ author }) => isPerson(author)), participants: thread.participants.filter(isPerson) };
}

async function send(turn: Turn, thread: Thread, sentiment: SentimentProps['sentiment']): Promise<void> {
  const { words, locale } = turn;
  const { read, total, omissions } = sentiment;
  turn.explain({ sources: [{ title: thread.title }], read: { read, total }, omissions: [...omissions] });
  const messages = new Map(thread.messages.map((message) => [message.id, message]));
  const props: SentimentProps = { words, locale, title: thread.title, sentiment, messages, threadId: thread.id, actions: answerButtons(turn) };
  await respond(turn, { ...cardMessage(sentimentCard(props), sentimentText(props)), entities: [answerEntity('ai', [], turn.context.activity.id ?? '')] });
}
