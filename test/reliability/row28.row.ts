import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../helpers/browser';
import { likeAModel } from '../helpers/fakeModelBehavior';
import { say as answerWith } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { openInFrame } from '../web/teamsHost';
import { startChatServer, type ChatServer } from '../web/chatServer';
import { closeAfterwards } from './closing';
import { hostileAttachments, hostileTexts } from './hostilePayloads';
import { score } from './scorecard';

/** What a page did that it must not do. */
interface Watched {
  readonly page: Page;
  readonly foreign: string[];
  readonly dialogs: string[];
}

const closing = closeAfterwards();
let browser: Browser;
let recorder: Awaited<ReturnType<typeof startRecorder>>;
let parley: Parley;
let model: FakeModelServer;
let raw: ChatServer;

beforeAll(async () => {
  recorder = closing(await startRecorder());
  // Whatever host a page asks for that is not this machine's is the recorder.
  browser = closing(await launchBrowser({ args: ['--no-sandbox', `--host-resolver-rules=MAP * 127.0.0.1:${recorder.port}, EXCLUDE localhost, EXCLUDE 127.0.0.1`] }));
  await tryRecorder();
  model = closing(await startFakeModelServer());
  parley = closing(await startParley({ model: { server: model, as: 'openai' } }));
  raw = closing(await startChatServer(async (activity, send) => {
    if (activity.type === 'message' && activity.text === 'begin') for (const reply of hostileReplies) await send(reply);
  }));
});

const hostileReplies: readonly object[] = [
  ...hostileTexts('bot', 60).map((text) => ({ type: 'message', text })),
  ...hostileAttachments('bot').map((attachment) => ({ type: 'message', attachments: [attachment] })),
  ...hostileTexts('name', 10).map((name) => ({ type: 'message', text: 'x', from: { id: 'parley', name } })),
  ...hostileTexts('action', 10).map((title, index) => ({ type: 'message', text: 'x', suggestedActions: { to: [], actions: [{ type: 'imBack', title, value: title, image: `https://image${index}.evil.example/x.png` }, { type: 'openUrl', title: 'x', value: 'javascript:ran.push(1)' }] } })),
  ...hostileTexts('source', 8).map((name, index) => ({
    type: 'message',
    text: `So it is [1].\n\n[1]: https://own.invalid/${index} "x"`,
    entities: [{ type: 'https://schema.org/Message', '@type': 'Message', '@context': 'https://schema.org', '@id': '', citation: [{ '@type': 'Claim', position: 1, appearance: { '@type': 'DigitalDocument', name, abstract: name, url: 'javascript:ran.push(1)' } }] }],
  })),
];

test('row 28: what a bot posts stays words in the page, cards and attachments too', async () => {
  const watched = await visit(raw.url);
  await type(watched, 'begin');
  await countOf(watched, '.webchat__bubble:not(.webchat__bubble--from-user), .webchat__bubble__nub-pad', 90);
  const seen = await settle(watched);
  score(28, { load: `${hostileReplies.length} payloads from a bot`, figure: seen });
});

test('row 28: what a person posts stays words, with the names of files and of people', async () => {
  const watched = await visit(raw.url);
  await type(watched, 'hello');
  const texts = hostileTexts('person', 70);
  const attachments = hostileAttachments('person');
  const files = hostileTexts('file', 20).map((name) => `${name.replace(/[\r\n/\\"]/g, '_').slice(0, 80)}.txt`);
  await watched.page.evaluate(postAll({ texts, attachments, files }));
  await watched.page.reload();
  await countOf(watched, '.webchat__bubble', texts.length);
  const seen = await settle(watched);
  score(28, { load: `${texts.length + attachments.length + files.length} from a person`, figure: seen });
});

test('row 28: what a model says stays words, and opens only what people gave', async () => {
  const texts = hostileTexts('model', 60);
  const watched = await visit(parley.url);
  for (const text of texts) {
    model.answerWith((call) => (call.body.response_format ? likeAModel(call) : answerWith(text))); // what has a form is no answer, but notes on what was said
    await post(watched, 'Tell me something');
    await parley.settled();
  }
  await watched.page.reload();
  await countOf(watched, '.webchat__bubble:not(.webchat__bubble--from-user)', texts.length - 4); // some say nothing that can be shown
  await expect(watched.page.locator('#chat a[href*="evil.example"]').count()).resolves.toBe(0);
  const seen = await settle(watched);
  score(28, { load: `${texts.length} from a model`, figure: seen });
});

