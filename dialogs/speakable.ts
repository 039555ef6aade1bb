import { MAX_SPOKEN_LENGTH } from '../ai/speak';

/** What is read aloud of an answer. */
export interface Speakable {
  /** Plain words, at most MAX_SPOKEN_LENGTH characters. */
  readonly text: string;
  /** Characters of the whole; more than `text` has where it is cut. */
  readonly length: number;
  readonly leavesOutCode: boolean;
}

/** The words of a Markdown text: without code, addresses, marks of formatting and numbers of sources. */
export function toSpeakable(markdown: string): Speakable {
  const withoutCode = markdown.replace(/^ {0,3}(`{3,20}|~{3,20})[^\n]*\n[\s\S]*?(?:\n {0,3}\1[^\n]*(?=\n|$)|$)/gm, '\n');
  const whole = withoutMarks(withoutCode);
  return { text: cut(whole), length: whole.length, leavesOutCode: withoutCode !== markdown };
}

/** In this order: what holds marks of its own comes before the marks. */
const steps: readonly (readonly [RegExp, string])[] = [
  [/\r\n?/g, '\n'],
  [/^\[[^\]\n]{1,40}\]: .*$/gm, ''], // where [1] leads
  [/!?\[([^[\]\n]{0,500})\]\((?:[^()\s]|\([^()\s]{0,500}\)){0,2000}(?:\s+"[^"]{0,500}")?\)/g, '$1'],
  [/!?\[([^[\]\n]{0,500})\]\(<[^<>\n]{0,2000}>\)/g, '$1'],
  [/\s*\[\d{1,3}\]/g, ''], // numbers of sources
  [/<at\b[^<>]{0,200}>([^<]{0,200})<\/at>/g, '$1'],
  [/<(?:https?:|mailto:)[^<>\s]{0,2000}>|(?:https?:\/\/|www\.)[^\s<>]+/gi, ''],
  [/<\/?[a-z][^<>\n]{0,200}>/gi, ''],
  [/`{1,3}([^`\n]{0,500})`{1,3}/g, '$1'],
  [/^ {0,3}(?:[-*_] *){3,}$/gm, ''], // lines across
  [/^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t]*:?-*:?[ \t]*$/gm, ''], // below the head of a table
  [/^[ \t]*\|(.*)\|[ \t]*$/gm, '$1'],
  [/ *\| */g, ', '],
  [/^[ \t]*(?:>[ \t]?)+/gm, ''],
  [/^[ \t]*[-*+][ \t]+/gm, ''],
  [/^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$/gm, '$1'],
  [/(\*\*\*|\*\*|___|__|~~)(?=\S)([\s\S]*?\S)\1/g, '$2'],
  [/(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*\S)\*(?![\p{L}\p{N}])/gu, '$1'],
  [/(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*\S)_(?![\p{L}\p{N}])/gu, '$1'],
  [/\\([\\`*_{}[\]()#+.!|<>~:@=-])/g, '$1'],
  [/&lt;/g, '<'],
  [/[ \t]+([.,;:!?])/g, '$1'],
  [/[ \t]{2,}/g, ' '],
  [/^[ \t]+/gm, ''],
  // A heading or an item ends like a sentence, so that the voice pauses.
  [/([\p{L}\p{N})”"»’])[ \t]*(?=\n|$)/gu, '$1.'],
  [/\n{2,}/g, '\n'],
];

const withoutMarks = (text: string): string => steps.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text).trim();

/** At the end of a sentence, else of a word. */
function cut(text: string): string {
  if (text.length <= MAX_SPOKEN_LENGTH) return text;
  const room = text.slice(0, MAX_SPOKEN_LENGTH);
  const sentence = Math.max(room.lastIndexOf('\n'), ...['. ', '! ', '? ', '。'].map((end) => room.lastIndexOf(end) + 1));
  const end = sentence > MAX_SPOKEN_LENGTH / 2 ? sentence : room.lastIndexOf(' ');
  return room.slice(0, end > 0 ? end : MAX_SPOKEN_LENGTH).toWellFormed().trim();
}
