import type { Claim, Summary } from '../ai/summary/summary';
import type { Words } from '../cards/words';
import { formatOffset } from '../threads/format';
import type { Thread, ThreadMessage } from '../threads/thread';
import { inertText } from './inertText';

export interface SummaryReport {
  /** The source's file name. */
  readonly file: string;
  readonly thread: Thread;
  readonly summary: Summary;
  readonly modelName: string | undefined;
}

interface SummaryItem extends Pick<Claim, 'text' | 'owner' | 'due'> {
  readonly messageId: string;
}

const sections = ['decisions', 'actionItems', 'openQuestions', 'keyPoints'] as const;

const kinds: Readonly<Record<(typeof sections)[number], readonly Claim['kind'][]>> = { decisions: ['decision'], actionItems: ['action'], openQuestions: ['question'], keyPoints: ['topic', 'fact'] };

/** What stands: not what was taken back, given to others or answered. */
function itemsOf({ claims, keySentences }: Summary, section: (typeof sections)[number]): readonly SummaryItem[] {
  const standing = claims.filter(({ kind, status }) => kinds[section].includes(kind) && !['superseded', 'cancelled', 'answered'].includes(status));
  const items = standing.map(({ text, owner, due, evidence: [first] }) => ({ text, messageId: first?.messageId ?? '', ...(owner !== undefined && { owner }), ...(due !== undefined && { due }) }));
  return section === 'keyPoints' ? [...items, ...keySentences] : items;
}

/** For people: each item with who said it and where; ends with what was read. */
export function summaryText(report: SummaryReport, words: Words): string {
  const { file, thread, summary } = report;
  const title = thread.title === file ? file : `${thread.title} (${file})`;
  const blocks = sections.filter((section) => itemsOf(summary, section).length > 0).map((section) => sectionText(report, section, words));
  const parts = [`${title}\n${label(report, words)}`, summary.tldr.length > 0 ? summary.tldr.map(({ text }) => text).join(' ') : undefined, ...blocks, receipt(summary, words)];
  return `${parts.filter((part) => part !== undefined).map(inertText).join('\n\n')}\n`;
}

/** For programs: the summary, each item with its author, time and place in the source. */
export function summaryDocument({ file, thread, summary, modelName }: SummaryReport): object {
  const located = (section: (typeof sections)[number]) => itemsOf(summary, section).map((item) => ({ ...item, ...locate(file, thread, item) }));
  const { origin, language, tldr, coverage: { messages: total, read, omitted } } = summary;
  return {
    file,
    title: thread.title,
    kind: thread.kind,
    model: modelName ?? null,
    origin,
    language,
    tldr,
    keyPoints: located('keyPoints'),
    decisions: located('decisions'),
    actionItems: located('actionItems'),
    openQuestions: located('openQuestions'),
    total,
    read,
    omissions: omitted,
  };
}

function label({ thread, summary, modelName }: SummaryReport, { cli }: Words): string {
  return summary.origin === 'ai' ? cli.label.ai(modelName ?? '') : cli.label[thread.kind];
}

function sectionText({ file, thread, summary }: SummaryReport, section: (typeof sections)[number], words: Words): string {
  const lines = itemsOf(summary, section).map((item) => itemText(file, thread, item, words));
  return [words.summaryCard[section], ...lines].join('\n');
}

function itemText(file: string, thread: Thread, item: SummaryItem, words: Words): string {
  const { author, location } = locate(file, thread, item);
  const said = author === undefined || author === file ? item.text : `${author}: ${item.text}`;
  const task = [item.owner && words.summaryCard.owner(item.owner), item.due && words.summaryCard.due(item.due)].filter(Boolean);
  return [`- ${said}`, ...(task.length > 0 ? [`  ${task.join(' · ')}`] : []), `  ${location}`].join('\n');
}

interface Place {
  readonly author: string | undefined;
  readonly offsetMs: number | undefined;
  readonly createdAt: string | undefined;
  /** File, message id and time: enough to find it. */
  readonly location: string;
}

function locate(file: string, { messages }: Thread, { messageId }: SummaryItem): Place {
  const message = messages.find(({ id }) => id === messageId);
  const location = [file, messageId, message && timeOf(message)].filter(Boolean).join(' ');
  return { author: message?.author.name, offsetMs: message?.offsetMs, createdAt: message?.createdAt, location };
}

function timeOf({ offsetMs, createdAt }: ThreadMessage): string | undefined {
  return offsetMs === undefined ? createdAt : formatOffset(offsetMs);
}

function receipt({ coverage: { read, messages, omitted } }: Summary, { summaryCard }: Words): string {
  const line = summaryCard.receipt(read, messages);
  if (omitted.length === 0) return line;
  return `${line}. ${summaryCard.leftOut(omitted.map(({ reason, count }) => summaryCard.omission[reason](count)).join(', '))}`;
}
