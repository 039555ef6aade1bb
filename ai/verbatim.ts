/**
 * The place in a text that a quote was taken from, as the text has it; undefined where there is none. Kinds of quotation
 * marks and dashes, white space, and signs at the ends may differ: models do not copy them faithfully.
 */
export function findVerbatim(text: string, quote: string): string | undefined {
  const words = quote.normalize('NFC').split(/\s+/).join(' ').replace(/^[\s"'“”‘’„«»]+|[\s"'“”‘’„«»]+$/gu, '');
  if (!/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(words)) return undefined;
  return new RegExp(toPattern(words), 'u').exec(text.normalize('NFC'))?.[0];
}

const toPattern = (words: string): string => Array.from(words).map((sign) => alike.find(([signs]) => signs.includes(sign))?.[1] ?? escaped(sign)).join('');

const alike: readonly (readonly [signs: string, pattern: string])[] = [
  [' ', '\\s+'],
  ['\'‘’‛', '[\'‘’‛]'],
  ['"“”„«»', '["“”„«»]'],
  ['-‐‑‒–—', '[-‐‑‒–—]'],
];

const escaped = (sign: string): string => sign.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
