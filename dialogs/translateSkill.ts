import type { Activity } from 'botbuilder';
import { z } from 'zod';
import type { Translation } from '../ai/engine';
import { answerCard } from '../cards/answerCard';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { translationCard, translationFits, translationText } from '../cards/translationCard';
import type { Thread } from '../threads/thread';
import { answerButtons } from './answerButtons';
import { answerEntity, cardAttachment, cardMessage, textMessage, textParts, withChoices } from './activities';
import { keepFiles } from './files';
import { lastReply } from './history';
import { linkRule } from './links';
import { languageCode, languageName, translationLanguages } from './languages';
import { nearest } from './misspelling';
import { wholeText } from './passage';
import { respond, showProgress } from './response';
import { findThread, recentThreads } from './shelf';
import type { Reading, Skill, SkillCall } from './skill';
import { sendSummary } from './summary';
import { readTranslationRequest } from './translationRequest';
import type { Turn } from './turn';

/** Characters of one translation. */
const MAX_LENGTH = 100_000;
const commonLanguages = ['en', 'de', 'fr', 'es'];

const schema = z.object({
  text: z.string().optional(),
  threadId: z.string().optional(),
  /** The thread's words themselves; else the thread is summarized in the language. */
  isWhole: z.boolean().optional(),
  /** previous: what the bot said last. latest: the file or text that was given last. */
  source: z.enum(['previous', 'latest']).optional(),
  /** As the person said it: a name in any common language, or BCP 47. */
  language: z.string().optional(),
});

export type TranslationValues = z.infer<typeof schema>;

export const translateSkill: Skill<TranslationValues> = {
  id: 'translate',
  help: ({ skills }) => skills.translate,
  commands: ['translate', 'translation', 'übersetzen', 'übersetze', 'übersetzung', 'traduire', 'traduis', 'traduction', 'traducir', 'traduce', 'traducción'],
  schema,
  tool: {
    description: 'Translate a text in the message, the previous answer, or the newest file or text that the person gave.',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', description: 'The text to translate, word for word as in the message.' },
        source: { type: 'string', enum: ['previous', 'latest'], description: 'previous: what you answered last. latest: the newest file, meeting or text.' },
        language: { type: 'string', description: 'Target language as BCP 47, such as "de"; leave out when it was not said.' },
      },
    },
  },
  parse: readTranslationRequest,
  slots: [
    {
      name: 'text',
      takesAnyText: true,
      takesFiles: true,
      isMissing: (turn, { text, threadId, source }) => canTranslate(turn) && !text?.trim() && !threadId && !source,
      ask: async (turn) => textMessage(turn.words.translate.what),
      read: readText,
    },
    {
      name: 'language',
      isMissing: (turn, values) => canTranslate(turn) && targetOf(turn, values) === undefined,
      ask: async (turn, { language }) => withChoices(
        language === undefined ? turn.words.translate.toWhich : turn.words.translate.unknownLanguage(escapeMarkdown(cleanLine(language, 40))),
        likelyLanguages(turn, language ?? turn.text),
      ),
      read: readLanguage,
    },
  ],
  run: translate,
};

/** Without a model nothing is asked: it would lead nowhere. */
const canTranslate = (turn: Turn): boolean => turn.engine.modelName !== undefined;

/** The language that was named, if it is known; the one in the settings where none was named. */
function targetOf({ locale, settings }: Turn, { language }: TranslationValues): string | undefined {
  return language === undefined ? settings.translateTo : languageCode(language, locale);
}

/** What was probably meant by a name with a slip comes first. */
function likelyLanguages({ locale, settings }: Turn, said: string): readonly string[] {
  const own = locale.split('-', 1)[0] ?? 'en';
  const codes = new Set([settings.translateTo, own, ...commonLanguages].filter((code) => code !== undefined));
  const names = [...codes].map((code) => languageName(code, locale));
  const meant = nearest(said, translationLanguages().map((code) => languageName(code, locale)));
  return [...new Set([...(meant ? [meant] : []), ...names])];
}

