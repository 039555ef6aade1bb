import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { whispered } from '../helpers/fakeMediaModels';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { wavOf } from '../helpers/sampleMedia';
import { bubble, drop, messageBox, ready, say, seriousFindings, useBrowser, type Visit } from './visit';

const { visit } = useBrowser();
const screenshots = 'test/screenshots/page';
let model: FakeModelServer;
let parley: Parley;

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  model = await startFakeModelServer();
  model.behaveLikeAModel();
  parley = await startParley({
    model: { server: model, as: 'openai' },
    env: { OPENAI_IMAGES_MODEL: 'gpt-image-1', OPENAI_TRANSCRIBE_MODEL: 'whisper', OPENAI_SPEAK_MODEL: 'tts', OPENAI_MODERATE_MODEL: 'omni-moderation-latest' },
  });
});
afterAll(async () => {
  await parley.close();
  await model.close();
});

const card = ({ page }: Visit, text: string) => page.locator('.ac-adaptiveCard', { hasText: text });
/** Waits in the page: its policy lets nothing be evaluated there, as Playwright's own way would. */
const until = (page: Page, condition: string): Promise<void> => page.evaluate(`new Promise((done) => {
  const look = () => ((${condition}) ? done() : setTimeout(look, 20));
  look();
})`);

/** Web Chat keeps chosen files until they are sent. */
async function send({ page }: Visit, name: string, seconds: number): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles({ name, mimeType: 'audio/wav', buffer: wavOf(seconds) });
  await page.locator(messageBox).focus();
  await page.keyboard.press('Enter');
}

test.each([
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }, '100%'],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }, '100%'],
  ['phone', { colorScheme: 'light', viewport: { width: 360, height: 740 } }, '100%'],
  ['large-text', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }, '200%'],
] as const)('a picture is drawn, and an answer read aloud: %s', async (name, options, fontSize) => {
  const chat = await visit(parley.url, { reducedMotion: 'reduce', ...options });
  await ready(chat);
  if (fontSize !== '100%') await chat.page.evaluate(`document.documentElement.style.setProperty('font-size', '${fontSize}')`);
  await say(chat, 'Draw a lighthouse in landscape format');
  const picture = chat.page.getByRole('img', { name: 'AI-generated picture: a lighthouse in landscape format' });
  await picture.waitFor();
  await until(chat.page, "[...document.querySelectorAll('img.ac-image')].every((image) => image.naturalWidth > 0)");
  await parley.settled();
  await chat.page.screenshot({ path: `${screenshots}/picture-${name}.png` });
  await expect(chat.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).resolves.toBe(0);
  await say(chat, 'What is a lighthouse?');
  await card(chat, 'Read aloud').last().locator('.ac-pushButton', { hasText: 'Read aloud' }).click();
  await chat.page.locator('audio').waitFor();
  await until(chat.page, 'document.querySelector("audio").duration > 1');
  await chat.page.evaluate('document.querySelector("audio").play()');
  await until(chat.page, 'document.querySelector("audio").currentTime > 0.1');
  await parley.settled();
  await chat.page.screenshot({ path: `${screenshots}/read-aloud-${name}.png` });
  expect(chat.problems).toEqual([]);
  await expect(seriousFindings(chat, { ours: true })).resolves.toEqual([]);
});

test('the button of a picture draws another form of it, and the picture opens alone', async () => {
  const chat = await visit(parley.url);
  await ready(chat);
  await say(chat, 'draw a tower');
  await card(chat, 'a tower').first().locator('.ac-pushButton', { hasText: 'Tall' }).click();
  await chat.page.getByRole('img', { name: 'AI-generated picture: a tower' }).nth(1).waitFor();
  expect(model.media.calls.filter(({ kind }) => kind === 'images').at(-1)?.body).toMatchObject({ prompt: 'a tower', size: '1024x1536' });
  const address = await chat.page.getByRole('img', { name: 'AI-generated picture: a tower' }).first().getAttribute('src');
  const alone = await chat.page.context().newPage();
  await alone.goto(address ?? '');
  await expect(alone.evaluate('document.images[0].naturalWidth')).resolves.toBe(256);
});

test('a recording opens alone too, and plays', async () => {
  const chat = await visit(parley.url);
  await ready(chat);
  await say(chat, 'What is a harbour?');
  await card(chat, 'Read aloud').last().locator('.ac-pushButton', { hasText: 'Read aloud' }).click();
  await chat.page.locator('audio').waitFor();
  const address = await chat.page.locator('audio').getAttribute('src');
  const alone = await chat.page.context().newPage();
  await alone.goto(address ?? '', { waitUntil: 'commit' });
  // Its page runs no scripts, and so no promises of ours.
  const duration = (): Promise<number> => alone.evaluate('document.querySelector("video, audio")?.duration ?? 0');
  while (!((await duration()) > 1)) await parley.settled();
});

test.each([['light', 1280], ['dark', 1280], ['light', 360]] as const)('a voice note shows what was understood, and a long recording is summarized: %s, %d points', async (colorScheme, width) => {
  const chat = await visit(parley.url, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
  await ready(chat);
  model.media.script('transcriptions', whispered([[0, 3, 'What is a lighthouse keeper?']]));
  await send(chat, 'note.wav', 1);
  await bubble(chat, 'I understood: “What is a lighthouse keeper?”').waitFor();
  await bubble(chat, 'This is a fake answer to: What is a lighthouse keeper?').waitFor();
  const said: string[] = await chat.page.evaluate("[...document.querySelectorAll('.webchat__bubble__content')].map(({ innerText }) => innerText)");
  expect(said.findIndex((text) => text.includes('I understood'))).toBeLessThan(said.findIndex((text) => text.includes('fake answer')));
  await parley.settled();
  await chat.page.screenshot({ path: `${screenshots}/voice-note-${colorScheme}-${width}.png` });
  model.media.script('transcriptions', whispered([
    [0, 50, 'Good morning everybody, welcome to the meeting about the harbour and its new lighthouse.'],
    [50, 130, 'We decided to paint the lighthouse red and white before the summer begins.'],
    [130, 200, 'I will order the paint on Monday and tell all of you what it costs in the end.'],
  ]));
  await send(chat, 'harbour.wav', 2);
  await card(chat, '00:00:50').waitFor();
  await parley.settled();
  await chat.page.screenshot({ path: `${screenshots}/recording-${colorScheme}-${width}.png` });
  expect(chat.problems).toEqual([]);
});

test('the first screen says which recordings can be given, and refuses other files', async () => {
  const chat = await visit(parley.url);
  await ready(chat);
  await expect(chat.page.locator('.hint').textContent()).resolves.toContain('.mp3 .mp4 .ogg .opus .wav .webm');
  await drop(chat, 'film.avi', 'RIFF');
  await chat.page.locator('#notices', { hasText: '“film.avi” was not sent' }).waitFor();
});
