import type { SummarizeOptions } from '../ai/engine';
import type { Claim, Summary } from '../ai/summary/summary';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { summaryCard, type SummaryCardItem, type SummaryProps, type SummaryShape } from '../cards/summaryCard';
import { summaryText } from '../cards/summaryText';
import type { Thread } from '../threads/thread';
import { answerButtons } from './answerButtons';
import { answerEntity, cardMessage, textMessage } from './activities';
import { respond, showProgress } from './response';
import type { SummarySection } from './sectionRequest';
import type { Turn } from './turn';

/** Fewer words in fewer than two sentences have nothing to be left out. */
const MIN_WORDS = 25;
const MAX_QUOTE_LENGTH = 400;

/** Summarizes a kept thread and sends the card, or one section of it; each item links to its message. Throws AIError. */
export async function sendSummary(turn: Turn, thread: Thread, options: Partial<SummarizeOptions>, section?: SummarySection): Promise<void> {
  const text = thread.messages.map((message) => message.text.trim()).filter(Boolean).join('\n');
  if (isTooShort(text)) return respond(turn, textMessage(tooShortText(turn, text)));
  if (section) return sendSection(turn, thread, section);
  const { words, settings, locale } = turn;
  const { length = settings.summaryLength ?? 'standard', language = locale } = options;
  showProgress(turn, words.summarize.reading(escapeMarkdown(cleanLine(thread.title))));
  const summary = await turn.engine.summarize(thread, { language, length }, turn.signal, { onProgress: (done, of) => showProgress(turn, words.summarize.part(done, of)) });
  return send(turn, summary, toProps(turn, thread, toShape(summary), length));
}

/** All that stands in one section, without the rest. */
async function sendSection(turn: Turn, thread: Thread, section: SummarySection): Promise<void> {
  const whole = await turn.engine.summarize(thread, { language: turn.locale, length: 'detailed' }, turn.signal);
  const shape = toShape(whole);
  if (shape[section].length === 0) return respond(turn, textMessage(turn.words.summarize.none[section](escapeMarkdown(cleanLine(thread.title)))));
  const summary = { ...toShape({ ...whole, tldr: [], claims: [], keySentences: [] }), [section]: shape[section] };
  return send(turn, whole, toProps(turn, thread, summary, 'short'));
}

async function send(turn: Turn, summary: Summary, props: SummaryProps): Promise<void> {
  const { read, messages: total, omitted } = summary.coverage;
  turn.explain({ sources: [{ title: props.title }], read: { read, total }, omissions: [...omitted] });
  const message = cardMessage(summaryCard(props), summaryText(props));
  await respond(turn, { ...message, entities: [answerEntity(summary.origin, [], turn.context.activity.id ?? '')] });
}

function toProps(turn: Turn, thread: Thread, summary: SummaryShape, length: SummarizeOptions['length']): SummaryProps {
  const { words, locale } = turn;
  const messages = new Map(thread.messages.map((message) => [message.id, message]));
  return { words, locale, title: thread.title, summary, messages, threadId: thread.id, length, actions: answerButtons(turn) };
}

/** What stands, by sections; what was taken back or done is not shown as if it stood. */
export function toShape({ origin, language, tldr, claims, keySentences, coverage }: Summary): SummaryShape {
  const standing = claims.filter(({ status }) => !['superseded', 'cancelled', 'answered'].includes(status));
  const items = (...kinds: Claim['kind'][]): SummaryCardItem[] => standing.filter(({ kind }) => kinds.includes(kind)).map(toItem);
  return {
    origin, language,
    ...(tldr.length > 0 && { overview: tldr.map(({ text }) => text).join(' ') }),
    keyPoints: [...items('topic', 'fact'), ...keySentences],
    decisions: items('decision'), actionItems: items('action'), openQuestions: items('question'),
    total: coverage.messages, read: coverage.read, omissions: coverage.omitted,
  };
}

const toItem = ({ text, evidence: [first], owner, due }: Claim): SummaryCardItem => ({ text, messageId: first?.messageId ?? '', ...(owner !== undefined && { owner }), ...(due !== undefined && { due }) });

export const tooShortText = ({ words }: Turn, text: string): string =>
  words.summarize.tooShort(escapeMarkdown(cleanLine(text, MAX_QUOTE_LENGTH)));

/** True for a text with nothing to leave out. */
export function isTooShort(text: string): boolean {
  const sentences = text.split(/[.!?。！？]+(?:\s|$)|\n+/).filter((sentence) => /\p{L}/u.test(sentence));
  return sentences.length < 2 && text.split(/\s+/).length < MIN_WORDS;
}
