import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../helpers/browser';
import { openCardPage, type CardPage, type Theme } from './cardPage';
import { samples } from './samples';

const folder = join(process.cwd(), 'test/screenshots/cards');
const views: readonly { name: string; theme: Theme; width: number; zoom?: number }[] = [
  { name: 'light-wide', theme: 'light', width: 640 },
  { name: 'light-360', theme: 'light', width: 360 },
  { name: 'dark-wide', theme: 'dark', width: 640 },
  { name: 'dark-360', theme: 'dark', width: 360 },
  { name: 'light-200-percent', theme: 'light', width: 640, zoom: 2 },
];
let browser: Browser;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe.each(views)('in Teams, $name', ({ name, theme, width, zoom }) => {
  let cardPage: CardPage;
  beforeAll(async () => { cardPage = await openCardPage(browser, { theme, width, zoom }); });
  afterAll(() => cardPage.close());

  test.each(Object.entries(samples()))('%s fits the width and reads with enough contrast', async (sample, { card }) => {
    expect(await cardPage.draw(card)).toEqual([]);
    await cardPage.page.locator('#card').screenshot({ path: join(folder, `${sample}-${name}.png`) });
    expect(await cardPage.ask('overflowing')).toEqual([]);
    expect(await cardPage.ask('faint')).toEqual([]);
  });
});
