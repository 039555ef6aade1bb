import { mkdir } from 'node:fs/promises';
import { createPace, say as answerWith, sayJson } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { bubble, messageBox, ready, say, seriousFindings, useBrowser, type Visit } from './visit';

const { visit } = useBrowser();
const screenshots = 'test/screenshots/page';
const code = 'def greet(names: list[str]) -> None:\n    for name in sorted(names):\n        print(f"Hello, {name}! See [docs](https://docs.example/greet) for how this very long line goes on and on and on")';

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

async function open(options = {}): Promise<Visit> {
  const chat = await visit(parley.url, options);
  await ready(chat);
  return chat;
}

test('code streams in, names its language, and is copied as it was written', async () => {
  const chat = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const pace = createPace();
  model.script(answerWith(`Here it is:\n\`\`\`\n${code}\n\`\`\`\nIt greets everybody.`, { pace }));
  await say(chat, 'write a Python function that greets');
  pace.release(9);
  await chat.page.locator('pre', { hasText: 'def greet' }).waitFor();
  pace.release();
  await bubble(chat, 'It greets everybody.').waitFor();
  const button = chat.page.getByRole('button', { name: 'Copy code' });
  await expect(button.count()).resolves.toBe(1);
  await button.click();
  await chat.page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await chat.page.evaluate('navigator.clipboard.readText()')).toBe(code);
  await chat.page.locator('.label-ai').waitFor();
  await chat.page.screenshot({ path: `${screenshots}/code.png` });
  expect(chat.problems).toEqual([]);
});

test('the keyboard reaches the button, and without the right to copy the code is selected', async () => {
  const chat = await open();
  await chat.page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })');
  model.script(answerWith('```js\nalert(1)\n```'));
  await say(chat, 'write a JavaScript function');
  const button = chat.page.getByRole('button', { name: 'Copy code' });
  await button.focus();
  await chat.page.keyboard.press('Enter');
  expect(await chat.page.evaluate('getSelection().toString().trim()')).toBe('alert(1)');
});

test.each([['light-360', 'light', 360], ['dark-360', 'dark', 360]] as const)('a long line of code scrolls within its block, %s', async (name, colorScheme, width) => {
  const chat = await open({ colorScheme, viewport: { width, height: 740 } });
  model.script(answerWith(`\`\`\`python\n${code}\n\`\`\`\nIt greets everybody.`));
  await say(chat, 'write a Python function that greets');
  await chat.page.getByRole('button', { name: 'Copy code' }).waitFor();
  expect(await chat.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect(await chat.page.evaluate('(() => { const pre = document.querySelector("pre"); return pre.scrollWidth > pre.clientWidth; })()')).toBe(true);
  expect(await seriousFindings(chat)).toEqual([]);
  await chat.page.screenshot({ path: `${screenshots}/code-${name}.png` });
});

test('the tone of a text comes as a card, with the sentences that carry it', async () => {
  const chat = await open();
  model.script(sayJson({ overall: 'mixed', sentences: [{ messageId: 'm1', quote: 'I love the new page!', tone: 'positive' }, { messageId: 'm2', quote: 'The release was a disaster.', tone: 'negative' }, { messageId: 'm2', quote: 'Ben is lazy.', tone: 'negative' }] }));
  await chat.page.locator(messageBox).fill('tone of this: Anna: I love the new page!\nBen: The release was a disaster.\nAnna: Sorry to hear that.');
  await chat.page.keyboard.press('Enter');
  await bubble(chat, 'Sentences that carry the tone').waitFor();
  await bubble(chat, '1 quote was dropped, because it is not in the text').waitFor();
  await chat.page.screenshot({ path: `${screenshots}/tone.png` });
  expect(chat.problems).toEqual([]);
});

test('what was told before is found again, and its source opens', async () => {
  const chat = await open();
  model.script(answerWith('I will keep that in mind.'));
  await say(chat, 'My cat is called Momo and she likes fish.');
  await bubble(chat, 'I will keep that in mind.').waitFor();
  model.script(answerWith('Your cat is called Momo [1].\n[[next]]\nWhat does Momo eat?'));
  await say(chat, 'What did I tell you about my cat?');
  await bubble(chat, 'Your cat is called Momo').waitFor();
  expect(model.calls.at(-1)?.body.tools).toBeUndefined();
  expect(JSON.stringify(model.calls.at(-1)?.body.messages)).toContain('My cat is called Momo and she likes fish.');
  const [page] = await Promise.all([
    chat.page.context().waitForEvent('page'),
    chat.page.locator('.ac-adaptiveCard').getByRole('link', { name: /Open the source/ }).click(),
  ]);
  await page.getByText('My cat is called Momo and she likes fish.').waitFor();
  await chat.page.screenshot({ path: `${screenshots}/recalled.png` });
});
