import { assembleThread } from './assemble';
import type { ParsedMessage } from './assemble';
import { chatFormats, fieldLabels } from './chatFormats';
import type { ChatFormat } from './chatFormats';
import { areOffsets, dateOrderOf, offsetMs, toCreatedAt } from './chatTime';
import { parseParagraphs } from './paragraphs';
import type { Thread } from './thread';

/**
 * A thread from text that a person pasted: chats and transcripts as copied from Teams, Slack, WhatsApp, Zoom or Meet,
 * or plain "Name: text"; a document of paragraphs where it is none of these. Throws FileError `empty`.
 */
export function parsePastedText(text: string, title = 'Pasted text'): Thread {
  const lines = joinSplitHeaders(text.replace(/[\u200E\u200F\uFEFF]/g, '').replace(/[\u00A0\u202F]/g, ' ').split(/\r?\n/));
  const entries = bestReading(lines);
  if (!entries) return parseParagraphs(title, text);
  const messages = toMessages(title, entries);
  return assembleThread({ title, kind: isSpoken(messages) ? 'meeting' : 'chat', messages });
}

interface Entry {
  readonly author: string | undefined;
  readonly date: string | undefined;
  readonly time: string | undefined;
  readonly lines: string[];
}

const bareTime = /^\s*\[?(?:\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?)\]?\s*$/;
const cueTimes = /^(\d+:\d+:\d+)(?:[.,]\d+)? --> /;
const nameLine = /^\p{Lu}[\p{L}\p{M}.'’()-]*(?: [\p{L}\p{M}.'’()-]+){0,4}(?:, \p{Lu}[\p{L}\p{M}.'’()-]*(?: [\p{L}\p{M}.'’()-]+){0,4})?$/u;

/** Slack puts the time under the name, old Teams transcripts above it: both become "Name  10:03". */
function joinSplitHeaders(lines: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [line = '', next = ''] = lines.slice(index, index + 2);
    const offset = cueTimes.exec(line)?.[1];
    if (offset && nameLine.test(next)) joined.push(`${next}  ${offset.split(':').map((part) => part.padStart(2, '0')).join(':')}`);
    else if (nameLine.test(line) && bareTime.test(next) && (lines[index - 1] ?? '').trim() === '') joined.push(`${line}  ${next.trim()}`);
    else {
      joined.push(line);
      continue;
    }
    index += 1;
  }
  return joined;
}

function bestReading(lines: readonly string[]): readonly Entry[] | undefined {
  const filled = lines.filter((line) => line.trim() !== '').length;
  const readings = chatFormats
    .map((format) => ({ format, entries: readEntries(lines, format) }))
    .filter(({ format, entries }) => isPlausible(format, entries, filled))
    .map(({ entries }) => entries);
  return readings.reduce<readonly Entry[] | undefined>((best, each) => (each.length > (best?.length ?? 0) ? each : best), undefined);
}

function readEntries(lines: readonly string[], { header, notice, stamped }: ChatFormat): readonly Entry[] {
  const entries: Entry[] = [];
  for (const line of lines) {
    const groups = header.exec(line.trim())?.groups;
    if (groups?.author && (stamped || !fieldLabels.has(groups.author.toLowerCase()))) {
      entries.push({ author: groups.author.trim(), date: groups.date, time: groups.time, lines: [groups.text ?? ''] });
    } else if (notice?.test(line.trim())) entries.push({ author: undefined, date: undefined, time: undefined, lines: [] });
    else appendLine(entries, line);
  }
  return entries.filter(({ author, lines: own }) => author !== undefined || own.some((line) => line.trim() !== ''));
}

/** Text before the first header is kept too, as nobody's. Slack's lone times between messages are not text. */
function appendLine(entries: Entry[], line: string): void {
  if (bareTime.test(line)) return;
  if (entries.length === 0 && line.trim() !== '') entries.push({ author: undefined, date: undefined, time: undefined, lines: [] });
  entries.at(-1)?.lines.push(line);
}

/** Two stamped headers are no chance; "Name: text" must explain half of the lines, or a fifth with people who speak again. */
function isPlausible({ stamped }: ChatFormat, entries: readonly Entry[], filledLines: number): boolean {
  const authors = entries.flatMap(({ author }) => author ?? []);
  if (stamped) return authors.length >= 2 || (authors.length === 1 && entries[0]?.author !== undefined);
  const someoneSpeaksAgain = new Set(authors).size < authors.length;
  const share = authors.length / filledLines;
  return authors.length >= 2 && (share >= 0.5 || (someoneSpeaksAgain && authors.length >= 3 && share >= 0.2));
}

function toMessages(title: string, entries: readonly Entry[]): readonly ParsedMessage[] {
  const stamps = entries.filter(({ author }) => author !== undefined);
  const order = dateOrderOf(stamps);
  const recorded = areOffsets(stamps);
  return entries.flatMap(({ author = title, date, time, lines }) => {
    const text = lines.join('\n').trim();
    const createdAt = toCreatedAt({ date, time }, order);
    const offset = recorded ? offsetMs(time) : undefined;
    if (text === '') return [];
    return [{ author, ...(createdAt ? { createdAt } : {}), ...(offset === undefined ? {} : { offsetMs: offset }), text }];
  });
}

/** A bare "um" is a German word; with a comma it is a pause. */
const FILLERS = /(?:^|[\s,])(?:um(?=,)|umm+|uh+|erm|mm-?hmm|uh-?huh|äh+m?|euh)(?=[\s,.?!]|$)/iu;

/** Written "Name: text" may be a typed-up meeting: times of a recording or fillers tell. */
function isSpoken(messages: readonly ParsedMessage[]): boolean {
  if (messages.some(({ offsetMs: offset }) => offset !== undefined)) return true;
  return messages.filter(({ text }) => FILLERS.test(text)).length > messages.length / 25;
}
