import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../state/database';
import { countRatings } from '../../state/feedback';
import { openDatabase } from '../../state/openDatabase';
import { say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { startPlayground, type Playground } from '../helpers/playground';
import { temporaryFolder } from '../helpers/temporaryFolder';

const screenshots = join(__dirname, '../screenshots/playground');
mkdirSync(screenshots, { recursive: true });

const folder = temporaryFolder();
const databaseFile = `${folder.path}/parley.db`;
let model: FakeModelServer;
let parley: Parley;
let playground: Playground;
let database: Database;
beforeAll(async () => {
  model = await startFakeModelServer();
  parley = await startParley({ model: { server: model, as: 'openai' }, databaseFile });
  database = await openDatabase(databaseFile);
  playground = await startPlayground({ botUrl: `${parley.url}/api/messages`, scope: 'personal' });
});
afterAll(async () => {
  await playground.close();
  await database.close();
  await parley.close();
  await model.close();
  folder.remove();
});

test('the feedback loop of the Agents Playground is thanked for, and its thumb counts', async () => {
  const { page } = playground;
  page.setDefaultTimeout(10_000);
  await playground.waitForBotMessage((message) => JSON.stringify(message).includes('Hello, I am Parley'), 20_000);
  model.script(say('Roses need water.'));
  await playground.send('What do roses need?');
  await playground.waitForBotMessage(({ text }) => text === 'Roses need water.', 15_000);
  await page.locator('.fai-FeedbackButtons__negativeFeedbackButton').last().click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('textarea').fill('Too short.');
  await playground.screenshot(join(screenshots, 'feedback-form.png'));
  await dialog.getByRole('button', { name: /submit/i }).click();
  await dialog.getByText(/thank/i).first().waitFor(); // an error would stand there, were the answer not empty
  await playground.screenshot(join(screenshots, 'feedback-thanks.png'));
  await parley.settled();
  expect(await countRatings(database)).toEqual({ like: 0, dislike: 1 });
  expect(JSON.stringify(await database.query('SELECT * FROM feedback'))).not.toContain('Too short');
});
