import { wordsFor, type Words } from '../../cards/words';
import { promptFiltered } from '../helpers/fakeModelScript';
import { startFakeModelServer } from '../helpers/fakeModelServer';
import { startParley } from '../helpers/parley';
import { closeAfterwards } from './closing';
import { inParallel } from './load';
import { ask } from './modelTurns';
import { score } from './scorecard';

const TURNS = 50;
const locales = ['en-US', 'de-DE', 'fr-FR', 'es-MX', 'pt-BR']; // the last is answered in English

const closing = closeAfterwards();

test('row 16: a prompt that the filter refuses is told politely in the person’s language, is not sent again, and stands in no log', async () => {
  const startedAt = performance.now();
  const model = closing(await startFakeModelServer());
  const parley = closing(await startParley({ model: { server: model, as: 'azure' }, env: { LOG_LEVEL: 'trace' } }));
  model.answerWith(() => promptFiltered());
  const turns = await inParallel(TURNS, 10, async (index) => {
    const locale = locales[index % locales.length] ?? '';
    const { failure }: Words = wordsFor(locale);
    const { words } = await ask(parley, `Tell me canary${index}canary of something forbidden`, locale);
    return { words, expected: `${failure.filteredAttack} ${failure.withoutInstructions}` };
  });
  await parley.settled();
  const right = turns.filter(({ words, expected }) => words.includes(expected) && !/canary|filter_result|ResponsibleAI|jailbreak/.test(words));
  const retries = model.calls.length - TURNS;
  const logged = parley.logged.filter((line) => line.includes('canary'));
  expect(turns.filter((turn) => !right.includes(turn))).toEqual([]);
  expect(retries).toBe(0);
  expect(logged).toEqual([]);
  expect(new Set(turns.map(({ expected }) => expected)).size).toBe(locales.length - 1);
  score(16, { load: `${TURNS} prompts refused by the filter, ${locales.length} languages`, figure: `${right.length}/${TURNS} told in the person's language, ${retries} sent again, ${logged.length} lines of log with their text` });
  console.log(`row 16 took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
});
