import { mkdir } from 'node:fs/promises';
import { createPace, say as answerWith } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { bubble, ready, say, useBrowser, type Visit } from './visit';

const { visit } = useBrowser();
const screenshots = 'test/screenshots/page';

let model: FakeModelServer;
let parley: Parley;
beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  model = await startFakeModelServer();
  parley = await startParley({ model: { server: model, as: 'openai' } });
});
afterAll(async () => {
  await parley.close();
  await model.close();
});

async function open(): Promise<Visit> {
  const chat = await visit(parley.url);
  await ready(chat);
  return chat;
}

test('an answer grows in place at the model\'s pace, and is labelled once when it is whole', async () => {
  const chat = await open();
  const pace = createPace();
  model.script(answerWith('Roses are red, violets are blue.', { pace }));
  await say(chat, 'Which flowers do you like?');
  pace.release(2);
  const growing = bubble(chat, /^Roses/);
  await growing.waitFor();
  await expect(growing.innerText()).resolves.not.toContain('blue');
  await expect(chat.page.locator('.label-ai').count()).resolves.toBe(0);
  pace.release();
  await bubble(chat, 'Roses are red, violets are blue.').waitFor();
  await chat.page.locator('.label-ai').waitFor();
  await expect(chat.page.locator('.label-ai').count()).resolves.toBe(1);
  await expect(bubble(chat, 'Roses').count()).resolves.toBe(1);
  await chat.page.screenshot({ path: `${screenshots}/answer-by-a-model.png` });
  expect(chat.problems).toEqual([]);
});

test('answers that grow stand below their questions, however many grew before', async () => {
  const chat = await open();
  for (const flower of ['Rose', 'Lily', 'Tulip']) {
    const pace = createPace();
    model.script(answerWith(`${flower} is its name.`, { pace }));
    await say(chat, `What is flower ${flower} called?`);
    pace.release(1);
    await bubble(chat, new RegExp(`^${flower}`)).waitFor();
    pace.release();
    await bubble(chat, `${flower} is its name.`).waitFor();
    await parley.settled();
  }
  const said: string[] = await chat.page.evaluate("[...document.querySelectorAll('.webchat__bubble__content')].map(({ innerText }) => innerText)");
  expect(said.flatMap((text) => /flower (\w+)|(\w+) is its name/.exec(text)?.slice(1).find(Boolean) ?? [])).toEqual(['Rose', 'Rose', 'Lily', 'Lily', 'Tulip', 'Tulip']);
});

test.each([['like', 0], ['dislike', 1]] as const)('a thumb under an answer (%s) reaches the bot, which notes its direction alone', async (reaction, index) => {
  const chat = await open();
  model.script(answerWith('Tulips.'));
  await say(chat, 'And what else?');
  await bubble(chat, 'Tulips.').waitFor();
  const before = parley.logged.length;
  await chat.page.locator('.webchat__thumb-button').nth(index).click();
  await expect(noted(before)).resolves.toMatchObject({ reaction, answerId: expect.stringMatching(/^[\w-]{16}$/) }); // a pseudonym of the answer's id
  expect(chat.problems).toEqual([]);
});

/** The line of the log that notes the feedback. */
async function noted(from: number): Promise<unknown> {
  for (;;) {
    const line = parley.logged.slice(from).find((candidate) => candidate.includes('feedback received'));
    if (line) return JSON.parse(line);
    await parley.settled();
  }
}

test('an answer that breaks off stays, says that it is incomplete, and is asked for again by a button', async () => {
  const chat = await open();
  model.script({ kind: 'broken', pieces: ['Roses', ' are'], how: 'cut' });
  await say(chat, 'Which flowers do you like?');
  await bubble(chat, /Roses are[\s\S]*This answer is incomplete/).waitFor();
  model.script(answerWith('Roses are red.'));
  await chat.page.screenshot({ path: `${screenshots}/answer-broken-off.png` });
  await chat.page.locator('.ac-pushButton', { hasText: 'Try again' }).click();
  await bubble(chat, /^Roses are red\./).waitFor();
  expect(chat.problems).toEqual([]);
});

test('an answer that streamed stands once in the history after a reload, without what was shown on its way', async () => {
  const chat = await open();
  const pace = createPace();
  model.script(answerWith('Roses are red, violets are blue.', { pace }));
  await say(chat, 'Which flowers do you like?');
  pace.release(2);
  await bubble(chat, /^Roses/).waitFor();
  pace.release();
  await bubble(chat, 'violets are blue.').waitFor();
  await chat.page.reload();
  await bubble(chat, 'violets are blue.').waitFor();
  await expect(bubble(chat, 'Roses').count()).resolves.toBe(1);
  expect(chat.problems).toEqual([]);
});
