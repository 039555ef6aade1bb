import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createPace, say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { startPlayground, type Playground, type PlaygroundMessage, type PlaygroundScope } from '../helpers/playground';

const screenshots = join(__dirname, '../screenshots/playground');
mkdirSync(screenshots, { recursive: true });

let model: FakeModelServer | undefined;
let parley: Parley;
let playground: Playground;

/** With a model where one is given. */
async function start(scope: PlaygroundScope): Promise<void> {
  parley = await startParley(model && { model: { server: model, as: 'openai' } });
  playground = await startPlayground({ botUrl: `${parley.url}/api/messages`, scope });
  playground.page.setDefaultTimeout(10_000);
}

afterEach(async () => {
  await playground.close();
  await parley.close();
  await model?.close();
  model = undefined;
});

const cardOf = ({ attachments }: PlaygroundMessage) => attachments.find(({ contentType }) => contentType === 'application/vnd.microsoft.card.adaptive');
const isGreeting = (message: PlaygroundMessage): boolean => JSON.stringify(cardOf(message) ?? '').includes('Hello, I am Parley');
const photograph = (name: string): Promise<void> => playground.screenshot(join(screenshots, `${name}.png`));

const MEETING = ['Ada: We decided to ship version two on Friday.', 'Bo: I will write the release notes by Thursday.', 'Ada: Cy will test the installer tomorrow.', 'Cy: Who tells the customers?'].join('\n');

test.each<PlaygroundScope>(['personal', 'group', 'channel'])('in %s scope the bot greets once, and summarizes a pasted conversation in a card', async (scope) => {
  await start(scope);
  const greeting = await playground.waitForBotMessage(isGreeting);
  await playground.send(`summarize\n${MEETING}`);
  const summary = await playground.waitForBotMessage((message) => message.id !== greeting.id && cardOf(message) !== undefined, 15_000);
  expect(JSON.stringify(cardOf(summary)?.content)).toContain('Friday');
  await playground.page.getByText(/Friday/).last().waitFor();
  await parley.settled();
  expect(playground.messages().filter(isGreeting)).toHaveLength(1);
  await photograph(`summary-${scope}`);
});

test('a button of a summary works: a shorter one comes', async () => {
  await start('personal');
  await playground.waitForBotMessage(isGreeting);
  await playground.send(`summarize\n${MEETING}`);
  const isSummary = (message: PlaygroundMessage): boolean => JSON.stringify(cardOf(message) ?? '').includes('Read 4 of 4');
  const first = await playground.waitForBotMessage(isSummary, 15_000);
  await playground.page.getByRole('button', { name: 'Shorter' }).last().click();
  await playground.waitForBotMessage((message) => message.id !== first.id && isSummary(message), 15_000);
});

test('the settings form is saved', async () => {
  await start('personal');
  const { page } = playground;
  await playground.waitForBotMessage(isGreeting);
  await playground.send('settings');
  const length = page.getByLabel('Length of summaries').last();
  await length.waitFor();
  await photograph('settings-form');
  await length.click();
  await page.getByRole('option', { name: 'Short', exact: true }).click();
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByText('Saved.').last().waitFor();
  await photograph('settings-saved');
});

test('an answer streams, and ends with its citation and the label of AI', async () => {
  model = await startFakeModelServer();
  model.behaveLikeAModel();
  await start('personal');
  const { page } = playground;
  await playground.waitForBotMessage(isGreeting);
  const pace = createPace();
  model.script(say('Roses are red. Violets are blue.', { pace }));
  await playground.send('Tell me about the flowers');
  pace.release(3);
  await playground.waitForBotMessage(({ text }) => text.startsWith('Roses') && !text.includes('blue'));
  await photograph('streaming');
  pace.release();
  await playground.waitForBotMessage(({ text }) => text.includes('Violets are blue.'));
  await playground.send(`summarize\n${MEETING}`);
  await playground.waitForBotMessage((message) => JSON.stringify(cardOf(message) ?? '').includes('release notes'), 15_000);
  await playground.send('When is version two shipped?');
  await playground.waitForBotMessage(({ text }) => text.includes('the source says'), 15_000);
  await page.getByText('AI generated', { exact: true }).last().waitFor();
  await photograph('answer');
});

test('a picture is drawn in its card, and an answer is read aloud behind a button that opens it', async () => {
  model = await startFakeModelServer();
  model.behaveLikeAModel();
  parley = await startParley({ model: { server: model, as: 'openai' }, env: { OPENAI_IMAGES_MODEL: 'gpt-image-1', OPENAI_SPEAK_MODEL: 'tts' } });
  playground = await startPlayground({ botUrl: `${parley.url}/api/messages`, scope: 'personal' });
  const { page } = playground;
  page.setDefaultTimeout(10_000);
  await playground.waitForBotMessage(isGreeting);
  await playground.send('draw a lighthouse in landscape format');
  await playground.waitForBotMessage((message) => JSON.stringify(cardOf(message) ?? '').includes('"Image"'), 15_000);
  await page.getByAltText('AI-generated picture: a lighthouse in landscape format').waitFor();
  await photograph('picture');
  await playground.send('What is a lighthouse?');
  await playground.waitForBotMessage(({ text }) => text.includes('fake answer'), 15_000);
  await page.getByRole('button', { name: 'Read aloud' }).last().click();
  const speech = await playground.waitForBotMessage((message) => JSON.stringify(cardOf(message) ?? '').includes('"Listen"'), 15_000);
  await page.getByText('Listen', { exact: true }).last().waitFor();
  await photograph('read-aloud');
  const address = /http[^"]*\/media\/[\w-]{32}/.exec(JSON.stringify(cardOf(speech)))?.[0] ?? '';
  await expect(fetch(address)).resolves.toMatchObject({ status: 200 });
});
