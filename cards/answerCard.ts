import { adaptiveCard, type AdaptiveCard, type CardElement } from './adaptiveCard';
import { block, buttonRows, heading, linkRun, note, paragraphs, row, run, title } from './elements';
import { cleanLine, cleanText, escapeMarkdown, webUrl } from './escape';
import { fitCard } from './fit';
import { sayButton, type Button } from './submit';
import type { Words } from './words';

export interface AnswerSource {
  readonly title: string;
  readonly quote: string;
  readonly author?: string;
  /** As people write it. */
  readonly when?: string;
  readonly url?: string;
}

export interface AnswerProps {
  readonly words: Words;
  /** BCP 47 of the answer. */
  readonly locale?: string;
  readonly origin: 'ai' | 'quotes';
  readonly question?: string;
  /** Plain text. Leave it out where the activity's own text holds the answer. */
  readonly text?: string;
  readonly sources: readonly AnswerSource[];
  readonly followUps: readonly string[];
  readonly actions?: readonly Button[];
}

/** An answer with numbered sources that open, and questions to ask next. */
export function answerCard(props: AnswerProps): AdaptiveCard {
  const text = answerText(props);
  return fitCard(maxSources, (sourceCount) => adaptiveCard({
    language: props.locale,
    text,
    body: [...answer(props), ...sources(props, sourceCount), ...followUps(props), ...buttonRows((props.actions ?? []).slice(0, 4))],
  }));
}

/** The same as markdown; sources with links where they have an address. */
export function answerText({ words, origin, text, sources, followUps }: AnswerProps): string {
  return [
    text && escapeMarkdown(cleanText(text, 20_000)),
    sources.slice(0, 20).map(sourceText).join('\n'),
    followUps.slice(0, 5).map((question) => `- ${escapeMarkdown(cleanLine(question))}`).join('\n'),
    `_${words.card[origin]}_`,
  ].filter(Boolean).join('\n\n');
}

const maxSources = 8;
const maxTextLength = 4_000;

function answer({ words, origin, question, text }: AnswerProps): CardElement[] {
  return [
    ...(question ? [title(question)] : []),
    ...(text ? paragraphs(text, maxTextLength) : []),
    ...(text && text.length > maxTextLength ? [note(words.card.textCut)] : []),
    note(words.card[origin]),
  ];
}

function sources({ words, origin, sources }: AnswerProps, count: number): CardElement[] {
  if (sources.length === 0) return [];
  const hidden = sources.length - Math.min(count, sources.length);
  return [
    ...(origin === 'ai' ? [heading(words.card.sources)] : []),
    ...sources.slice(0, count).flatMap((source, index) => sourceItem(source, index + 1, words)),
    ...(hidden > 0 ? [note(words.card.more(hidden))] : []),
  ];
}

function sourceItem(source: AnswerSource, number: number, words: Words): CardElement[] {
  const label = [source.title, source.author, source.when].filter(Boolean).map((part) => cleanLine(part ?? '', 120)).join(' · ');
  return [
    block([run(`${number}. `, { weight: 'bolder' }), run(`“${cleanLine(source.quote, 400)}”`)]),
    block([linkRun(label, source.url, words.card.openSource(label), { size: 'small', isSubtle: true })], { spacing: 'none' }),
  ];
}

function followUps({ words, followUps }: AnswerProps): CardElement[] {
  // A question too long for its button would be asked cut off.
  const askable = followUps.filter((question) => question.trim() !== '' && question.length <= 150).slice(0, 3);
  return askable.length === 0 ? [] : [heading(words.card.followUps), ...askable.map((question) => row(sayButton(question, question)))];
}

function sourceText(source: AnswerSource, index: number): string {
  const href = webUrl(source.url);
  const name = escapeMarkdown(cleanLine(source.title, 120));
  const details = [source.author, source.when].filter(Boolean).map((detail) => escapeMarkdown(cleanLine(detail ?? '', 80))).join(', ');
  return `${index + 1}. ${href ? `[${name}](<${href}>)` : name}: “${escapeMarkdown(cleanLine(source.quote, 400))}”${details && ` (${details})`}`;
}
