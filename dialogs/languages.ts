/** BCP 47 of the languages that "translate" knows by name. */
const languageCodes: readonly string[] = [
  'en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'da', 'nb', 'fi', 'cs', 'sk', 'hu', 'ro', 'bg', 'el', 'tr', 'uk', 'ru',
  'ar', 'he', 'fa', 'ur', 'hi', 'bn', 'pa', 'gu', 'mr', 'ta', 'te', 'kn', 'ml', 'si', 'ne', 'zh', 'ja', 'ko', 'vi', 'th', 'id', 'ms',
  'fil', 'km', 'lo', 'my', 'mn', 'kk', 'uz', 'az', 'ka', 'hy', 'et', 'lv', 'lt', 'sl', 'hr', 'sr', 'bs', 'mk', 'sq', 'is', 'ga', 'cy',
  'mt', 'ca', 'eu', 'gl', 'lb', 'af', 'sw', 'am', 'so', 'zu', 'xh', 'yo', 'ig', 'ha', 'eo', 'la', 'no',
  'zh-Hans', 'zh-Hant', 'pt-BR', 'pt-PT', 'en-GB', 'en-US', 'fr-CA', 'es-MX', 'de-CH', 'de-AT', 'nl-BE',
];

/** BCP 47 of the languages to choose from in a list; `chosen` is always among them. */
export function translationLanguages(chosen?: string): readonly string[] {
  return chosen === undefined || languageCodes.includes(chosen) ? languageCodes : [chosen, ...languageCodes];
}

/** Names in use that the Unicode tables do not have. */
const otherNames: Readonly<Record<string, string>> = {
  mandarin: 'zh', farsi: 'fa', tagalog: 'fil', castellano: 'es', castilian: 'es', hochdeutsch: 'de', simplified: 'zh-Hans', traditional: 'zh-Hant',
};

/** Languages whose names for languages are understood everywhere, besides the reader's own. */
const commonLocales = ['en', 'de', 'fr', 'es'];

/** "to", "it", "no" and such are codes of languages, and far more often words. */
const codesThatAreWords = new Set(['am', 'as', 'be', 'he', 'id', 'is', 'it', 'la', 'my', 'no', 'so', 'to', 'te', 'si', 'es', 'sk', 'ha', 'ig']);

/**
 * BCP 47 of a language as people name it: in English, German, French, Spanish, the reader's language or its own,
 * or by its code ("Deutsch", "allemand", "de", "pt-BR"). Undefined where it is none that we know.
 */
export function languageCode(name: string, locale: string): string | undefined {
  const wanted = fold(name);
  return codeByName(locale).get(wanted) ?? codeByName(locale).get(wanted.replace(/e[nsm]?$/, '')) ?? codeOf(wanted);
}

/** The same for a word within a sentence, where "it" is a word and not Italian. */
export function languageInSentence(name: string, locale: string): string | undefined {
  return codesThatAreWords.has(fold(name)) ? undefined : languageCode(name, locale);
}

/** What the reader calls a language: "German" for "de" in English. */
export function languageName(code: string, locale: string): string {
  return names(locale).of(code) ?? code;
}

const tables = new Map<string, ReadonlyMap<string, string>>();

/** Built when a locale is first met: about 100 formatters, a few milliseconds. */
function codeByName(locale: string): ReadonlyMap<string, string> {
  const known = tables.get(locale);
  if (known) return known;
  const table = new Map<string, string>(Object.entries(otherNames));
  for (const code of languageCodes) {
    for (const reader of [code, ...commonLocales, locale]) table.set(fold(names(reader).of(code) ?? code), code);
  }
  tables.set(locale, table);
  return table;
}

const formatters = new Map<string, Intl.DisplayNames>();

function names(locale: string): Intl.DisplayNames {
  const known = formatters.get(locale);
  if (known) return known;
  const formatter = new Intl.DisplayNames([canonical(locale) ?? 'en'], { type: 'language' });
  formatters.set(locale, formatter);
  return formatter;
}

function codeOf(text: string): string | undefined {
  const code = canonical(text);
  return code && languageCodes.includes(code.split('-', 1)[0] ?? '') ? code : undefined;
}

function canonical(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined; // RangeError: not a language tag
  }
}

/** Case, accents and the words around a name do not matter: "the German language", "en français". */
function fold(name: string): string {
  const plain = name.normalize('NFKD').replace(/[\p{M}\p{Cf}]/gu, '').toLowerCase();
  return plain.replace(/[“”"'.!?,:;()]/g, '').replace(/^(the|das|la|le|el|l)\s+/, '').replace(/\s+(language|sprache|please|bitte)$/, '').trim();
}
