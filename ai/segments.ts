import { estimateTokens } from './tokens';

/** A piece of a text: what stands before and after its body is never shown to a model. */
export interface Segment {
  readonly before: string;
  readonly body: string;
  readonly after: string;
}

const MAX_SEGMENT_TOKENS = 1_000;

/**
 * Cuts a text so that the pieces put together are the text again. Code blocks and table rulers have no body; a
 * heading, list item, quote or table cell is one piece without its signs; the lines of a paragraph stay together.
 */
export function cutIntoSegments(text: string): readonly Segment[] {
  const blocks = text.split(/(^[ \t]*(?:```|~~~)[\s\S]*?(?:^[ \t]*(?:```|~~~)[ \t]*$|(?![\s\S])))/m);
  return blocks.flatMap((block, index) => (index % 2 === 1 ? [verbatim(block)] : cutParagraphs(block)));
}

const verbatim = (text: string): Segment => ({ before: text, body: '', after: '' });

const structuralLine = /^(?:\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|>|\|)|\s*$|\s*(?:-{3,}|\*{3,}|={3,})\s*$)/;

/** Lines without structure are joined with those before them. */
function cutParagraphs(block: string): readonly Segment[] {
  const lines = block.split(/(?<=\n)/);
  const groups: { text: string; isPlain: boolean }[] = [];
  for (const line of lines) {
    const isPlain = !structuralLine.test(line);
    const last = groups.at(-1);
    if (isPlain && last?.isPlain) last.text += line;
    else groups.push({ text: line, isPlain });
  }
  return groups.flatMap(({ text, isPlain }) => (isPlain ? cutLong(toSegment(text)) : cutStructure(text)));
}

/** `> - [ ] text` loses its signs; a row of a table becomes its cells. */
function cutStructure(line: string): readonly Segment[] {
  if (/^\s*\|[\s:|-]*$/.test(line)) return [verbatim(line)];
  if (/^\s*\|/.test(line)) return line.split(/(?<=(?<!\\)\|)/).map((cell) => toSegment(cell, /^\s*/, /\s*\|?\s*$/));
  return cutLong(toSegment(line, /^(?:\s*(?:#{1,6}\s|[-*+]\s(?:\[[ xX]\]\s)?|\d+[.)]\s|>))*\s*/));
}

function toSegment(text: string, opening = /^\s*/, closing = /\s*$/): Segment {
  const before = opening.exec(text)?.[0] ?? '';
  const rest = text.slice(before.length);
  const after = closing.exec(rest)?.[0] ?? '';
  return { before, body: rest.slice(0, rest.length - after.length), after };
}

/** A very long paragraph is cut between sentences. */
function cutLong(segment: Segment): readonly Segment[] {
  if (estimateTokens(segment.body) <= MAX_SEGMENT_TOKENS) return [segment];
  const bodies: string[] = [''];
  for (const { segment: sentence } of new Intl.Segmenter('und', { granularity: 'sentence' }).segment(segment.body)) {
    const last = bodies.at(-1) ?? '';
    if (last !== '' && estimateTokens(last + sentence) > MAX_SEGMENT_TOKENS) bodies.push(sentence);
    else bodies[bodies.length - 1] = last + sentence;
  }
  const pieces = bodies.map((body) => toSegment(body));
  return [{ ...segment, body: '', after: '' }, ...pieces, { before: segment.after, body: '', after: '' }];
}
