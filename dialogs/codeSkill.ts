import type { Activity } from 'botbuilder';
import { z } from 'zod';
import type { CodeAnswer } from '../ai/code';
import { codeCard } from '../cards/codeCard';
import { safeMarkdown } from '../cards/safeMarkdown';
import { answerEntity, cardAttachment, textMessage } from './activities';
import { answerButtons } from './answerButtons';
import { languageOf, readCodeRequest } from './codeRequest';
import { remembered } from './history';
import { linkRule } from './links';
import { wholeText } from './passage';
import { respond, showProgress, showText } from './response';
import { findThread } from './shelf';
import type { Skill } from './skill';
import type { Turn } from './turn';

const schema = z.object({
  /** What is wanted, as the person says it. */
  text: z.string().optional(),
  /** Holds a long request. */
  threadId: z.string().optional(),
  isWhole: z.boolean().optional(),
  /** Programming language, where one was named. */
  language: z.string().optional(),
});

export type CodeValues = z.infer<typeof schema>;

/** Writes and explains code: as text, since every channel shows its fences, and it is copied as it stands. */
export const codeSkill: Skill<CodeValues> = {
  id: 'code',
  help: ({ skills }) => skills.code,
  commands: [
    'code', 'write code', 'write some code', 'program', 'code schreiben', 'schreibe code', 'schreib code', 'programmieren', 'écrire du code', 'écris du code', 'coder', 'programmer',
    'código', 'escribir código', 'escribe código', 'programar',
  ],
  schema,
  isOffered: ({ writeCode }) => writeCode !== undefined,
  tool: {
    description: 'Write, explain, correct or convert code of a program. Whenever the answer is mostly code.',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', description: 'What the person wants, in their words, with the code that they gave.' },
        language: { type: 'string', description: 'Programming language, such as "Python"; leave out when it was not said.' },
      },
    },
  },
  parse: readCodeRequest,
  slots: [{
    name: 'text',
    takesAnyText: true,
    isMissing: ({ engine }, { text, threadId }) => engine.writeCode !== undefined && !text?.trim() && !threadId,
    ask: async ({ words }) => textMessage(words.code.what),
    read: async ({ text, words }) => (text === '' ? { again: words.code.what } : { values: readCodeRequest(text) ?? { text, ...languageOf(text) } }),
  }],
  run: async (turn, values) => {
    await write(turn, values);
    return undefined;
  },
};

async function write(turn: Turn, { text, threadId, language }: CodeValues): Promise<void> {
  const { words, engine } = turn;
  if (!engine.writeCode) return respond(turn, textMessage(words.code.needsModel));
  const thread = threadId === undefined ? undefined : await findThread(turn, threadId);
  const wanted = thread ? wholeText(thread) : text;
  if (!wanted) return respond(turn, textMessage(words.dialog.goneThread));
  showProgress(turn, words.code.writing);
  const { said, notes } = await remembered(turn);
  const exchanged = (role: 'user' | 'assistant'): readonly string[] => said.filter((each) => each.role === role).map((each) => each.text);
  const mayLink = linkRule(turn, { given: [wanted, ...exchanged('user')], said: exchanged('assistant') });
  const request = { text: wanted, history: said, language: turn.locale, ...(notes !== undefined && { notes }), ...(language !== undefined && { codeLanguage: language }) };
  const answer = await engine.writeCode(request, turn.signal, (soFar) => showText(turn, (isGrowing) => safeMarkdown(soFar(), { mayLink, isGrowing })));
  turn.explain({ isCutOff: answer.isCutOff ?? false });
  await respond(turn, codeMessage(turn, { ...answer, text: safeMarkdown(answer.text, { mayLink }) }));
}

/** Long code is cut by the channel's size between its lines, each part in fences of its own (bot/turns/split.ts). */
function codeMessage(turn: Turn, { text, isCutOff }: CodeAnswer): Partial<Activity> {
  const { words, locale } = turn;
  return {
    type: 'message',
    text: isCutOff ? `${text}\n\n**${words.failure.incomplete}** ${words.failure.askForLess}` : text,
    entities: [answerEntity('ai', [], turn.context.activity.id ?? '')],
    attachments: [cardAttachment(codeCard({ words, locale, actions: answerButtons(turn) }))],
  };
}
