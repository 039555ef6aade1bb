import { mkdir } from 'node:fs/promises';
import { say as answerWith } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { bubble, ready, say, seriousFindings, useBrowser } from './visit';

const { visit } = useBrowser();
const screenshots = 'test/screenshots/page';

let model: FakeModelServer;
let parley: Parley;
beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  model = await startFakeModelServer();
  model.answerWith(() => answerWith('Roses are red, violets are blue.'));
  parley = await startParley({ model: { server: model, as: 'azure' }, env: { BUDGETS: 'user tokens 50000' } });
});
afterAll(async () => {
  await parley.close();
  await model.close();
});

test.each([['light', 1280, 'en-US', 'Why this answer?', 'Who wrote it'], ['dark', 360, 'de-DE', 'Warum diese Antwort?', 'Wer sie geschrieben hat']] as const)('in %s, %i wide, an answer is explained where its button is pressed', async (colorScheme, width, locale, button, heading) => {
  const chat = await visit(parley.url, { colorScheme, locale, viewport: { width, height: 800 } });
  await ready(chat);
  await say(chat, 'Which flowers do you like?');
  await bubble(chat, 'Roses are red').first().waitFor();
  await chat.page.locator('.ac-pushButton', { hasText: button }).click();
  await bubble(chat, heading).first().waitFor();
  await chat.page.screenshot({ path: `${screenshots}/why-${colorScheme}-${width}.png` });
  expect(chat.problems).toEqual([]);
});

test('the transparency note is a page that people of every sight can read', async () => {
  const note = await visit(`${parley.url}/transparency`, { locale: 'fr-FR', viewport: { width: 360, height: 800 } });
  await note.page.getByRole('heading', { name: 'Où il échoue' }).waitFor();
  expect(await seriousFindings(note)).toEqual([]);
  expect(await note.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await note.page.screenshot({ path: `${screenshots}/transparency-360.png` });
  expect(note.problems).toEqual([]);
});