test('row 28: what stands in a document stays words, in cards, questions and on its own page', async () => {
  const texts = hostileTexts('document', 60);
  const watched = await visit(parley.url);
  const messages = texts.map((text, index) => ({ id: index === 0 ? '"><img src=x onerror=ran.push(1)>' : `m${index}`, author: { id: `a${index}`, name: text }, text: `${text} We decided to buy ${index} chairs.`, url: `https://page${index}.evil.example/x` }));
  const document = JSON.stringify({ title: texts[3], kind: 'meeting', messages });
  model.behaveLikeAModel();
  await watched.page.evaluate(postAll({ texts: [], attachments: [], files: ['<img src=x onerror=ran.push(1)>.json'], content: document }));
  await parley.settled();
  const asked = ['summarize this conversation', 'summarize', 'Who decided what about the chairs?', 'translate to [x](https://a.evil.example)'];
  for (const text of asked) {
    await post(watched, text);
    await parley.settled();
  }
  await watched.page.reload();
  await countOf(watched, '.webchat__bubble:not(.webchat__bubble--from-user)', asked.length + 1);
  await countOf(watched, '.ac-adaptiveCard', 1);
  // What the person wrote is a link in the person's own words, and nowhere else.
  const links = await watched.page.evaluate<string[]>(`[...document.querySelectorAll('#chat a[href]')].filter((link) => !link.closest('.webchat__bubble--from-user')).map(({ href }) => href)`);
  expect(links.filter((href) => !href.startsWith(parley.url))).toEqual([]);
  const threadUrl = await threadOf(watched);
  await settle(watched);

  const reading = await visit(threadUrl, 'ol.messages');
  const seen = await settle(reading);
  await expect(reading.page.locator('.text').count()).resolves.toBe(messages.length);
  score(28, { load: `${texts.length} from a document`, figure: seen });
});

test('row 28: no other site frames the pages, and messages of other windows change nothing', async () => {
  const embedded = closing(await startParley({ env: { WEBCHAT_ALLOWED_ORIGINS: 'https://www.example.com' } }));
  const shown: boolean[] = [];
  for (const [origin, url] of [['https://evil.example', embedded.url], ['https://www.example.com.evil.example', embedded.url], ['https://evil.example', parley.url], ['https://www.example.com', `${embedded.url}/threads/x`]] as const) {
    const context = await newContext();
    await context.grantPermissions(['local-network-access']); // a public site shows a page of this machine: in tests alone
    const page = await context.newPage();
    const refused = page.waitForEvent('console', (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()));
    await openInFrame(page, origin, url, { theme: 'default', locale: 'en-us' });
    await refused;
    shown.push((await page.frameLocator('iframe').locator('#chat, .thread-head').count()) > 0);
    await context.close();
  }
  expect(shown).toEqual([false, false, false, false]);

  const { page } = await visit(parley.url);
  await page.evaluate(`window.postMessage({ id: 0, func: 'themeChange', args: ['dark'] }, '*'); window.postMessage({ type: 'WEB_CHAT/SEND_MESSAGE', payload: { text: 'x' } }, '*'); window.postMessage('<img src=x onerror=ran.push(1)>', '*')`);
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
  await expect(page.evaluate('[document.documentElement.dataset.theme ?? "", ran.length]')).resolves.toEqual(['', 0]);
  score(28, { load: `frames of ${shown.length} sites`, figure: `${shown.filter((isShown) => !isShown).length}/${shown.length} refused` });
});

/** A request to another host does reach the recorder where nothing stops it. */
async function tryRecorder(): Promise<void> {
  const page = await browser.newPage();
  await page.goto('http://control.evil.example/').catch(() => undefined);
  expect(recorder.connections()).toBeGreaterThan(0);
  await page.close();
  recorder.forget();
}

async function newContext(): Promise<BrowserContext> {
  return browser.newContext({ locale: 'en-US' });
}

