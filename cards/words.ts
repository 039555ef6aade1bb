import { de } from './words/de';
import { en } from './words/en';
import { es } from './words/es';
import { fr } from './words/fr';

/** Every sentence that people read, by area. English is the source; other languages have the same shape. */
export type Words = typeof en;

const catalogue: Readonly<Record<string, Words>> = { en, de, es, fr };

/** BCP 47 primary languages that the bot speaks. */
export const spokenLanguages: readonly string[] = Object.keys(catalogue);

/** The words for a locale such as "de-AT"; English where the language is not spoken. */
export function wordsFor(locale: string): Words {
  return catalogue[primaryLanguage(locale)] ?? en;
}

const primaryLanguage = (locale: string): string => locale.split('-', 1)[0]?.toLowerCase() ?? 'en';
