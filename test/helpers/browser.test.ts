import { launchBrowser } from './browser';

test('starts a browser that renders a page, in several suites at once', async () => {
  const browsers = await Promise.all([launchBrowser(), launchBrowser()]);
  try {
    const titles = await Promise.all(browsers.map(async (browser) => {
      const page = await browser.newPage();
      await page.setContent('<title>Parley</title><p>Hello</p>');
      return `${await page.title()} ${await page.locator('p').innerText()}`;
    }));
    expect(titles).toEqual(['Parley Hello', 'Parley Hello']);
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
  }
});
