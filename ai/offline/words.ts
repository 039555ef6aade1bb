/**
 * Words of a text: as an editor counts them, or by what is written where that is more. In scripts without spaces two
 * characters count as one.
 */
export function countWords(text: string): number {
  const unspaced = text.match(UNSPACED)?.length ?? 0;
  const spaced = unspaced > 0 ? text.replace(UNSPACED, ' ') : text;
  const written = spaced.match(/[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}_]+)*/gu)?.length ?? 0;
  const pieces = spaced.match(/\S+/g)?.length ?? 0;
  return Math.max(written, pieces) + Math.ceil(unspaced / 2);
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

/**
 * As many words of a text as there is room for. Counted piece by piece from the front: a text may be one sentence of
 * 100,000 words, or of characters without a space.
 */
export function firstWords(text: string, maxWords: number): string {
  let end = 0;
  let count = 0;
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    count += countWords(piece);
    if (count > maxWords) return `${text.slice(0, end).replace(/[,.;:]$/, '')} …`;
    if (count < maxWords || end === 0) end = index + piece.length; // the sign of cutting counts as a word
  }
  return text;
}

/** What stands between spaces, 40 characters at a time: longer ones are scripts without spaces, or no words. */
const PIECES = /\S{1,40}/gu;
