import { z } from 'zod';
import { parsePastedText } from '../threads/pastedText';
import type { Thread } from '../threads/thread';
import { textMessage, withChoices } from './activities';
import { conversationThread } from './conversationThread';
import { keepFiles } from './files';
import { isOneText } from './passage';
import { respond } from './response';
import { findThread, keepThread, recentThreads } from './shelf';
import type { Reading, Skill, SkillCall } from './skill';
import { readSummaryRequest } from './summaryRequest';
import { isTooShort, sendSummary, tooShortText } from './summary';
import type { Turn } from './turn';

const schema = z.object({
  text: z.string().optional(),
  threadId: z.string().optional(),
  threadIds: z.array(z.string()).max(20).optional(),
  /** conversation: what was said here. latest: the file or text that was given last. meeting: the last meeting, else the conversation. */
  source: z.enum(['conversation', 'latest', 'meeting']).optional(),
  length: z.enum(['short', 'standard', 'detailed']).optional(),
  /** This part of the summary alone. */
  section: z.enum(['decisions', 'actionItems', 'openQuestions']).optional(),
  /** The text was kept as it was pasted. */
  isWhole: z.boolean().optional(),
});

export type SummaryValues = z.infer<typeof schema>;

export const summarizeSkill: Skill<SummaryValues> = {
  id: 'summarize',
  help: ({ skills }) => skills.summarize,
  commands: [
    'summarize', 'summarise', 'summary', 'summarize a text', 'sum up', 'recap', 'tldr',
    'zusammenfassen', 'zusammenfassung', 'fasse zusammen', 'fass zusammen', 'einen text zusammenfassen',
    'résumer', 'résumé', 'résume', 'résumer un texte', 'resumir', 'resumen', 'resume', 'resumir un texto',
  ],
  schema,
  tool: {
    description: 'Summarize this conversation, the newest file, meeting or text that the person gave, or a text in the message. Call without source and text when it is not clear what is meant.',
    parameters: {
      type: 'object',
      properties: {
        source: { type: 'string', enum: ['conversation', 'latest'], description: 'conversation: what was said in this chat. latest: the newest file, meeting or text.' },
        text: { type: 'string', description: 'The text to summarize, word for word as in the message.' },
        length: { type: 'string', enum: ['short', 'standard', 'detailed'] },
      },
    },
  },
  parse: readSummaryRequest,
  slots: [{
    name: 'source',
    takesFiles: true,
    isMissing: (_turn, { text, threadId, threadIds, source }) => (text ? isTooShort(text) : !threadId && !threadIds?.length && !source),
    ask: async (turn, { text }) => withChoices(text ? tooShortText(turn, text) : turn.words.summarize.what, await choices(turn)),
    read: readSource,
  }],
  run: summarizeAll,
};

async function choices(turn: Turn): Promise<readonly string[]> {
  const [newest] = await recentThreads(turn, 1);
  return [turn.words.summarize.thisConversation, ...(newest ? [newest.title] : []), turn.words.dialog.cancel];
}

async function readSource(turn: Turn): Promise<Reading<SummaryValues>> {
  if (turn.files.length > 0) return readFiles(turn);
  if (turn.text === '') return { again: turn.words.summarize.again };
  const named = (await recentThreads(turn, 10)).find(({ title }) => title === turn.text);
  if (named) return { values: { threadId: named.id } };
  const values = readSummaryRequest(turn.text) ?? readSummaryRequest(`summarize ${turn.text}`) ?? { text: turn.text };
  return values.text && isTooShort(values.text) ? { again: tooShortText(turn, values.text) } : { values: { text: undefined, ...values } };
}

async function readFiles(turn: Turn): Promise<Reading<SummaryValues>> {
  const { threads, problems } = await keepFiles(turn);
  if (threads.length === 0) return { again: problems.join('\n\n') };
  if (problems.length > 0) await turn.context.sendActivity(textMessage(problems.join('\n\n')));
  return { values: { threadIds: threads.map(({ id }) => id) } };
}

async function summarizeAll(turn: Turn, values: SummaryValues): Promise<SkillCall | undefined> {
  const threads = await threadsOf(turn, values);
  if (threads === 'none-yet') return { skill: 'summarize', values: {} };
  if (threads.length === 0) await respond(turn, textMessage(goneText(turn, values)));
  for (const thread of threads) await sendSummary(turn, thread, { length: values.length }, values.section);
  return undefined;
}

async function threadsOf(turn: Turn, { text, threadId, threadIds, source }: SummaryValues): Promise<readonly Thread[] | 'none-yet'> {
  if (text) return [await keepThread(turn, parsePastedText(text, turn.words.dialog.pastedText))];
  const meeting = source === 'meeting' ? (await recentThreads(turn, 10)).find(({ kind }) => kind === 'meeting') : undefined;
  if (meeting) return [meeting];
  if (source === 'conversation' || source === 'meeting') return [await conversationThread(turn)].filter((thread) => thread !== undefined);
  if (source === 'latest') {
    const newest = await recentThreads(turn, 1);
    return newest.length > 0 ? Promise.all(newest.map((thread) => readable(turn, thread))) : 'none-yet';
  }
  const found = await Promise.all([...(threadIds ?? []), ...(threadId ? [threadId] : [])].map((id) => findThread(turn, id)));
  return Promise.all(found.filter((thread) => thread !== undefined).map((thread) => readable(turn, thread)));
}

/** A long pasted text is kept as it came; to link to its parts it is read as a chat or as paragraphs. */
export async function readable(turn: Turn, thread: Thread): Promise<Thread> {
  const [only] = thread.messages;
  if (!only || !isOneText(thread)) return thread;
  const parsed = parsePastedText(only.text, thread.title);
  return parsed.messages.length > 1 ? keepThread(turn, parsed) : thread;
}

function goneText({ words, isPersonal }: Turn, { source }: SummaryValues): string {
  if (source !== 'conversation' && source !== 'meeting') return words.dialog.goneThread;
  return isPersonal ? words.summarize.emptyConversation : words.summarize.emptyGroup;
}
