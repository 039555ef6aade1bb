import { spokenLanguages, wordsFor } from '../../cards/words';
import { en } from '../../cards/words/en';

/** Names, and words that two languages share. */
const shared = new Set(['page.engine.azure', 'page.engine.chipModel', 'page.label.quotes', 'settingsCard.current', 'threadPage.kind.chat', 'threadPage.kind.document',
  'page.first.ask.send', 'page.first.translate.send', 'aboutCard.version', 'translationCard.untitled', 'settings.saved', 'forget.no', 'settingsCard.standard', 'threadPage.kind.channel',
  'whyCard.found', 'whyCard.severity', 'whyCard.categories.violence', 'allowance.only', 'allowance.capability.code']);
const others = spokenLanguages.filter((language) => language !== 'en');

test.each(others)('nothing in %s is left in English', (language) => {
  const english = new Map(sentences(en));
  const left = sentences(wordsFor(language)).filter(([path, text]) => text === english.get(path) && !path.startsWith('cli.') && !shared.has(path));
  expect(left).toEqual([]);
});

test.each(others)('%s names itself, and fills in what sentences take', (language) => {
  expect(wordsFor(`${language}-XX`).language).not.toBe(en.language);
  const filled = (words: unknown): string[] => sentences(words).filter(([, text]) => text.includes('[1]')).map(([path]) => path);
  expect(filled(wordsFor(language))).toEqual(filled(en));
});

test('an unspoken language gets English', () => {
  expect(wordsFor('tlh')).toBe(en);
});

test('no refusal names a setting that only the operator knows', () => {
  const refusals = spokenLanguages.flatMap((language) => {
    const { ask, translate, failure } = wordsFor(language);
    return [ask.noDocumentOffline, ask.nothingFoundOffline, translate.needsModel, failure.askAdministrator, failure.unauthorized];
  });
  expect(refusals.filter((text) => /[A-Z]+_[A-Z]+/.test(text))).toEqual([]);
});

/** Every sentence by its path; functions are called with "[1]", "[2]", or numbers where they count. */
function sentences(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, (value as (...parts: string[]) => string)('[1]', '[2]')]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => sentences(child, path ? `${path}.${key}` : key));
}
