import { cleanLine, cleanText, escapeMarkdown, webUrl } from './escape';
import type { SummaryCardItem, SummaryProps } from './summaryCard';
import { dayText, whenText } from './when';

/** The whole summary as markdown, nothing left out: for channels without cards. */
export function summaryText(props: SummaryProps): string {
  const { words: { summaryCard: words }, title, summary } = props;
  return [
    `**${escapeMarkdown(cleanLine(title))}**`,
    `_${words[summary.origin]}_`,
    summary.overview && escapeMarkdown(cleanText(summary.overview)),
    section(words.keyPoints, summary.keyPoints, props),
    section(words.decisions, summary.decisions, props),
    section(words.actionItems, summary.actionItems, props),
    section(words.openQuestions, summary.openQuestions, props),
    isEmpty(props) && words.nothing,
    summaryReceipt(props),
  ].filter(Boolean).join('\n\n');
}

/** How much was read, and what was left out and why. */
export function summaryReceipt({ words: { summaryCard: words }, summary: { read, total, omissions } }: SummaryProps): string {
  const reasons = omissions.filter(({ count }) => count > 0).map(({ reason, count }) => words.omission[reason](count));
  return [words.receipt(read, total), reasons.length > 0 && words.leftOut(reasons.join(', '))].filter(Boolean).join('. ') + '.';
}

function isEmpty({ summary }: SummaryProps): boolean {
  return !summary.overview && [summary.keyPoints, summary.decisions, summary.actionItems, summary.openQuestions].every((items) => items.length === 0);
}

function section(name: string, items: readonly SummaryCardItem[], props: SummaryProps): string {
  return items.length === 0 ? '' : [`**${name}**`, '', ...items.map((item) => itemText(item, props))].join('\n');
}

function itemText(item: SummaryCardItem, props: SummaryProps): string {
  const { words, locale, summary } = props;
  const text = escapeMarkdown(cleanLine(item.text, 500));
  const details = [
    item.owner && escapeMarkdown(words.summaryCard.owner(cleanLine(item.owner, 80))),
    item.due && words.summaryCard.due(escapeMarkdown(dayText(item.due, locale))),
    saidBy(item, props),
  ].filter(Boolean).join(', ');
  return `- ${summary.origin === 'quotes' ? `“${text}”` : text}${details && ` (${details})`}`;
}

function saidBy({ messageId }: SummaryCardItem, props: SummaryProps): string {
  const message = props.messages.get(messageId);
  if (!message) return '';
  const label = escapeMarkdown([cleanLine(message.author.name, 80), whenText(message, props)].filter(Boolean).join(' '));
  const href = webUrl(message.url);
  return href ? `[${label}](<${href}>)` : label;
}
