import { loadVocabulary } from '../../ai/offline/vocabulary';
import { mergeRanks, rankByWords } from '../../ai/recall';

const rank = async (query: string, texts: readonly string[], language = 'en'): Promise<readonly string[]> => {
  const ranking = rankByWords(query, await loadVocabulary(language));
  ranking.add(texts.map((text) => ({ key: text, text })));
  return ranking.best(10);
};

test.each([
  ['en', 'my holidays in Lisbon', 'I booked the holiday: we fly to Lisbon.', 'Nothing to see here.'],
  ['de', 'die Bestellungen der Stühle', 'Der Stuhl ist bestellt.', 'Heute regnet es.'],
  ['fr', 'les réunions du lundi', 'La réunion est lundi.', 'Il pleut beaucoup.'],
  ['es', 'las entregas de los libros', 'El libro se entrega mañana.', 'Hoy llueve mucho.'],
])('words are found in other forms (%s)', async (language, query, fitting, other) => {
  expect(await rank(query, [other, fitting], language)).toEqual([fitting]);
});

test('what shares more and rarer words comes first, and what shares little by chance is left out', async () => {
  const texts = ['The budget of the office is 3,000 euros.', 'The budget meeting is on Monday.', 'Our office has a garden.', ...Array.from({ length: 20 }, (_, number) => `Meeting ${number} is on Monday.`)];
  expect((await rank('budget of the office', texts))[0]).toBe('The budget of the office is 3,000 euros.');
  expect(await rank('the and of', texts)).toEqual([]);
});

test('what several rankings have comes before what only one has', () => {
  expect(mergeRanks([['a', 'b', 'c'], ['d', 'b']], 3)).toEqual(['b', 'a', 'd']);
  expect(mergeRanks([[], []], 3)).toEqual([]);
});
