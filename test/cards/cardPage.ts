import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { AdaptiveCard } from '../../cards/adaptiveCard';

export type Theme = 'light' | 'dark';

export interface CardPage {
  readonly page: Page;
  /** Draws the card, and gives the messages of the renderer's validation (none for a good card). */
  draw(card: AdaptiveCard): Promise<string[]>;
  /** Calls a question of inPage.js, such as `overflowing`. */
  ask<Answer>(question: 'overflowing' | 'faint' | 'reachable' | 'activeContent'): Promise<Answer>;
  close(): Promise<void>;
}

const fixtures = join(process.cwd(), 'test/fixtures/hostConfigs');
const renderer = join(process.cwd(), 'node_modules/adaptivecards/dist');

/** A page that draws cards as Microsoft Teams does, in a column of `width` pixels; `zoom` 2 is 200 % text. */
export async function openCardPage(browser: Browser, { theme, width, zoom = 1 }: { theme: Theme; width: number; zoom?: number }): Promise<CardPage> {
  // 200 % in a browser is half as many CSS pixels, each drawn twice as large.
  const page = await browser.newPage({ viewport: { width: Math.round(width / zoom), height: 400 }, deviceScaleFactor: 2 * zoom });
  await page.setContent(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Card</title><style>${style(theme)}</style><main id="card"></main>`);
  await page.addScriptTag({ path: join(renderer, 'adaptivecards.min.js') });
  await page.addScriptTag({ path: join(__dirname, 'inPage.js') });
  const hostConfig = readFileSync(join(fixtures, `microsoft-teams-${theme}.json`), 'utf8');
  return {
    page,
    draw: (card) => page.evaluate(`drawCard(${JSON.stringify(card)}, ${hostConfig})`),
    ask: (question) => page.evaluate(`${question}()`),
    close: () => page.close(),
  };
}

function style(theme: Theme): string {
  const [around, border] = theme === 'light' ? ['#f5f5f5', '#e0e0e0'] : ['#1f1f1f', '#3d3d3d'];
  return `
    ${readFileSync(join(renderer, 'adaptivecards.css'), 'utf8')}
    ${readFileSync(join(fixtures, `teams-container-${theme}.css`), 'utf8')}
    body { margin: 0; padding: 8px; background: ${around}; }
    /* Long addresses break, as in Web Chat (styleOptions.messageActivityWordBreak). */
    #card { word-break: break-word; border: 1px solid ${border}; border-radius: 6px; overflow: hidden; }
    /* The designer's dark sheet keeps the light theme's link colour; clients take the accent colour of the host configuration. */
    a.ac-anchor:any-link { color: inherit; text-decoration: inherit; }
  `;
}
