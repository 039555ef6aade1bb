import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activity } from 'botbuilder';
import { pino } from 'pino';
import { createApp, type App } from '../../bot/app';
import { loadConfig } from '../../bot/config';
import { startHttpServer, type HttpServer } from '../helpers/httpServer';
import { startChatServer, type ChatServer, type ScriptedBot } from './chatServer';
import { bubble, drop, messageBox, ready, say, seriousFindings, useBrowser } from './visit';

const screenshots = 'test/screenshots/page';
const transcript = 'test/fixtures/ami-ES2016c.vtt';

const { visit } = useBrowser();
beforeAll(async () => mkdir(screenshots, { recursive: true }));

describe('with the dialogs', () => {
  let app: App;
  let url: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-page-'));
    const config = loadConfig({ PORT: '0', DATABASE_URL: join(folder, 'parley.db') });
    app = await createApp(config, join(process.cwd(), 'dist/web'), pino({ level: 'silent' }));
    ({ url } = await app.listen());
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the first screen says what Parley can do and which engine answers', async () => {
    const chat = await visit(url);
    await ready(chat);
    await expect(chat.page.locator('[data-prompt]').allInnerTexts()).resolves.toHaveLength(3);
    await chat.page.getByRole('button', { name: /Offline engine/ }).click();
    await expect(chat.page.locator('#engine').innerText()).resolves.toContain('AZURE_OPENAI_ENDPOINT');
    expect(chat.problems).toEqual([]);
  });

  test('the sample meeting is summarized, and an item of the summary opens the turn it came from', async () => {
    const chat = await visit(url);
    await ready(chat);
    await chat.page.locator('[data-prompt=summarize]').click();
    const link = chat.page.locator('.ac-adaptiveCard a[href*="/threads/"], .ac-adaptiveCard [role=link]').first();
    await link.waitFor();
    await chat.page.screenshot({ path: `${screenshots}/summary-light.png` });
    await chat.page.emulateMedia({ colorScheme: 'dark' });
    await chat.page.screenshot({ path: `${screenshots}/summary-dark.png` });
    await chat.page.emulateMedia({ colorScheme: 'light' });
    const [reading] = await Promise.all([chat.page.context().waitForEvent('page'), link.click()]);
    await reading.locator('.message:target').waitFor();
    await expect(reading.evaluate("(({ top }) => top >= 0 && top < innerHeight)(document.querySelector('.message:target').getBoundingClientRect())")).resolves.toBe(true);
    await reading.screenshot({ path: `${screenshots}/thread-light.png` });
    expect(chat.problems).toEqual([]);
  });

  test.each([
    ['ask', 'batteries'],
    ['translate', 'model'],
  ])('the prompt "%s" is answered', async (prompt, expected) => {
    const chat = await visit(url);
    await ready(chat);
    await chat.page.locator(`[data-prompt=${prompt}]`).click();
    const answer = chat.page.locator('.webchat__bubble:not(.webchat__bubble--from-user)', { hasText: expected });
    await answer.first().waitFor();
    await chat.page.locator('#first').waitFor({ state: 'hidden' });
    await chat.page.screenshot({ path: `${screenshots}/prompt-${prompt}.png` });
    expect(chat.problems).toEqual([]);
  });

  test('a dropped meeting gives a summary card in under two seconds', async () => {
    const chat = await visit(url);
    await ready(chat);
    const content = await readFile(transcript, 'utf8');
    const startedAt = performance.now();
    await drop(chat, 'meeting.vtt', content);
    await chat.page.locator('.ac-adaptiveCard', { hasText: 'Key points' }).waitFor();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('a conversation continues after a reload, and a new one is empty', async () => {
    const chat = await visit(url);
    await ready(chat);
    await say(chat, 'help');
    await chat.page.locator('.ac-adaptiveCard').first().waitFor();
    await chat.page.reload();
    await bubble(chat, 'help').first().waitFor();
    await expect(chat.page.locator('#first').isHidden()).resolves.toBe(true);
    await chat.page.getByRole('button', { name: 'New conversation' }).click();
    await chat.page.locator('#first').waitFor();
    await ready(chat);
    await expect(bubble(chat, 'help').count()).resolves.toBe(0);
    expect(chat.problems).toEqual([]);
  });
});

