const MAX_REPEATED_WORDS = 4;

/**
 * Speech without false starts: "we we're", "the the", "is that, is that", "sophistic sophisticated". What comes last is
 * what was meant.
 */
export function withoutRepeats(text: string): string {
  let words: readonly string[] = text.split(' ');
  if (words.length < 2) return text;
  for (let length = MAX_REPEATED_WORDS; length > 1; length -= 1) words = withoutRuns(words, length);
  return withoutFalseStarts(words).join(' ');
}

/** Without each run of so many words that is said again at once. */
function withoutRuns(words: readonly string[], length: number): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; ) {
    if (isRunRepeated(words, at, length)) at += length;
    else kept.push(words[at++] ?? '');
  }
  return kept;
}

function isRunRepeated(words: readonly string[], at: number, length: number): boolean {
  const [last, next] = [at + length - 1, at + length];
  if (next + length > words.length || !isSaidAgain(words[last] ?? '', words[next + length - 1] ?? '')) return false;
  for (let index = at; index < last; index += 1) if (words[index]?.toLowerCase() !== words[index + length]?.toLowerCase() || !isWord(words[index] ?? '')) return false;
  return true;
}

/** From the end, so that a start of a start is found too. */
function withoutFalseStarts(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let at = words.length - 1; at >= 0; at -= 1) {
    const [word = '', next] = [words[at], kept.at(-1)];
    if (next === undefined || !(isSaidAgain(word, next) || isFalseStart(word, next.toLowerCase(), at === 0))) kept.push(word);
  }
  return kept.toReversed();
}

/** The first may end with a comma, the second with any sign. */
function isSaidAgain(first: string, second: string): boolean {
  const word = withoutComma(first).toLowerCase();
  return second.length >= word.length && second.toLowerCase().startsWith(word) && withoutEnd(second).length === word.length && isWord(word);
}

const isWord = (text: string): boolean => /^[\p{L}\p{N}'_-]+$/u.test(text);
const withoutComma = (word: string): string => (word.endsWith(',') ? word.slice(0, -1) : word);
const withoutEnd = (word: string): string => word.replace(/[^\p{L}\p{N}'_-]+$/u, '');

/** A word that was broken off before `next`, which is in lower case. */
function isFalseStart(word: string, next: string, isFirst: boolean): boolean {
  if (isFirst && /^[B-HJ-Z]$/i.test(word) && AFTER_CUT_LETTER.has(next)) return true;
  if (/^[bcdfghjklmnpqrtvwxz]{1,3}$/.test(word)) return !ABBREVIATIONS.has(word);
  const start = withoutComma(word).toLowerCase();
  if (start.length >= next.length || !next.startsWith(start)) return false;
  const rest = next.slice(start.length);
  if (/^'(?:re|ll|ve|s|d|m)(?!\p{L})/u.test(rest)) return !word.endsWith(',') && /^\p{L}+$/u.test(start);
  return /^\p{L}/u.test(rest) && (start.length > 3 ? /^\p{L}+$/u.test(start) : /^\p{Ll}+,?$/u.test(word) && !SHORT_WORDS.has(start));
}

/** "C and look", "S so": a letter that began another word. */
const AFTER_CUT_LETTER = new Set('and the we you they it so but to certainly there that this what how if in on'.split(' '));

/** "gr", "th" have no vowel and are no words; these are used. */
const ABBREVIATIONS = new Set('hr kg km cm mm ml lb ms mr mrs dr pm vs tv pc hq db js ts css pdf ft st nd rd th md px gb mb kb'.split(' '));

/** "mo more" is a broken word; "so sophisticated" is not. */
const SHORT_WORDS = new Set(
  'a i e y o u à an as at be by do go he if in is it me my no of on or so to up us we all and any are but can for her his how man new not now off one our out per she the too two use was who you der die das ein im am zu es er le la les un une de du des en el los las que con por al se si'.split(' '),
);
