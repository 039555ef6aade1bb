import { adaptiveCard, type AdaptiveCard, type CardElement, type TextRun } from './adaptiveCard';
import { block, buttonRows, heading, inLanguage, linkRun, note, paragraphs, run, title } from './elements';
import { cleanLine } from './escape';
import { fitCard } from './fit';
import type { Button } from './submit';
import { summaryReceipt, summaryText } from './summaryText';
import { dayText, daysOf, timeText, whenText, type Moment } from './when';
import type { Words } from './words';

export interface SummaryCardItem {
  readonly text: string;
  readonly messageId: string;
  readonly owner?: string;
  /** Calendar day, `YYYY-MM-DD`. */
  readonly due?: string;
}

/** A summary in sections. */
export interface SummaryShape {
  readonly origin: 'ai' | 'quotes';
  readonly language: string;
  readonly overview?: string;
  readonly keyPoints: readonly SummaryCardItem[];
  readonly decisions: readonly SummaryCardItem[];
  readonly actionItems: readonly SummaryCardItem[];
  readonly openQuestions: readonly SummaryCardItem[];
  readonly total: number;
  readonly read: number;
  readonly omissions: readonly { readonly reason: keyof Words['summaryCard']['omission']; readonly count: number }[];
}

/** The message that an item stands on: who, when, and where to open it. */
export interface SummaryMessage extends Moment {
  readonly author: { readonly name: string };
  readonly url?: string;
}

export interface SummaryProps {
  readonly words: Words;
  /** BCP 47 of the reader. */
  readonly locale: string;
  /** IANA name; without it times are in UTC. */
  readonly timeZone?: string;
  readonly title: string;
  readonly summary: SummaryShape;
  /** Messages of the thread by id; a Map, since ids are untrusted. */
  readonly messages: ReadonlyMap<string, SummaryMessage>;
  /** Goes with the buttons. */
  readonly threadId: string;
  /** Of this summary: the buttons offer the next shorter and longer one. */
  readonly length?: 'short' | 'standard' | 'detailed';
  /** Offers "Translate"; by default where a model wrote the summary. */
  readonly canTranslate?: boolean;
  /** Further buttons. */
  readonly actions?: readonly Button[];
}

/**
 * A summary, each item with who said it, when, and a link to the message. Buttons: `summarize` with
 * `{ threadId, length }`, `translate` with `{ threadId }`, `ask` with `{ threadId }`.
 */
export function summaryCard(summaryProps: SummaryProps): AdaptiveCard {
  const props = { ...summaryProps, days: daysOf(sourcesOf(summaryProps), summaryProps) };
  const text = summaryText(props);
  return fitCard(maxItems, (count) => adaptiveCard({
    language: props.locale,
    text,
    body: [...head(props), ...sections(props, count), note(summaryReceipt(props), { spacing: 'large' }), ...buttonRows(buttons(props))],
  }));
}

const maxItems = 12;

/** With the different days of the messages: where it is one, it stands at the top and items show the time of day. */
type View = SummaryProps & { readonly days: readonly string[] };

function sourcesOf({ summary: { keyPoints, decisions, actionItems, openQuestions }, messages }: SummaryProps): SummaryMessage[] {
  return [keyPoints, decisions, actionItems, openQuestions].flat().flatMap(({ messageId }) => messages.get(messageId) ?? []);
}

function head(props: View): CardElement[] {
  const { words, locale, title: name, summary } = props;
  return [
    title(name),
    ...day(props),
    note(words.summaryCard[summary.origin], { spacing: 'none' }),
    ...(summary.overview ? inLanguage(summary.language, locale, paragraphs(summary.overview, 800)) : []),
  ];
}

function sections(props: View, count: number): CardElement[] {
  const { words: { summaryCard: words }, summary } = props;
  const all = [
    ...section(words.keyPoints, summary.keyPoints, count, props),
    ...section(words.decisions, summary.decisions, count, props),
    ...section(words.actionItems, summary.actionItems, count, props),
    ...section(words.openQuestions, summary.openQuestions, count, props),
  ];
  return all.length > 0 || summary.overview ? all : [note(words.nothing, { size: 'default', spacing: 'default' })];
}

function section(name: string, items: readonly SummaryCardItem[], count: number, props: View): CardElement[] {
  if (items.length === 0) return [];
  const hidden = items.length - Math.min(count, items.length);
  return [
    heading(name),
    ...inLanguage(props.summary.language, props.locale, items.slice(0, count).flatMap((item) => itemElements(item, props))),
    ...(hidden > 0 ? [note(props.words.summaryCard.more(hidden))] : []),
  ];
}

function itemElements(item: SummaryCardItem, props: View): CardElement[] {
  const text = cleanLine(item.text, 500);
  return [
    block([run(props.summary.origin === 'quotes' ? `“${text}”` : text)], { spacing: 'small' }),
    block([...task(item, props), ...saidBy(item, props)], { spacing: 'none' }),
  ];
}

/** Owner and due day, in words of ours around untrusted ones. */
function task({ owner, due }: SummaryCardItem, { words, locale }: SummaryProps): TextRun[] {
  const parts = [owner && words.summaryCard.owner(cleanLine(owner, 80)), due && words.summaryCard.due(dayText(due, locale))].filter(Boolean);
  return parts.length > 0 ? [run(`${parts.join(' · ')}\u2003`, { size: 'small', weight: 'bolder' })] : [];
}

function saidBy({ messageId }: SummaryCardItem, props: View): TextRun[] {
  const message = props.messages.get(messageId);
  if (!message) return [];
  const when = props.days.length <= 1 ? timeText(message, props) : whenText(message, props);
  const label = [cleanLine(message.author.name, 80), when].filter(Boolean).join(' · ');
  return [linkRun(unbroken(label), message.url, props.words.card.openMessage(label), { size: 'small', isSubtle: true })];
}

/** A short link stays on one line: half a link reads as two. */
const unbroken = (label: string): string => label.length > 36 ? label : label.replaceAll(' ', '\u00A0');

function day({ words, timeZone, days: [only, ...others] }: View): CardElement[] {
  if (!only || others.length > 0) return [];
  return [note(timeZone ? only : words.summaryCard.utc(only), { spacing: 'none' })];
}

function buttons({ words: { summaryCard: words }, summary, threadId, length = 'standard', canTranslate = summary.origin === 'ai', actions = [] }: SummaryProps): Button[] {
  const again = { short: ['standard'], standard: ['short', 'detailed'], detailed: ['standard'] } as const;
  const titleOf = (other: string): string => other === 'short' || length === 'detailed' ? words.shorter : words.longer;
  return [
    ...again[length].map((other) => ({ title: titleOf(other), action: 'summarize', values: { threadId, length: other } })),
    ...(canTranslate ? [{ title: words.translate, action: 'translate', values: { threadId } }] : []),
    { title: words.ask, action: 'ask', values: { threadId } },
    ...actions,
  ];
}
