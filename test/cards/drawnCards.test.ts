import type { Browser } from 'playwright-core';
import { launchBrowser } from '../helpers/browser';
import { openCardPage, type CardPage } from './cardPage';
import { emptySamples, hostileSamples, hostileTexts, hugeSamples } from './hardSamples';
import { samples } from './samples';

interface ActiveContent {
  readonly tags: readonly string[];
  readonly links: readonly string[];
  readonly handlers: readonly string[];
}

let browser: Browser;
let cardPage: CardPage;

beforeAll(async () => {
  browser = await launchBrowser();
  cardPage = await openCardPage(browser, { theme: 'light', width: 360 });
});
afterAll(() => browser.close());

test('untrusted text never becomes an image, a link or a script', async () => {
  const requests: string[] = [];
  cardPage.page.on('request', (request) => requests.push(request.url()));
  for (const { card } of Object.values(hostileSamples())) {
    await cardPage.draw(card);
    const { tags, links, handlers } = await cardPage.ask<ActiveContent>('activeContent');
    expect(tags.filter((tag) => ['img', 'script', 'iframe', 'object', 'embed', 'svg', 'style', 'strong', 'a'].includes(tag))).toEqual([]);
    expect(links).toEqual([]);
    expect(handlers).toEqual([]);
  }
  expect(await cardPage.page.evaluate('window.HOSTILE')).toBeUndefined();
  expect(requests).toEqual([]);
});

test('untrusted text is shown as it was typed, without what hides or reorders it', async () => {
  const shown: Record<string, string> = {};
  for (const name of Object.keys(hostileTexts)) {
    await cardPage.draw(hostileSamples()[`${name} error`]!.card);
    shown[name] = await cardPage.page.locator('#card .ac-richTextBlock').first().innerText();
  }
  expect(shown).toMatchObject({
    script: hostileTexts.script,
    markdown: hostileTexts.markdown,
    autolink: hostileTexts.autolink,
    rightToLeft: 'HOSTILE شكراً gnp.exe x',
    surrogates: 'HOSTILE \uFFFD and \uFFFD',
    tags: 'HOSTILE',
    prototype: '__proto__',
  });
});

test.each(Object.entries({ ...emptySamples(), ...hugeSamples() }))('%s fits a phone', async (_name, { card }) => {
  expect(await cardPage.draw(card)).toEqual([]);
  expect(await cardPage.ask('overflowing')).toEqual([]);
});

test('the Tab key reaches every source of a summary in reading order, then the buttons', async () => {
  await cardPage.draw(samples().summaryAi!.card);
  expect(await cardPage.ask('reachable')).toEqual([
    'link: Open the message: Project Manager · 9:00 AM', 'link: Open the message: Industrial Designer · 9:17 AM',
    'link: Open the message: Project Manager · 9:30 AM', 'link: Open the message: Project Manager · 9:23 AM',
    'link: Open the message: Project Manager · 9:31 AM', 'link: Open the message: Project Manager · 9:31 AM',
    'link: Open the message: Marketing · 9:27 AM',
    'button: Shorter', 'button: More detail', 'button: Translate', 'button: Ask about it',
  ]);
});

test('a prompt is a button that the keyboard presses', async () => {
  await cardPage.draw(samples().welcome!.card);
  await cardPage.page.getByRole('button', { name: 'Summarize the sample meeting' }).focus();
  await cardPage.page.keyboard.press('Enter');
  expect(await cardPage.page.evaluate('window.submitted.data.parley')).toEqual({ action: 'say', values: { text: 'Summarize the sample meeting' } });
});

test('a form sends its inputs beside the action', async () => {
  await cardPage.draw(samples().settings!.card);
  await cardPage.page.getByLabel('Length of summaries').selectOption({ label: 'Detailed' });
  await cardPage.page.getByRole('button', { name: 'Save' }).click();
  expect(await cardPage.page.evaluate('window.submitted.data')).toEqual({
    parley: { action: 'settings', values: { save: true } }, language: 'en', translateTo: 'automatic', summaryLength: 'detailed', improvement: 'no',
  });
});