describe('with a scripted bot', () => {
  let server: ChatServer;
  let continueStream: () => void = () => undefined;

  const submitCard = {
    type: 'AdaptiveCard', version: '1.5', $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    body: [{ type: 'Input.Text', id: 'name', label: 'Your name' }],
    actions: [{ type: 'Action.Submit', title: 'Send it', data: { action: 'greet' } }],
  };

  const bot: ScriptedBot = async ({ type, text, attachments = [], value }, send) => {
    if (type !== 'message') return;
    if (attachments.length > 0) await send({ type: 'message', text: `Got ${attachments.map(({ name }) => name ?? '').join()}` });
    else if (value) await send({ type: 'message', text: `Hello ${(value as { name: string }).name}` });
    else if (text === 'card') await send({ type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: submitCard }] });
    else if (text === 'hostile') await send({ type: 'message', text: hostile() });
    else if (text === 'stream') await stream(send);
    else if (text === 'late chunk') await sendLateChunk(send);
    else await send({ type: 'message', text: `You said ${text}`, entities: [aiEntity] });
  };

  let elsewhere: HttpServer;
  let askedElsewhere = 0;
  const hostile = (): string => `<script>window.broken = 1</script>\n\n<img src=x onerror="window.broken = 2">\n\n![pixel](${elsewhere.url}/pixel.png)\n\n[click](javascript:window.broken=3)\n\n[fine](https://example.com/)`;
  const aiEntity = { type: 'https://schema.org/Message', '@type': 'Message', '@context': 'https://schema.org', '@id': '', additionalType: ['AIGeneratedContent'] };

  async function stream(send: (reply: Partial<Activity>) => Promise<string>): Promise<void> {
    const seen = new Promise<void>((resolve) => { continueStream = resolve; });
    const streamId = await send({ type: 'typing', text: 'Reading the file', channelData: { streamType: 'informative', streamSequence: 1 } });
    await send({ type: 'typing', text: 'The buttons', channelData: { streamType: 'streaming', streamSequence: 2, streamId } });
    await seen;
    await send({ type: 'message', text: 'The buttons will be **rubber**.', channelData: { streamType: 'final', streamId } });
  }

  /** The answer first, then a chunk of it. */
  async function sendLateChunk(send: (reply: Partial<Activity>) => Promise<string>): Promise<void> {
    const streamId = await send({ type: 'typing', text: 'Reading', channelData: { streamType: 'informative', streamSequence: 1 } });
    await send({ type: 'message', text: 'The whole answer', channelData: { streamType: 'final', streamId } });
    await send({ type: 'typing', text: 'The whole', channelData: { streamType: 'streaming', streamSequence: 2, streamId } });
    await send({ type: 'message', text: 'Something else' });
  }

  beforeAll(async () => {
    server = await startChatServer(bot);
    elsewhere = await startHttpServer(() => {
      askedElsewhere += 1;
      return { status: 200 };
    });
  });
  afterAll(async () => {
    await server.close();
    await elsewhere.close();
  });

  test('a message is sent by keyboard alone, and what AI wrote is labelled', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await chat.page.keyboard.press('Tab');
    await chat.page.keyboard.press('Enter'); // "Skip to the message box"
    await chat.page.keyboard.type('good morning');
    await chat.page.keyboard.press('Enter');
    await bubble(chat, 'You said good morning').waitFor();
    await expect(chat.page.locator('.label-ai').innerText()).resolves.toBe('AI-generated');
    await expect(chat.page.locator('#first').isHidden()).resolves.toBe(true);
  });

  test('a streamed answer grows in one message', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await say(chat, 'stream');
    await bubble(chat, 'The buttons').waitFor();
    continueStream();
    await bubble(chat, 'The buttons will be rubber.').waitFor();
    await expect(bubble(chat, 'The buttons').count()).resolves.toBe(1);
    expect(chat.problems).toEqual([]);
  });

  test('a chunk that comes after its answer is not shown', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await say(chat, 'late chunk');
    await bubble(chat, 'Something else').waitFor();
    await expect(bubble(chat, 'The whole').count()).resolves.toBe(1);
  });

  test('a form of a card is filled in and sent', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await say(chat, 'card');
    await chat.page.getByLabel('Your name').fill('Ada');
    await chat.page.locator('.ac-pushButton').click();
    await bubble(chat, 'Hello Ada').waitFor();
    expect(chat.problems).toEqual([]);
  });

  test('a file is chosen with the paper clip', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await chat.page.locator('input[type=file]').setInputFiles(transcript);
    await chat.page.locator(messageBox).focus();
    await chat.page.keyboard.press('Enter');
    await bubble(chat, 'Got ami-ES2016c.vtt').waitFor();
    expect(chat.problems).toEqual([]);
  });

  test('a file that is dropped goes with what was typed', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await chat.page.locator(messageBox).fill('what was decided?');
    await drop(chat, 'notes.md', '# Notes');
    await bubble(chat, 'Got notes.md').waitFor();
    expect(server.received.at(-1)?.text).toBe('what was decided?');
    await expect(chat.page.locator(messageBox).inputValue()).resolves.toBe('');
  });

  test.each([
    ['of another kind', 'holiday.zip', 'x', 'cannot be read'],
    ['that is empty', 'empty.vtt', '', 'is empty'],
    ['that is too large', 'long.txt', 'x'.repeat(10 * 1024 * 1024 + 1), 'larger than 10 MB'],
  ])('a file %s is refused in words, and nothing is sent', async (_, name, content, sentence) => {
    const chat = await visit(server.url);
    await ready(chat);
    const before = server.received.filter(({ type }) => type === 'message').length;
    await drop(chat, name, content);
    await expect(chat.page.locator('#notices').innerText()).resolves.toContain(sentence);
    await expect(chat.page.locator('#first').isVisible()).resolves.toBe(true);
    expect(server.received.filter(({ type }) => type === 'message')).toHaveLength(before);
  });

  test('a hostile answer runs nothing, loads nothing from elsewhere, and its links open apart', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await say(chat, 'hostile');
    const link = chat.page.getByRole('link', { name: /fine/ });
    await link.waitFor();
    await expect(link.getAttribute('target')).resolves.toBe('_blank');
    await expect(link.getAttribute('rel')).resolves.toContain('noopener');
    await expect(chat.page.evaluate('window.broken')).resolves.toBeUndefined();
    await expect(chat.page.locator('a[href^="javascript"]').count()).resolves.toBe(0);
    expect(chat.problems.some((problem) => problem.startsWith('violates img-src'))).toBe(true);
    expect(askedElsewhere).toBe(0);
  });

  test('a lost connection is told, and its end as well', async () => {
    const chat = await visit(server.url);
    await ready(chat);
    await say(chat, 'one');
    await bubble(chat, 'You said one').waitFor();
    await server.pause();
    await chat.page.getByText('The connection was lost').waitFor();
    await server.resume();
    // DirectLineJS waits 3 to 15 seconds before it connects again, and 20 more after a failure.
    await chat.page.getByText('The connection was lost').waitFor({ state: 'detached', timeout: 45_000 });
    await say(chat, 'two');
    await bubble(chat, 'You said two').waitFor();
  }, 90_000);

  test.each([
    ['wide-light', { colorScheme: 'light' }],
    ['wide-dark', { colorScheme: 'dark' }],
    ['narrow-light', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
    ['narrow-dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
    ['large-text', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }], // 1280 x 800 at 200 %
    ['right-to-left', { locale: 'he-IL' }],
  ] as const)('%s: everything fits, and axe finds nothing serious', async (name, options) => {
    const chat = await visit(server.url, { reducedMotion: 'reduce', ...options });
    await ready(chat);
    await chat.page.screenshot({ path: `${screenshots}/${name}-first.png` });
    await expect(seriousFindings(chat, { ours: true })).resolves.toEqual([]);
    await chat.page.locator('.chip').click();
    await chat.page.screenshot({ path: `${screenshots}/${name}-engine.png` });
    await expect(seriousFindings(chat, { ours: true })).resolves.toEqual([]);
    await chat.page.keyboard.press('Escape');
    await say(chat, 'something to answer');
    await bubble(chat, 'You said something').waitFor();
    await chat.page.screenshot({ path: `${screenshots}/${name}-answer.png` });
    await expect(seriousFindings(chat, { ours: true })).resolves.toEqual([]);
    await expect(chat.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).resolves.toBe(0);
  });
});
