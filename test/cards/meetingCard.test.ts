import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createOfflineEngine } from '../../ai/offline/engine';
import type { AdaptiveCard } from '../../cards/adaptiveCard';
import { cardBytes } from '../../cards/fit';
import { summaryCard, type SummaryMessage } from '../../cards/summaryCard';
import { wordsFor } from '../../cards/words';
import { toShape } from '../../dialogs/summary';
import { parseThread } from '../../threads/parse';
import { launchBrowser } from '../helpers/browser';
import { cardProblems } from './cardRules';
import { openCardPage } from './cardPage';

const words = wordsFor('en');
const engine = createOfflineEngine();

test.each(['short', 'standard', 'detailed'] as const)('the %s summary of a real meeting fits its card, each item with a link to its message', async (length) => {
  const { card, itemCount } = await meetingCard(length);
  expect(itemCount).toBeGreaterThan(3);
  expect(cardProblems(card)).toEqual([]);
  expect(cardBytes(card)).toBeLessThan(25_000);
  const links = JSON.stringify(card).match(/"type":"Action\.OpenUrl"/g)?.length ?? 0;
  const hidden = [...JSON.stringify(card).matchAll(/and (\d+) more/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  expect(links + hidden).toBe(itemCount);
});

test('the summary of a real meeting reads well', async () => {
  const folder = join(process.cwd(), 'test/screenshots/cards');
  mkdirSync(folder, { recursive: true });
  const browser = await launchBrowser();
  try {
    for (const [theme, width] of [['light', 640], ['light', 360], ['dark', 640]] as const) {
      const cardPage = await openCardPage(browser, { theme, width });
      expect(await cardPage.draw((await meetingCard('standard')).card)).toEqual([]);
      await cardPage.page.locator('#card').screenshot({ path: join(folder, `meeting-${theme}-${width}.png`) });
      expect(await cardPage.ask('overflowing')).toEqual([]);
    }
  } finally {
    await browser.close();
  }
});

// A picture of the README. To renew it in docs/images: PARLEY_PICTURES=docs/images npx jest test/cards/meetingCard
test('the short summary of a real meeting, as Teams shows it, is a picture for the README', async () => {
  const folder = join(process.cwd(), process.env['PARLEY_PICTURES'] ?? 'test/screenshots/docs');
  mkdirSync(folder, { recursive: true });
  const browser = await launchBrowser();
  try {
    const cardPage = await openCardPage(browser, { theme: 'light', width: 640 });
    expect(await cardPage.draw((await meetingCard('short')).card)).toEqual([]);
    await cardPage.page.locator('#card').screenshot({ path: join(folder, 'teams-summary.png'), scale: 'css' });
    expect(statSync(join(folder, 'teams-summary.png')).size).toBeLessThan(200 * 1024);
  } finally {
    await browser.close();
  }
});

async function meetingCard(length: 'short' | 'standard' | 'detailed'): Promise<{ card: AdaptiveCard; itemCount: number }> {
  const bytes = readFileSync(join(process.cwd(), 'test/fixtures/ami-ES2016c.json'));
  const thread = await parseThread({ name: 'ami-ES2016c.json', contentType: 'application/json', bytes });
  const summary = toShape(await engine.summarize(thread, { language: 'en', length }, new AbortController().signal));
  const messages = new Map<string, SummaryMessage>(thread.messages.map((message) => [message.id, { ...message, url: `http://localhost:3978/threads/${thread.id}#${message.id}` }]));
  const card = summaryCard({ words, locale: 'en', title: thread.title, summary, messages, threadId: thread.id, length });
  const { keyPoints, decisions, actionItems, openQuestions } = summary;
  return { card, itemCount: [keyPoints, decisions, actionItems, openQuestions].flat().length };
}
