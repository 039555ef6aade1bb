import type { SummarizeOptions, Summary } from '../ai/engine';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { summaryCard, type SummaryProps } from '../cards/summaryCard';
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
  const summary = await turn.engine.summarize(thread, { language, length }, turn.signal, (done, of) => showProgress(turn, words.summarize.part(done, of)));
  return send(turn, summary, toProps(turn, thread, summary, length));
}

/** All that stands in one section, without the rest. */
async function sendSection(turn: Turn, thread: Thread, section: SummarySection): Promise<void> {
  const whole = await turn.engine.summarize(thread, { language: turn.locale, length: 'detailed' }, turn.signal);
  if (whole[section].length === 0) return respond(turn, textMessage(turn.words.summarize.none[section](escapeMarkdown(cleanLine(thread.title)))));
  const summary = { ...whole, overview: undefined, keyPoints: [], decisions: [], actionItems: [], openQuestions: [], [section]: whole[section] };
  return send(turn, summary, toProps(turn, thread, summary, 'short'));
}

async function send(turn: Turn, summary: Summary, props: SummaryProps): Promise<void> {
  const { read, total, omissions } = summary;
  turn.explain({ sources: [{ title: props.title }], read: { read, total }, omissions: [...omissions] });
  const message = cardMessage(summaryCard(props), summaryText(props));
  await respond(turn, { ...message, entities: [answerEntity(summary.origin, [], turn.context.activity.id ?? '')] });
}

function toProps(turn: Turn, thread: Thread, summary: Summary, length: SummarizeOptions['length']): SummaryProps {
  const { words, locale } = turn;
  const messages = new Map(thread.messages.map((message) => [message.id, message]));
  return { words, locale, title: thread.title, summary, messages, threadId: thread.id, length, actions: answerButtons(turn) };
}

export const tooShortText = ({ words }: Turn, text: string): string =>
  words.summarize.tooShort(escapeMarkdown(cleanLine(text, MAX_QUOTE_LENGTH)));

/** True for a text with nothing to leave out. */
export function isTooShort(text: string): boolean {
  const sentences = text.split(/[.!?。！？]+(?:\s|$)|\n+/).filter((sentence) => /\p{L}/u.test(sentence));
  return sentences.length < 2 && text.split(/\s+/).length < MIN_WORDS;
}
