import { mkdir } from 'node:fs/promises';
import { startParley, type Parley } from '../helpers/parley';
import { ready, say, seriousFindings, useBrowser, type Visit } from './visit';

const { visit } = useBrowser();
const screenshots = 'test/screenshots/page';

let parley: Parley;
beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  parley = await startParley();
});
afterAll(() => parley.close());

const focused = ({ page }: Visit): Promise<string> => page.evaluate("(({ id, dataset, className, innerText }) => id || dataset.prompt || dataset.id || className || innerText)(document.activeElement)");

/** Presses Tab until what has the focus matches; throws after `limit` presses. */
async function tabTo(chat: Visit, selector: string, key: 'Tab' | 'Shift+Tab' = 'Tab', limit = 30): Promise<void> {
  for (let presses = 0; presses < limit; presses += 1) {
    await chat.page.keyboard.press(key);
    if (await chat.page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
  }
  throw new Error(`${limit} presses of ${key} did not reach ${selector}; the focus is on ${await focused(chat)}.`);
}

test('the keyboard alone reads about the engine, tries a prompt, and presses a button of the card', async () => {
  const chat = await visit(parley.url);
  await ready(chat);
  await tabTo(chat, '.chip');
  await chat.page.keyboard.press('Enter');
  await chat.page.locator('#engine:popover-open').waitFor();
  await tabTo(chat, '.close');
  await chat.page.keyboard.press('Escape');
  await chat.page.locator('#engine:popover-open').waitFor({ state: 'detached' });
  await expect(focused(chat)).resolves.toBe('chip');
  await tabTo(chat, '[data-prompt=summarize]');
  await chat.page.keyboard.press('Enter');
  await chat.page.locator('.ac-adaptiveCard', { hasText: 'Key points' }).waitFor();
  await expect(focused(chat)).resolves.toBe('webchat-sendbox-input');
  // Web Chat's way into a message: the transcript is one stop, Enter goes into the message, Escape out of it.
  await tabTo(chat, '.webchat__basic-transcript', 'Shift+Tab');
  await chat.page.keyboard.press('Enter');
  await tabTo(chat, '.ac-pushButton[title=Shorter]', 'Tab', 60);
  await chat.page.keyboard.press('Enter');
  await chat.page.locator('.ac-adaptiveCard').nth(1).waitFor();
});

test.each([
  ['forced-colors', { forcedColors: 'active' }],
  ['forced-colors-dark', { forcedColors: 'active', colorScheme: 'dark' }],
] as const)('%s: buttons and fields keep their edges, and nothing is out of sight', async (name, options) => {
  const chat = await visit(parley.url, options);
  await ready(chat);
  const width = 'getComputedStyle(document.querySelector("[data-prompt]")).borderTopWidth';
  await expect(chat.page.evaluate(width)).resolves.toBe('1px');
  await chat.page.screenshot({ path: `${screenshots}/${name}-first.png` });
  await say(chat, 'settings');
  await chat.page.locator('.ac-pushButton').first().waitFor();
  await chat.page.screenshot({ path: `${screenshots}/${name}-answer.png` });
  await expect(chat.page.evaluate('getComputedStyle(document.querySelector(".ac-pushButton")).borderTopWidth')).resolves.toBe('1px');
});

test('who asked for less motion sees none', async () => {
  const chat = await visit(parley.url, { reducedMotion: 'reduce' });
  await ready(chat);
  await say(chat, 'help');
  await chat.page.locator('.ac-adaptiveCard').first().waitFor();
  await expect(chat.page.evaluate(`document.getAnimations().filter((animation) => animation.effect.getComputedTiming().duration > 1).length`)).resolves.toBe(0);
});

test.each([[1280, 800], [360, 740]])('text of 200 %% in the browser\'s own settings still fits %d x %d points', async (width, height) => {
  const chat = await visit(parley.url, { viewport: { width, height } });
  await ready(chat);
  await chat.page.evaluate("document.documentElement.style.setProperty('font-size', '200%')");
  await chat.page.screenshot({ path: `${screenshots}/text-200-percent-${width}.png` });
  await expect(chat.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).resolves.toBe(0);
});

/** Of Web Chat 4.18.1 alone: the link to a file says more to screen readers than it shows. */
const ofWebChat = /^label-content-name-mismatch: <a aria-label="Download file/;

test('in the whole page, Web Chat and a card included, axe finds only what is known', async () => {
  const chat = await visit(parley.url);
  await ready(chat);
  await chat.page.locator('[data-prompt=summarize]').click();
  await chat.page.locator('.ac-adaptiveCard').first().waitFor();
  expect((await seriousFindings(chat)).filter((finding) => !ofWebChat.test(finding))).toEqual([]);
});