async function readText(turn: Turn): Promise<Reading<TranslationValues>> {
  if (turn.files.length === 0) return turn.text === '' ? { again: turn.words.translate.emptyText } : { values: { text: turn.text } };
  const { threads: [first], problems } = await keepFiles(turn);
  if (!first) return { again: problems.join('\n\n') };
  if (problems.length > 0) await turn.context.sendActivity(textMessage(problems.join('\n\n')));
  return { values: { threadId: first.id, isWhole: true } };
}

async function readLanguage(turn: Turn): Promise<Reading<TranslationValues>> {
  const named = turn.text.replace(/^(?:to|into|in|auf|ins?|nach|en|au?|al?|vers)\s+/i, '');
  if (languageCode(named, turn.locale)) return { values: { language: named } };
  return { again: turn.words.translate.unknownLanguage(escapeMarkdown(cleanLine(turn.text, 40))) };
}

async function translate(turn: Turn, values: TranslationValues): Promise<SkillCall | undefined> {
  const to = targetOf(turn, values);
  if (!canTranslate(turn) || to === undefined) {
    await respond(turn, textMessage(turn.words.translate.needsModel));
    return undefined;
  }
  const thread = values.threadId === undefined ? undefined : await findThread(turn, values.threadId);
  const summarized = thread ?? (values.source === 'previous' ? await threadJustSummarized(turn) : undefined);
  if (summarized && !values.isWhole) await sendSummary(turn, summarized, { language: to });
  else await translateText(turn, thread ? wholeText(thread) : await textOf(turn, values), to, values.threadId !== undefined);
  return undefined;
}

/** "Translate it" below a summary means the summary, not the words of its card. */
async function threadJustSummarized(turn: Turn): Promise<Thread | undefined> {
  const reply = await lastReply(turn);
  if (!reply?.includes(`_${turn.words.summaryCard.ai}_`)) return undefined;
  return (await recentThreads(turn, 5)).find(({ title }) => reply.startsWith(`**${escapeMarkdown(cleanLine(title))}**`));
}

async function textOf(turn: Turn, { text, source, threadId }: TranslationValues): Promise<string | undefined> {
  if (threadId !== undefined) return undefined;
  if (source === undefined) return text;
  const [newest] = await recentThreads(turn, 1);
  const reply = source === 'previous' ? await lastReply(turn) : undefined;
  const isOffer = newest && reply?.startsWith(escapeMarkdown(turn.words.dialog.kept(newest.title))); // "this" is what was offered
  return reply && !isOffer ? reply : newest && wholeText(newest);
}

async function translateText(turn: Turn, text: string | undefined, to: string, isGone: boolean): Promise<void> {
  const { words, locale } = turn;
  if (text === undefined) return respond(turn, textMessage(isGone ? words.dialog.goneThread : words.translate.nothingBefore));
  if (text.length > MAX_LENGTH) {
    const [length = '', limit = ''] = [text.length, MAX_LENGTH].map((count) => count.toLocaleString(locale));
    return respond(turn, textMessage(words.translate.tooLong(length, limit)));
  }
  showProgress(turn, words.translate.working(languageName(to, locale)));
  const translation = await turn.engine.translate(text, to, turn.signal);
  if (!translation) return respond(turn, textMessage(words.translate.needsModel));
  const mayLink = linkRule(turn, { given: [], said: [text] });
  for (const message of translationMessages(turn, translation, mayLink)) await respond(turn, message);
}

/** A card where it fits and is plain; text where markdown has to look like what it says, in parts where it is long. */
function translationMessages(turn: Turn, translation: Translation, mayLink: ReturnType<typeof linkRule>): readonly Partial<Activity>[] {
  const { words, locale } = turn;
  const text = translationText({ words, translation, locale, mayLink });
  const entities = [answerEntity('ai', [], turn.context.activity.id ?? '')];
  const isPlain = translationFits(translation.text) && !/[`*_#|[\]<>]|^\s*(?:[-+]|\d+\.)\s/m.test(translation.text);
  if (isPlain) return [{ ...cardMessage(translationCard({ words, translation, locale, origin: 'ai', mayLink, actions: answerButtons(turn) }), text), entities }];
  const buttons = cardAttachment(answerCard({ words, locale, origin: 'ai', sources: [], followUps: [], actions: answerButtons(turn) }));
  return textParts(text).map((part, index, parts) => ({ ...textMessage(part), entities, ...(index === parts.length - 1 && { attachments: [buttons] }) }));
}
