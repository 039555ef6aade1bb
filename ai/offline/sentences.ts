/** A sentence and where it begins in the text. */
export interface Sentence {
  readonly text: string;
  readonly start: number;
}

/** Words with a full stop that do not end a sentence, in the languages that the rules know. */
const abbreviations =
  /(?:^|[\s("'])(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|No|Nr|vs|etc|approx|dept|fig|inc|ltd|e\.g|i\.e|a\.m|p\.m|z\.B|d\.h|u\.a|usw|bzw|ca|evtl|ggf|Abs|Bsp|Str|p\. ?ex|M|Mme|Sra?|Ud|Uds|p\. ?ej|\p{Lu})\.\s*$/u;

/** "31. März": a day, not the end of a sentence. */
const ORDINAL_FOLLOWERS = /^(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez|quartal|woche|kalenderwoche|etage|stock)/i;

/** "Yeah.", "Mm-hmm": half of what is said in a meeting, and no work for a segmenter. */
const ONE_SENTENCE = /^[\p{Script=Latin}\p{Nd}'’,-][\p{Script=Latin}\p{Nd} '’,-]*[.?!]?$/u;

const segmenters = new Map<string, Intl.Segmenter>();

/** Sentences of a text by the rules of its language; lines are kept apart. */
export function splitSentences(text: string, language: string): readonly Sentence[] {
  if (ONE_SENTENCE.test(text)) return [{ text, start: 0 }];
  const sentences: { text: string; start: number }[] = [];
  for (const { segment, index } of segmenterFor(language).segment(text)) {
    const last = sentences.at(-1);
    if (last && isCutShort(last.text, segment)) last.text += segment;
    else sentences.push({ text: segment, start: index });
  }
  return sentences.map(trimmed).filter((each) => each.text !== '');
}

/** True where the segmenter stopped at an abbreviation or before a lower-case word. */
function isCutShort(before: string, next: string): boolean {
  if (/\n\s*$/.test(before)) return false;
  if (/(?<!\d)\d{1,2}\.\s*$/.test(before) && ORDINAL_FOLLOWERS.test(next)) return true;
  return abbreviations.test(before) || (/\.\s*$/.test(before) && /^\p{Ll}/u.test(next));
}

function segmenterFor(language: string): Intl.Segmenter {
  const known = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: 'sentence' });
  segmenters.set(language, known);
  return known;
}

function trimmed({ text, start }: Sentence): Sentence {
  return { text: text.trim(), start: start + (text.length - text.trimStart().length) };
}
