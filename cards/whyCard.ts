import { adaptiveCard, type AdaptiveCard, type CardElement } from './adaptiveCard';
import { block, heading, linkRun, note, run, sentence } from './elements';
import { cleanLine, escapeMarkdown, webUrl } from './escape';
import { fitCard } from './fit';
import type { Button } from './submit';
import type { Words } from './words';

export interface WhyVerdict {
  readonly on: 'prompt' | 'answer';
  /** The service's name of it, such as `hate`; `content_filter_error` where a filter could not look. */
  readonly category: string;
  readonly severity?: string;
  readonly isFiltered: boolean;
  readonly isDetected?: boolean;
}

export interface WhyProps {
  readonly words: Words;
  readonly locale?: string;
  /** False where the calls brought no answer. */
  readonly isAnswered: boolean;
  /** Deployments that were asked, each once. */
  readonly targets: readonly { readonly name: string; readonly region?: string }[];
  readonly sources: readonly { readonly title: string; readonly author?: string; readonly url?: string }[];
  /** Messages that were looked into, of how many. */
  readonly read?: { readonly read: number; readonly total: number };
  readonly omissions: readonly { readonly reason: keyof Words['summaryCard']['omission']; readonly count: number }[];
  readonly isCutOff: boolean;
  readonly filters: readonly WhyVerdict[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly isEstimated: boolean;
  readonly requests: number;
  readonly durationMs: number;
  readonly firstTextMs?: number;
  /** Where people read more about AI and data. */
  readonly moreUrl?: string;
}

/** The button under what a model wrote. `answer`: id of the message that was answered. */
export const whyButton = (words: Words, answer: string): Button => ({ title: words.whyCard.title, action: 'why', values: { answer } });

/** How an answer came about: who wrote it, on what, what was left out, what filters said, and what it took. */
export function whyCard(props: WhyProps): AdaptiveCard {
  const { words: { whyCard: words }, locale, moreUrl } = props;
  const more = webUrl(moreUrl);
  const text = whyText(props);
  return fitCard(maxSources, (count) => adaptiveCard({
    language: locale,
    text,
    body: [
      sentence(words.title, { size: 'large', weight: 'bolder', style: 'heading' }),
      sentence(opening(props)),
      ...part(props.isAnswered ? words.writtenBy : words.asked, targets(props)),
      ...basis(props, count),
      ...part(words.filters, filters(props)),
      ...part(words.effort, effort(props)),
      ...(more ? [block([linkRun(words.more, more, words.more)], { spacing: 'large' })] : []), // a button would be wider than a phone
    ],
  }));
}

/** The same as markdown. */
export function whyText(props: WhyProps): string {
  const { words: { whyCard: words }, moreUrl } = props;
  const named = props.isAnswered ? props.sources.slice(0, maxSources).map((source) => sourceText(source)) : [];
  const more = webUrl(moreUrl);
  return [
    `**${words.title}**`,
    opening(props),
    partText(props.isAnswered ? words.writtenBy : words.asked, targets(props)),
    partText(words.basis, [...basisLines(props).map(escapeMarkdown), ...named], false),
    partText(words.filters, filters(props)),
    partText(words.effort, effort(props)),
    more && `[${words.more}](<${more}>)`,
  ].filter(Boolean).join('\n\n');
}

const maxSources = 8;

const opening = ({ words: { whyCard: words }, isAnswered }: WhyProps): string => (isAnswered ? words.ai : words.noAnswer);

/** A heading and its lines, which may hold names from outside; nothing without lines. */
const part = (name: string, lines: readonly string[]): CardElement[] =>
  lines.length === 0 ? [] : [heading(name), ...lines.map((line) => block([run(line)], { spacing: 'small' }))];

const partText = (name: string, lines: readonly string[], isRaw = true): string =>
  lines.length === 0 ? '' : [`**${name}**`, ...lines.map((line) => `- ${isRaw ? escapeMarkdown(line) : line}`)].join('\n');

function targets({ words: { whyCard: words }, targets: asked }: WhyProps): string[] {
  return asked.slice(0, 5).map(({ name, region }) => (region ? words.inRegion(cleanLine(name, 80), cleanLine(region, 40)) : cleanLine(name, 80))).filter(Boolean);
}

function basis(props: WhyProps, count: number): CardElement[] {
  const { words: { whyCard: words, card }, sources, isAnswered } = props;
  const lines = basisLines(props);
  if (!isAnswered || lines.length + sources.length === 0) return [];
  const hidden = sources.length - Math.min(count, sources.length);
  return [
    heading(words.basis),
    ...sources.slice(0, count).map((source) => {
      const label = labelOf(source);
      return block([linkRun(label, source.url, card.openSource(label))], { spacing: 'small' });
    }),
    ...(hidden > 0 ? [note(card.more(hidden))] : []),
    ...lines.map((line) => sentence(line, { spacing: 'small' })),
  ];
}

/** How much was looked into, and what was left out: words of ours. */
function basisLines({ words, isAnswered, sources, read, omissions, isCutOff }: WhyProps): string[] {
  const { whyCard, summaryCard } = words;
  if (!isAnswered) return [];
  const reasons = omissions.map(({ reason, count }) => summaryCard.omission[reason](count)).join(', ');
  const isWhole = read !== undefined && read.read === read.total && !isCutOff;
  return [
    ...(read ? [`${summaryCard.receipt(read.read, read.total)}.`] : []),
    ...(reasons ? [`${summaryCard.leftOut(reasons)}.`] : []),
    ...(isWhole ? [whyCard.nothingLeftOut] : []),
    ...(isCutOff ? [whyCard.cutOff] : []),
    ...(!read && sources.length === 0 ? [whyCard.noSources] : []),
  ];
}

const labelOf = ({ title, author }: WhyProps['sources'][number]): string => [title, author].filter(Boolean).map((text) => cleanLine(text ?? '', 120)).join(' · ');

function sourceText(source: WhyProps['sources'][number]): string {
  const [label, href] = [escapeMarkdown(labelOf(source)), webUrl(source.url)];
  return href ? `[${label}](<${href}>)` : label;
}

function filters({ words: { whyCard: words }, filters: verdicts }: WhyProps): string[] {
  const looked = verdicts.filter(({ category }) => category !== 'content_filter_error').slice(0, 30);
  const found = looked.filter(isFinding).map((verdict) => findingText(verdict, words));
  return [
    ...found,
    ...(found.length === 0 && looked.length > 0 ? [words.filtersClean([...new Set(looked.map(({ category }) => categoryName(category, words)))].join(', '))] : []),
    ...(looked.length < verdicts.length ? [words.filtersDown] : []),
    ...(verdicts.length === 0 ? [words.filtersUnknown] : []),
  ];
}

const isFinding = ({ isFiltered, isDetected, severity }: WhyVerdict): boolean => isFiltered || isDetected === true || (severity !== undefined && severity !== 'safe');

function findingText({ category, severity = '', on, isFiltered }: WhyVerdict, words: Words['whyCard']): string {
  const degree = new Map(Object.entries(words.severities)).get(severity);
  const name = capital(categoryName(category, words));
  const what = degree === undefined ? name : words.severity(name, degree);
  return isFiltered ? words.stopped(what, words.where[on]) : words.found(what, words.where[on]);
}

const capital = (text: string): string => `${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}`;

/** A map: the name comes from a service, and every object has a "constructor". */
const categoryName = (category: string, { categories }: Words['whyCard']): string =>
  new Map(Object.entries(categories)).get(category) ?? cleanLine(category.replaceAll('_', ' '), 60);

function effort({ words: { whyCard: words }, locale = 'en', inputTokens, outputTokens, isEstimated, requests, durationMs, firstTextMs }: WhyProps): string[] {
  const tokens = words.tokens(count(inputTokens, locale), count(outputTokens, locale));
  const all = seconds(durationMs, locale);
  return [
    isEstimated ? words.estimated(tokens) : tokens,
    firstTextMs === undefined ? words.seconds(all) : words.secondsFirst(all, seconds(firstTextMs, locale)),
    words.requests(requests),
  ];
}

const count = (number: number, locale: string): string => number.toLocaleString(locale);

const seconds = (durationMs: number, locale: string): string => (durationMs / 1000).toLocaleString(locale, { maximumFractionDigits: 1 });
