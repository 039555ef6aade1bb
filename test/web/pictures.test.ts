import { mkdir, stat } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { startParley, type Parley } from '../helpers/parley';
import { ready, say, useBrowser } from './visit';

// The pictures of the README. They are written to test/screenshots/docs; to renew those in docs/images:
// PARLEY_PICTURES=docs/images npx jest test/web/pictures
const directory = process.env['PARLEY_PICTURES'] ?? 'test/screenshots/docs';
const MAX_BYTES = 200 * 1024;

const { visit } = useBrowser();
let parley: Parley;
beforeAll(async () => {
  await mkdir(directory, { recursive: true });
  parley = await startParley();
});
afterAll(() => parley.close());

/** Scrolls until an element stands `offset` pixels below the header, and stays there: Web Chat may be scrolling as well. */
const scrollTo = (page: Page, selector: string, offset: number): Promise<void> => page.evaluate(`(async () => {
  const area = document.querySelector('.webchat__basic-transcript__scrollable');
  const distance = () => document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().top - area.getBoundingClientRect().top - ${offset};
  for (let still = 0; still < 30; still += 1) {
    const before = area.scrollTop;
    area.scrollTop += distance();
    if (Math.abs(area.scrollTop - before) > 1) still = 0;
    await new Promise(requestAnimationFrame);
  }
})()`);

async function summarized(options: Parameters<typeof visit>[1]) {
  const chat = await visit(parley.url, { reducedMotion: 'reduce', ...options });
  await ready(chat);
  await chat.page.locator('[data-prompt=summarize]').click();
  await chat.page.locator('.ac-adaptiveCard', { hasText: 'Open questions' }).waitFor();
  await parley.settled();
  return chat;
}

async function keepPicture(page: Page, name: string): Promise<void> {
  await page.evaluate('document.activeElement.blur()');
  const path = `${directory}/${name}.png`;
  await page.screenshot({ path });
  expect((await stat(path)).size).toBeLessThan(MAX_BYTES);
}

test('a short summary: wide and light', async () => {
  const chat = await summarized({ viewport: { width: 1200, height: 785 }, colorScheme: 'light' });
  await chat.page.locator('.ac-pushButton', { hasText: 'Shorter' }).click();
  await chat.page.locator('.ac-adaptiveCard').nth(1).waitFor();
  await parley.settled();
  await scrollTo(chat.page, '.webchat__basic-transcript__activity:nth-of-type(n+3) .ac-adaptiveCard', 11);
  await keepPicture(chat.page, 'chat-light');
});

test('a question and its answer: a phone, dark', async () => {
  const chat = await summarized({ viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
  await say(chat, 'What energy source did they decide on?');
  const answer = chat.page.locator('.ac-adaptiveCard', { hasText: '00:29:07' }).nth(1);
  await answer.waitFor();
  await parley.settled();
  await scrollTo(chat.page, '.webchat__basic-transcript__transcript', -100_000); // as far down as it goes
  await keepPicture(chat.page, 'chat-dark-phone');
});
