import { startParley, type Parley } from '../helpers/parley';
import { calledFunctions, changeTheme, openInFrame, tabOf } from './teamsHost';
import { useBrowser } from './visit';

const teams = 'https://teams.microsoft.com';
const { newContext } = useBrowser();

let parley: Parley;
beforeAll(async () => void (parley = await startParley({ env: { WEBCHAT_ALLOWED_ORIGINS: `${teams},https://www.example.com` } })));
afterAll(() => parley.close());

/** What the browser wrote to its console. */
let spoken: string[] = [];
beforeEach(() => void (spoken = []));

async function openTab(options: Partial<Parameters<typeof openInFrame>[3]> = {}, origin = teams) {
  const context = await newContext({ locale: 'en-US' });
  await context.grantPermissions(['local-network-access']); // a public site shows a page of this machine: in tests alone
  const page = await context.newPage();
  page.on('console', (message) => spoken.push(message.text()));
  page.setDefaultTimeout(15_000);
  await openInFrame(page, origin, parley.url, { theme: 'default', locale: 'en-us', ...options });
  return page;
}

const theme = { default: 'rgb(250, 250, 251)', dark: 'rgb(27, 26, 31)', contrast: 'rgb(0, 0, 0)' } as const;

test('as a tab in Teams the page takes on its theme, and follows it', async () => {
  const page = await openTab({ theme: 'dark' });
  const ground = () => tabOf(page, parley.url).evaluate('getComputedStyle(document.body).backgroundColor');
  await page.frameLocator('iframe').locator('html[data-theme=dark]').waitFor();
  await expect(ground()).resolves.toBe(theme.dark);
  for (const next of ['contrast', 'default'] as const) {
    await changeTheme(page, next);
    await page.frameLocator('iframe').locator(`html[data-theme=${next}]`).waitFor();
    await expect(ground()).resolves.toBe(theme[next]);
  }
  await expect(calledFunctions(page)).resolves.toContain('appInitialization.success');
});

test('as a tab in Teams the page speaks its language, and so does the bot', async () => {
  const page = await openTab({ locale: 'fr-fr' });
  const tab = page.frameLocator('iframe');
  await tab.locator('html[lang=fr]').waitFor();
  await tab.locator('[data-prompt]:enabled').first().waitFor();
  await tab.locator('[data-id="webchat-sendbox-input"]').fill('aide');
  await tab.locator('[data-id="webchat-sendbox-input"]').press('Enter');
  await tab.locator('.ac-adaptiveCard', { hasText: 'Parley' }).first().waitFor();
  await expect(tab.locator('.ac-adaptiveCard').first().innerText()).resolves.toMatch(/Résumer|résum/);
  expect(tabOf(page, parley.url).url()).toBe(`${parley.url}/?locale=fr-FR`);
});

test('another site that may embed the page shows it in the theme of the device', async () => {
  const page = await openTab({ theme: 'dark' }, 'https://www.example.com');
  await page.frameLocator('iframe').locator('[data-prompt]:enabled').first().waitFor();
  await expect(tabOf(page, parley.url).evaluate('document.documentElement.dataset.theme')).resolves.toBeUndefined();
});

test.each(['https://evil.example', 'https://teams.microsoft.com.evil.example'])('the page is refused to a frame of %s', async (origin) => {
  const page = await openTab({}, origin);
  while (!spoken.some((text) => text.includes('frame-ancestors'))) await page.waitForEvent('console');
  await expect(page.frameLocator('iframe').locator('#chat').count()).resolves.toBe(0);
});

test('with websites named, our own page still works, at each name of this machine', async () => {
  for (const url of [parley.url, parley.url.replace(/\/\/[^:]+/, '//localhost')]) {
    const page = await (await newContext()).newPage();
    await page.goto(url);
    await page.locator('[data-prompt]:enabled').first().waitFor();
    await page.locator('[data-prompt=ask]').click();
    await page.locator('.webchat__bubble:not(.webchat__bubble--from-user)').first().waitFor();
  }
});
