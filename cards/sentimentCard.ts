import { adaptiveCard, type AdaptiveCard, type CardElement, type TextRun } from './adaptiveCard';
import { block, buttonRows, heading, linkRun, note, run, title } from './elements';
import { cleanLine, escapeMarkdown, webUrl } from './escape';
import { fitCard } from './fit';
import type { Button } from './submit';
import type { SummaryMessage } from './summaryCard';
import { whenText } from './when';
import type { Words } from './words';

export type ToneName = 'positive' | 'negative' | 'mixed' | 'neutral';

/** The tone of a text or thread as the engine gives it (ai/sentiment.ts). */
export interface SentimentShape {
  readonly overall: ToneName;
  readonly people: readonly { readonly author: { readonly name: string }; readonly tone: ToneName }[];
  readonly quotes: readonly { readonly quote: string; readonly tone: ToneName; readonly messageId: string }[];
  readonly dropped: number;
  readonly total: number;
  readonly read: number;
  readonly omissions: readonly { readonly reason: keyof Words['summaryCard']['omission']; readonly count: number }[];
}

export interface SentimentProps {
  readonly words: Words;
  /** BCP 47 of the reader. */
  readonly locale: string;
  /** IANA name; without it times are in UTC. */
  readonly timeZone?: string;
  readonly title: string;
  readonly sentiment: SentimentShape;
  /** Messages of the thread by id; a Map, since ids are untrusted. */
  readonly messages: ReadonlyMap<string, SummaryMessage>;
  /** Goes with the buttons. */
  readonly threadId: string;
  /** More buttons. */
  readonly actions?: readonly Button[];
}

/**
 * The tone of words: of all, of each person's, and the sentences that carry it, each with a link to its message. Buttons:
 * `summarize` and `ask` with `{ threadId }`.
 */
export function sentimentCard(props: SentimentProps): AdaptiveCard {
  const text = sentimentText(props);
  return fitCard(MAX_QUOTES, (count) => adaptiveCard({
    language: props.locale,
    text,
    body: [...head(props), ...people(props), ...quotes(props, count), note(receipt(props), { spacing: 'large' }), ...buttonRows(buttons(props))],
  }));
}

/** The whole of it as markdown. */
export function sentimentText(props: SentimentProps): string {
  const { words: { sentimentCard: words }, title: name, sentiment } = props;
  return [
    `**${escapeMarkdown(cleanLine(name))}**`,
    `_${words.ai}_`,
    `**${words.overall}:** ${words.tone[sentiment.overall]}`,
    listText(words.people, sentiment.people.map(({ author, tone }) => `${escapeMarkdown(cleanLine(author.name, MAX_NAME))}: ${words.tone[tone]}`)),
    listText(words.quotes, sentiment.quotes.map((quote) => quoteText(quote, props))),
    sentiment.quotes.length === 0 && words.none,
    receipt(props),
    words.purpose,
  ].filter(Boolean).join('\n\n');
}

const MAX_QUOTES = 12;
const MAX_PEOPLE = 10;
const MAX_QUOTE_LENGTH = 400;
const MAX_NAME = 80;

/** Not by colour: in Teams' own ones these words are too faint to read. */
const toneRun = (tone: ToneName, { words }: SentimentProps, look: Partial<TextRun> = {}): TextRun => run(words.sentimentCard.tone[tone], { weight: 'bolder', ...look });

function head(props: SentimentProps): CardElement[] {
  const { words: { sentimentCard: words }, title: name, sentiment } = props;
  return [
    title(name),
    note(words.ai, { spacing: 'none' }),
    note(words.purpose, { spacing: 'none' }),
    block([run(`${words.overall}: `), toneRun(sentiment.overall, props)], { spacing: 'default' }),
    ...(sentiment.quotes.length === 0 ? [note(words.none, { size: 'default' })] : []),
  ];
}

function people(props: SentimentProps): CardElement[] {
  const { words: { sentimentCard: words }, sentiment } = props;
  if (sentiment.people.length === 0) return [];
  const hidden = sentiment.people.length - MAX_PEOPLE;
  return [
    heading(words.people),
    ...sentiment.people.slice(0, MAX_PEOPLE).map(({ author, tone }) => block([run(`${cleanLine(author.name, MAX_NAME)}: `), toneRun(tone, props)], { spacing: 'small' })),
    ...(hidden > 0 ? [note(props.words.card.more(hidden))] : []),
  ];
}

function quotes(props: SentimentProps, count: number): CardElement[] {
  const { words, sentiment } = props;
  if (sentiment.quotes.length === 0) return [];
  const hidden = sentiment.quotes.length - Math.min(count, sentiment.quotes.length);
  return [
    heading(words.sentimentCard.quotes),
    ...sentiment.quotes.slice(0, count).flatMap(({ quote, tone, messageId }) => [
      block([run(`“${cleanLine(quote, MAX_QUOTE_LENGTH)}”`)], { spacing: 'small' }),
      block([toneRun(tone, props, { size: 'small' }), ...saidBy(messageId, props)], { spacing: 'none' }),
    ]),
    ...(hidden > 0 ? [note(words.card.more(hidden))] : []),
  ];
}

function saidBy(messageId: string, props: SentimentProps): TextRun[] {
  const message = props.messages.get(messageId);
  if (!message) return [];
  const label = [cleanLine(message.author.name, MAX_NAME), whenText(message, props)].filter(Boolean).join(' · ');
  return [run('\u2003', { size: 'small' }), linkRun(label, message.url, props.words.card.openMessage(label), { size: 'small', isSubtle: true })];
}

function receipt({ words: { summaryCard, sentimentCard }, sentiment: { read, total, omissions, dropped } }: SentimentProps): string {
  const reasons = omissions.filter(({ count }) => count > 0).map(({ reason, count }) => summaryCard.omission[reason](count));
  const left = [reasons.length > 0 && summaryCard.leftOut(reasons.join(', ')), dropped > 0 && sentimentCard.dropped(dropped)];
  return `${[summaryCard.receipt(read, total), ...left].filter(Boolean).join('. ')}.`;
}

function buttons({ words: { dialog, summaryCard }, threadId, actions = [] }: SentimentProps): Button[] {
  return [
    { title: dialog.summarizeIt, action: 'summarize', values: { threadId } },
    { title: summaryCard.ask, action: 'ask', values: { threadId } },
    ...actions,
  ];
}

const listText = (name: string, lines: readonly string[]): string => (lines.length === 0 ? '' : [`**${name}**`, '', ...lines.map((line) => `- ${line}`)].join('\n'));

function quoteText({ quote, tone, messageId }: SentimentShape['quotes'][number], props: SentimentProps): string {
  const message = props.messages.get(messageId);
  const label = message ? escapeMarkdown([cleanLine(message.author.name, MAX_NAME), whenText(message, props)].filter(Boolean).join(' ')) : '';
  const href = webUrl(message?.url);
  const place = href ? `[${label}](<${href}>)` : label;
  return `“${escapeMarkdown(cleanLine(quote, MAX_QUOTE_LENGTH))}” (${[props.words.sentimentCard.tone[tone], place].filter(Boolean).join(', ')})`;
}
