import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page, Request } from 'playwright-core';
import { launchBrowser } from '../helpers/browser';

/** A page and what went wrong in it: errors, violations of the policy, requests to other hosts. */
export interface Visit {
  readonly page: Page;
  readonly problems: string[];
}

export const messageBox = '[data-id="webchat-sendbox-input"]';

/** One browser for the tests of a file; what a test opened is closed after it. */
export function useBrowser() {
  let browser: Browser;
  const opened: BrowserContext[] = [];
  beforeAll(async () => void (browser = await launchBrowser()));
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((context) => context.close()));
  });
  afterAll(async () => browser.close());

  const newContext = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    opened.push(context);
    return context;
  };
  return {
    newContext,
    /** Opens the address as a new person. */
    visit: async (url: string, options: BrowserContextOptions = {}) => visitIn(await newContext(options), url),
  };
}

/** Opens the address in a further tab of this person. */
export async function visitIn(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems = problemsOf(page, url);
  await page.addInitScript({ content: "document.addEventListener('securitypolicyviolation', (event) => console.error('violates ' + event.violatedDirective + ' ' + event.blockedURI))" });
  await page.goto(url);
  return { page, problems };
}

function problemsOf(page: Page, url: string): string[] {
  const problems: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  const noteForeign = (request: Request): void => {
    if (request.url().startsWith('http') && new URL(request.url()).host !== new URL(url).host) problems.push(`asked ${request.url()}`);
  };
  page.on('requestfinished', noteForeign);
  // What the policy stopped never left the browser.
  page.on('requestfailed', (request) => request.failure()?.errorText !== 'csp' && noteForeign(request));
  return problems;
}

/** Waits until the conversation is open. */
export async function ready({ page }: Visit): Promise<void> {
  await page.locator('[data-prompt]:enabled').first().waitFor({ state: 'attached' });
}

export async function say({ page }: Visit, text: string): Promise<void> {
  await page.locator(messageBox).focus();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

export const bubble = ({ page }: Visit, text: string | RegExp): Locator => page.locator('.webchat__bubble__content', { hasText: text });

// What runs in the page is text here: this project's types are those of Node, without the browser's.
const dropScript = `(name, text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  for (const type of ['dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
}`;

export const drop = ({ page }: Visit, name: string, content: string): Promise<void> => page.evaluate(`(${dropScript})(${JSON.stringify(name)}, ${JSON.stringify(content)})`);

/** Serious findings of axe, Web Chat's own markup included unless it is left out. */
export async function seriousFindings({ page }: Visit, { ours = false } = {}): Promise<readonly string[]> {
  await page.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'));
  return page.evaluate<readonly string[]>(`axe.run(${ours ? "{ exclude: ['#chat > *'] }" : 'document'}).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 300))))`);
}