async function visit(url: string, wanted = '[data-prompt]:enabled'): Promise<Watched> {
  const page = await (await newContext()).newPage();
  page.setDefaultTimeout(30_000);
  const watched: Watched = { page, foreign: [], dialogs: [] };
  page.on('request', (request) => {
    if (/^(?:https?|wss?):/.test(request.url()) && !/^\w+:\/\/(?:127\.0\.0\.1|localhost):/.test(request.url())) watched.foreign.push(request.url());
  });
  page.on('requestfailed', (request) => {
    // What the policy stopped never left the browser; the recorder shows whether that is so.
    const index = request.failure()?.errorText === 'csp' ? watched.foreign.indexOf(request.url()) : -1;
    if (index >= 0) watched.foreign.splice(index, 1);
  });
  page.on('dialog', (dialog) => {
    watched.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.addInitScript({ content: 'window.ran = []; window.alert = () => ran.push(2);' });
  await page.goto(url);
  await page.locator(wanted).first().waitFor({ state: 'attached' });
  return watched;
}

/** Everything that can run on its own has run by now, and what people would click is nothing that runs. Gives what was counted. */
async function settle({ page, foreign, dialogs }: Watched): Promise<string> {
  await page.waitForLoadState('networkidle');
  await page.evaluate(`for (const link of document.querySelectorAll('#chat a[href^="javascript" i], #auto')) link.click()`);
  const dangerous = await page.evaluate<string[]>(`[...document.querySelectorAll('#chat script, #chat object, #chat embed, #chat base, #chat form[action], #chat a[href^="javascript" i], #chat a[href^="data:" i], #chat a[href^="vbscript" i], main script')].map((element) => element.outerHTML.slice(0, 200))`);
  const scripts = await page.evaluate<number>('ran.length');
  expect(dangerous).toEqual([]);
  expect([scripts, dialogs, foreign]).toEqual([0, [], []]);
  expect(recorder.connections()).toBe(0);
  return `${scripts} scripts, ${foreign.length + recorder.connections()} foreign requests`;
}

async function type({ page }: Watched, text: string): Promise<void> {
  await page.locator('[data-id="webchat-sendbox-input"]').fill(text);
  await page.keyboard.press('Enter');
  await page.locator('.webchat__bubble--from-user').first().waitFor();
}

const countOf = ({ page }: Watched, selector: string, count: number): Promise<void> =>
  page.locator(selector).nth(count - 1).waitFor({ state: 'attached', timeout: 60_000 });

/** The address of the page that a card of this conversation links to. */
async function threadOf({ page }: Watched): Promise<string> {
  const found = await page.evaluate<string | null>(`(${readHistory})().then((text) => /https?:\\/\\/[^"]*\\/threads\\/[\\w-]+/.exec(text)?.[0] ?? null)`);
  if (!found) throw new Error('No card links to a thread.');
  return found;
}

const readHistory = `async () => {
  const { domain, token, conversationId } = JSON.parse(localStorage.getItem('parley.conversation'));
  return (await fetch(domain + '/conversations/' + conversationId + '/activities', { headers: { authorization: 'Bearer ' + token } })).text();
}`;

const post = ({ page }: Watched, text: string): Promise<unknown> => page.evaluate(postAll({ texts: [text], attachments: [], files: [] }));

interface Posts {
  readonly texts: readonly string[];
  readonly attachments: readonly object[];
  readonly files: readonly string[];
  readonly content?: string;
}

/** A script that posts to the page's own conversation, as whoever holds its token can. */
const postAll = (posts: Posts): string => `(async ({ texts, attachments, files, content = 'One. Two.' }) => {
  const kept = JSON.parse(localStorage.getItem('parley.conversation'));
  const { domain, token, conversationId, userId } = kept;
  localStorage.setItem('parley.conversation', JSON.stringify({ ...kept, started: true }));
  const headers = { authorization: 'Bearer ' + token };
  const address = domain + '/conversations/' + conversationId;
  const send = async (activity) => {
    const answer = await fetch(address + '/activities', { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ type: 'message', from: { id: userId, name: activity.text }, ...activity }) });
    if (!answer.ok) throw new Error('posting answered ' + answer.status);
  };
  for (const text of texts) await send({ text });
  for (const attachment of attachments) await send({ text: 'x', attachments: [attachment] });
  for (const name of files) {
    const form = new FormData();
    form.append('file', new Blob([content], { type: name.endsWith('.json') ? 'application/json' : 'text/html' }), name);
    const answer = await fetch(address + '/upload?userId=' + userId, { method: 'POST', headers, body: form });
    if (!answer.ok) throw new Error('uploading answered ' + answer.status);
  }
})(${JSON.stringify(posts)})`;

/** Takes note of every connection that reaches it, and answers none. */
async function startRecorder() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has an address
    connections: () => connections,
    forget: () => void (connections = 0),
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}
