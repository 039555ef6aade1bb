import { languageCode, languageInSentence, languageName } from '../../dialogs/languages';

test.each([
  ['German', 'de'], ['german', 'de'], ['Deutsch', 'de'], ['allemand', 'de'], ['alemán', 'de'], ['aleman', 'de'], ['de', 'de'], ['DE', 'de'],
  ['Deutsche', 'de'], ['Englische', 'en'], ['anglais', 'en'], ['inglés', 'en'], ['French', 'fr'], ['Français', 'fr'], ['Französisch', 'fr'],
  ['pt-BR', 'pt-BR'], ['Brazilian Portuguese', 'pt-BR'], ['日本語', 'ja'], ['Simplified Chinese', 'zh-Hans'], ['中文', 'zh'], ['русский', 'ru'],
  ['the German language', 'de'], ['“Spanish”', 'es'], ['farsi', 'fa'], ['de-at', 'de-AT'], ['Norwegian', 'no'], ['العربية', 'ar'], ['ελληνικά', 'el'],
])('knows the language "%s"', (name, code) => {
  expect(languageCode(name, 'en')).toBe(code);
});

test.each(['Klingon', '', '???', 'x', 'hello there', '12', 'constructor', 'a'.repeat(100_000)])('knows no language "%.20s"', (name) => {
  expect(languageCode(name, 'en')).toBeUndefined();
});

test('reads names in the language of the person', () => {
  expect(languageCode('saksa', 'fi')).toBe('de');
  expect(languageCode('tedesco', 'it-CH')).toBe('de');
});

test('does not take everyday words for codes within a sentence', () => {
  expect(languageInSentence('it', 'en')).toBeUndefined();
  expect(languageInSentence('fr', 'en')).toBe('fr');
  expect(languageCode('it', 'en')).toBe('it');
});

test('names a language as its reader does', () => {
  expect(languageName('de', 'fr')).toBe('allemand');
});

test('takes a locale that is none for English', () => {
  expect(languageCode('German', 'not a locale')).toBe('de');
});
