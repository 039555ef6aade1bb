import type { Frame, Page } from 'playwright-core';

/** What the page hears of Teams. */
export interface TeamsContext {
  readonly theme: 'default' | 'dark' | 'contrast';
  readonly locale: string;
}

/**
 * Serves a page as `origin` that shows `tabUrl` in a frame and answers it as Teams does: @microsoft/teams-js 2.58 posts
 * `{id, func, args}` to its parent and takes `{id, args}` from it; `{func, args}` without an id is the host's own call.
 */
export async function openInFrame(page: Page, origin: string, tabUrl: string, context: TeamsContext): Promise<void> {
  await page.route(`${origin}/**`, (route) => route.fulfill({ contentType: 'text/html', body: hostPage(tabUrl, context) }));
  await page.goto(`${origin}/`);
}

/** What Teams does when the person chooses another theme. */
export const changeTheme = (page: Page, theme: TeamsContext['theme']): Promise<void> => page.evaluate(`changeTheme(${JSON.stringify(theme)})`);

/** The functions of teams-js that the tab called. */
export const calledFunctions = (page: Page): Promise<readonly string[]> => page.evaluate('called');

/** The tab; throws where the browser did not load it. */
export function tabOf(page: Page, tabUrl: string): Frame {
  const frame = page.frames().find((candidate) => candidate.url().startsWith(tabUrl));
  if (!frame) throw new Error(`No frame shows ${tabUrl}: ${page.frames().map((candidate) => candidate.url()).join(', ')}`);
  return frame;
}

const hostPage = (tabUrl: string, { theme, locale }: TeamsContext): string => `<!doctype html>
<meta charset="utf-8"><title>Teams</title>
<style>html, body, iframe { margin: 0; width: 100%; height: 100%; border: 0 }</style>
<script>
const called = [];
const tab = () => document.querySelector('iframe').contentWindow;
const context = { app: { theme: ${JSON.stringify(theme)}, locale: ${JSON.stringify(locale)}, sessionId: 's', host: { name: 'Teams', clientType: 'web', sessionId: 's' } }, page: { id: 'parley', frameContext: 'content' } };
const answers = {
  initialize: () => ['content', 'web', '{"apiVersion":1,"isLegacyTeams":false,"supports":{}}', '2.0.1'],
  getContext: () => [{ theme: context.app.theme, locale: context.app.locale, sessionId: 's', hostName: 'Teams', hostClientType: 'web', frameContext: 'content', entityId: 'parley' }],
};
window.addEventListener('message', ({ data, source }) => {
  if (source !== tab() || !data || typeof data.func !== 'string') return;
  called.push(data.func);
  const answer = answers[data.func];
  if (answer) source.postMessage({ id: data.id, uuid: data.uuid, args: answer() }, '*');
});
function changeTheme(theme) {
  context.app.theme = theme;
  tab().postMessage({ func: 'themeChange', args: [theme] }, '*');
}
</script>
<iframe src="${tabUrl}"></iframe>`;
