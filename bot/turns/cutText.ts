/** Characters that text takes up in JSON, without the quotes around it. */
export const jsonLength = (text: string): number => JSON.stringify(text).length - 2;

/**
 * Cuts Markdown into pieces that take up at most `maxLength` characters in JSON each: between paragraphs, else lines,
 * sentences, words; in the midst of a word only where there is no other way, and then between what people see as
 * characters. Mentions, links and citation marks stay whole; a code fence is closed and opened again. Nothing but white
 * space at the seams is lost.
 */
export function cutText(text: string, maxLength: number): readonly string[] {
  const pieces: string[] = [];
  const closingLength = longestFence(text) + 2;
  let fence: Fence | undefined;
  let rest = text;
  while (rest.trim() !== '') {
    const opening: string = fence ? `${fence.line}\n` : '';
    if (jsonLength(opening + rest) <= maxLength) return [...pieces, opening + rest];
    const room = Math.max(SMALLEST_PIECE, maxLength - jsonLength(opening) - closingLength);
    const end = cutAt(rest, reach(rest, room));
    const piece = rest.slice(0, end);
    fence = openFence(piece, fence);
    pieces.push(opening + piece.trimEnd() + (fence ? `\n${fence.marker}` : ''));
    // The white space of the seam goes; the indentation of the next line is part of it.
    rest = rest.slice(end).replace(/^[^\S\r\n]*[\r\n]+|^[^\S\r\n]+/, '');
  }
  return pieces;
}

const SMALLEST_PIECE = 16;

interface Fence {
  readonly marker: string;
  readonly line: string;
}

const MAX_FENCE_LINE = 60;
const fenceLines = /^ {0,3}(`{3,20}|~{3,20})([^`\n]*)$/gm;

const longestFence = (text: string): number => Math.max(0, ...[...text.matchAll(fenceLines)].map(([, marker = '']) => marker.length));

/** The code fence that is open at the end of a piece. */
function openFence(piece: string, before: Fence | undefined): Fence | undefined {
  let open = before;
  for (const [line, marker = '', info = ''] of piece.matchAll(fenceLines)) {
    if (!open) open = { marker, line: line.length > MAX_FENCE_LINE ? marker : line };
    else if (marker.startsWith(open.marker) && info.trim() === '') open = undefined;
  }
  return open;
}

/** How many characters of the text take up at most `maxLength` in JSON. */
function reach(text: string, maxLength: number): number {
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    length += costAt(text, index);
    if (length > maxLength) return index;
  }
  return text.length;
}

function costAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x20) return '\b\t\n\f\r'.includes(text.charAt(index)) ? 2 : 6;
  return code >= 0xd800 && code <= 0xdfff && !isInPair(text, index) ? 6 : 1;
}

const isInPair = (text: string, index: number): boolean => text.slice(index, index + 2).isWellFormed() || text.slice(Math.max(0, index - 1), index + 1).isWellFormed();

/** The best place for a cut at or before `limit`. */
function cutAt(text: string, limit: number): number {
  const half = Math.floor(limit / 2);
  const places = [text.lastIndexOf('\n\n', limit), text.lastIndexOf('\n', limit), lastSentenceEnd(text, half, limit), lastSpace(text, limit)];
  const end = outsideSpans(text, places.find((place, index) => place > (index === places.length - 1 ? 0 : half)) ?? limit);
  return end === limit ? betweenCharacters(text, limit) : end;
}

function lastSentenceEnd(text: string, from: number, to: number): number {
  const ends = [...text.slice(from, to).matchAll(/[.!?…]["'”’)\]]{0,3}(?=\s)|[。！？]/gu)];
  const last = ends.at(-1);
  return last ? from + last.index + last[0].length : -1;
}

function lastSpace(text: string, limit: number): number {
  for (let index = limit; index > 0; index -= 1) if (/\s/.test(text.charAt(index))) return index;
  return -1;
}

const spans = /<at\b[^>]{0,100}>.{0,200}?<\/at>|\[[^\]\n]{0,300}\]\([^)\s]{0,2000}\)|\[\d{1,3}\]/g;

/** Before the mention, link or citation mark that the place is in. */
function outsideSpans(text: string, place: number): number {
  const from = Math.max(0, place - 2_400);
  for (const { 0: span, index } of text.slice(from, place + 2_400).matchAll(spans)) {
    const start = from + index;
    if (start > 0 && start < place && place < start + span.length) return start;
  }
  return place;
}

const LONG_CHARACTER = 64; // in UTF-16: families and flags are shorter

/** Not between the halves of an emoji or a letter and its accents. */
function betweenCharacters(text: string, place: number): number {
  const from = Math.max(0, place - LONG_CHARACTER);
  const character = new Intl.Segmenter().segment(text.slice(from, place + LONG_CHARACTER)).containing(place - from);
  if (character && character.index > 0) return from + character.index;
  return isInPair(text, place) && isLowSurrogate(text, place) ? Math.max(1, place - 1) : place;
}

const isLowSurrogate = (text: string, index: number): boolean => /^[\uDC00-\uDFFF]$/.test(text.charAt(index));
