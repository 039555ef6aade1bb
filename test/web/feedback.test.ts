import { mkdir } from 'node:fs/promises';
import { keptAnswerShape } from '../../dialogs/rating';
import type { Database } from '../../state/database';
import { countRatings, readKept } from '../../state/feedback';
import { openDatabase } from '../../state/openDatabase';
import { say as answerWith } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { bubble, ready, say, useBrowser, type Visit } from './visit';

const { visit } = useBrowser();
const screenshots = 'test/screenshots/page';
const folder = temporaryFolder();
const databaseFile = `${folder.path}/parley.db`;

let model: FakeModelServer;
let parley: Parley;
let database: Database;
beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  model = await startFakeModelServer();
  parley = await startParley({ model: { server: model, as: 'openai' }, databaseFile });
  database = await openDatabase(databaseFile);
});
afterAll(async () => {
  await database.close();
  await parley.close();
  await model.close();
  folder.remove();
});

/** A visitor who has read an answer. */
async function answered(text: string): Promise<Visit> {
  const chat = await visit(parley.url);
  await ready(chat);
  model.script(answerWith(text));
  await say(chat, 'Which flowers do you like?');
  await bubble(chat, text).waitFor();
  return chat;
}

async function kept(): Promise<readonly object[]> {
  const all = [];
  for await (const { reaction, kept: json } of readKept(database)) all.push({ reaction, ...keptAnswerShape.parse(JSON.parse(json)) });
  return all;
}

test('thumbs down asks why in a card, and what a person writes and ticks there is kept; the settings take it back', async () => {
  const chat = await answered('Tulips.');
  await chat.page.locator('.webchat__thumb-button').nth(1).click();
  await chat.page.getByText('What was wrong with this answer?').last().waitFor();
  await chat.page.locator('select:not([tabindex="-1"])').last().selectOption({ label: 'Something is missing' });
  await chat.page.locator('.ac-textInput').last().fill('Tulips and roses.');
  await chat.page.locator('input[type=checkbox]').last().check();
  await chat.page.screenshot({ path: `${screenshots}/feedback-form.png` });
  await chat.page.locator('.ac-pushButton', { hasText: 'Send' }).last().click();
  await bubble(chat, /It is kept with your question and the answer/).waitFor();
  expect(await kept()).toEqual([expect.objectContaining({ reaction: 'dislike', question: 'Which flowers do you like?', answer: 'Tulips.', reason: 'incomplete', correction: 'Tulips and roses.' })]);
  await chat.page.screenshot({ path: `${screenshots}/feedback-kept.png` });
  await say(chat, 'settings improve no');
  await bubble(chat, /No, count only the thumb/).waitFor();
  expect(await kept()).toEqual([]);
  expect(await countRatings(database)).toEqual({ like: 0, dislike: 1 });
  expect(chat.problems).toEqual([]);
});

test('thumbs up asks once whether the answer may be kept', async () => {
  const chat = await answered('Lilies.');
  await chat.page.locator('.webchat__thumb-button').nth(0).click();
  await chat.page.getByText('May I keep your question and this answer').last().waitFor();
  await chat.page.screenshot({ path: `${screenshots}/feedback-consent.png` });
  await chat.page.locator('.ac-pushButton', { hasText: 'Yes, keep them' }).last().click();
  await bubble(chat, /It is kept with your question and the answer/).waitFor();
  expect(await kept()).toEqual([expect.objectContaining({ reaction: 'like', answer: 'Lilies.' })]);
  expect(chat.problems).toEqual([]);
});
