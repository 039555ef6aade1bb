import { z } from 'zod';
import { flagging, whispered } from '../helpers/fakeMediaModels';
import type { ShownActivity } from '../helpers/channelConversation';
import { buttonsOf, read } from '../helpers/conversation';
import { startFileNetwork } from '../helpers/fileNetwork';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { pngOf, wavOf } from '../helpers/sampleMedia';
import type { WebChat } from '../helpers/webChat';

let model: FakeModelServer;
let parley: Parley;
let chat: WebChat;

beforeAll(async () => {
  model = await startFakeModelServer();
  model.behaveLikeAModel();
  model.media.answerWith('moderations', flagging('poison'));
  parley = await startParley({
    model: { server: model, as: 'openai' },
    env: { OPENAI_IMAGES_MODEL: 'gpt-image-1', OPENAI_TRANSCRIBE_MODEL: 'whisper', OPENAI_SPEAK_MODEL: 'tts', OPENAI_MODERATE_MODEL: 'omni-moderation-latest', MEDIA_DAYS: '3', SPEECH_VOICE: 'coral' },
  });
});
beforeEach(async () => void (chat = await parley.webChat()));
afterEach(() => chat.close());
afterAll(async () => {
  await parley.close();
  await model.close();
});

const imageShape = z.object({ type: z.literal('Image'), url: z.string(), altText: z.string() });

/** The picture of a message's card. */
function pictureOf(shown: readonly ShownActivity[]): z.infer<typeof imageShape> {
  const cards = z.array(z.object({ content: z.object({ body: z.array(z.unknown()) }) })).parse(shown.flatMap(({ attachments }) => attachments));
  const found = cards.flatMap(({ content }) => content.body).map((element) => imageShape.safeParse(element).data).find((image) => image !== undefined);
  if (!found) throw new Error(`There is no picture in ${JSON.stringify(shown)}`);
  return found;
}

const audioShape = z.object({ contentType: z.literal('application/vnd.microsoft.card.audio'), content: z.object({ title: z.string(), subtitle: z.string(), media: z.array(z.object({ url: z.string() })) }) });
const audioOf = (shown: readonly ShownActivity[]) => audioShape.parse((shown.at(-1)?.attachments as unknown[] | undefined)?.[0]).content;

test('a picture is drawn, described, labelled, and served where nobody can guess it', async () => {
  const shown = await chat.say('Draw a lighthouse in a storm');
  const { url, altText } = pictureOf(shown);
  expect(altText).toBe('AI-generated picture: a lighthouse in a storm');
  expect(read(shown)).toContain('AI-generated picture. It can show things that are not so. Kept until');
  expect(new URL(url).pathname).toMatch(/^\/media\/[\w-]{32}$/);
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'cross-origin-resource-policy': 'cross-origin',
    'access-control-allow-origin': '*',
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
  });
  expect(response.headers.get('content-security-policy')).toMatch(/; sandbox$/);
  expect(Buffer.from(await response.arrayBuffer()).subarray(0, 4).toString('hex')).toBe('89504e47');
});

test('the buttons of a picture draw it again, finer, and in another form', async () => {
  const shown = await chat.say('draw a red bicycle');
  const buttons = shown.flatMap((message) => buttonsOf(message));
  expect(buttons.map(({ title }) => title)).toEqual(['Another one', 'In more detail', 'Wide', 'Tall']);
  const wide = await chat.click(buttons.find(({ title }) => title === 'Wide')?.data);
  expect(pictureOf(wide).altText).toContain('a red bicycle');
  expect(model.media.calls.at(-1)?.body).toMatchObject({ prompt: 'a red bicycle', size: '1536x1024' });
  await chat.click(wide.flatMap((message) => buttonsOf(message)).find(({ title }) => title === 'In more detail')?.data);
  expect(model.media.calls.at(-1)?.body).toMatchObject({ prompt: 'a red bicycle', size: '1536x1024', quality: 'high' });
});

test('players may ask for a part, and for the head alone', async () => {
  const { url } = pictureOf(await chat.say('draw a boat'));
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${whole.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20));
  const end = await fetch(url, { headers: { range: 'bytes=-5' } });
  expect(Buffer.from(await end.arrayBuffer())).toEqual(whole.subarray(-5));
  const rest = await fetch(url, { headers: { range: `bytes=${whole.length - 3}-` } });
  expect(Buffer.from(await rest.arrayBuffer())).toEqual(whole.subarray(-3));
  await expect(fetch(url, { headers: { range: `bytes=${whole.length}-` } })).resolves.toMatchObject({ status: 416 });
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(whole.length), '']);
});

test.each([
  ['no id', '/media'], ['an empty one', '/media/'], ['a short one', '/media/x'], ['a way to other files', '/media/..%2f..%2fetc%2fpasswd'], ['NUL', '/media/%00'],
  ['one that was never given', `/media/${'a'.repeat(32)}`], ['a very long one', `/media/${'a'.repeat(5_000)}`],
])('with %s there is nothing, and nothing lists what there is', async (_name, path) => {
  const response = await fetch(`${parley.url}${path}`);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(await response.text()).not.toMatch(/media|image/);
});

test('"forget me" deletes what was drawn and spoken', async () => {
  const { url } = pictureOf(await chat.say('draw a secret garden'));
  await chat.say('forget me');
  await chat.say('yes');
  await expect(fetch(url)).resolves.toMatchObject({ status: 404 });
});

test('an answer is read aloud in a card that plays it', async () => {
  const answered = await chat.say('What is a lighthouse?');
  const button = answered.flatMap((message) => buttonsOf(message)).find(({ title }) => title === 'Read aloud');
  const { title, subtitle, media } = audioOf(await chat.click(button?.data));
  expect(title).toBe('Read aloud');
  expect(subtitle).toContain('An AI voice speaks. Kept until');
  const response = await fetch(media[0]?.url ?? '');
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
  expect(model.media.calls.at(-1)?.body).toEqual({ model: 'tts', input: 'This is a fake answer to: What is a lighthouse?', voice: 'coral', response_format: 'mp3' });
});

test('the button below an older answer reads that answer, and the command the last one', async () => {
  const first = await chat.say('What is a harbour?');
  await chat.say('What is a pier?');
  await chat.click(first.flatMap((message) => buttonsOf(message)).find(({ title }) => title === 'Read aloud')?.data);
  expect(model.media.calls.at(-1)?.body['input']).toContain('What is a harbour?');
  await chat.say('read it aloud');
  expect(model.media.calls.at(-1)?.body['input']).toContain('What is a pier?');
});

test('a voice note is what the person says: shown as it was understood, answered, and remembered', async () => {
  model.media.script('transcriptions', whispered([[0, 3, 'What is a lighthouse keeper?']]));
  const shown = await chat.upload([{ name: 'note.wav', type: 'audio/wav', content: new Uint8Array(wavOf(3)) }]);
  expect(shown[0]?.text).toBe('I understood: “What is a lighthouse keeper?”');
  expect(wordsOf(shown)).toContain('This is a fake answer to: What is a lighthouse keeper?');
  await chat.say('And what does he do?');
  expect(model.calls.at(-1)?.body.messages.filter(({ role }) => role === 'user').map(({ content }) => content)).toContain('What is a lighthouse keeper?');
});

test('a voice note can draw', async () => {
  model.media.script('transcriptions', whispered([[0, 3, 'Draw a whale under the stars.']]));
  const shown = await chat.upload([{ name: 'note.wav', type: 'audio/wav', content: new Uint8Array(wavOf(3)) }]);
  expect(pictureOf(shown.slice(1)).altText).toContain('a whale under the stars');
});

test('a long recording becomes a meeting, summarized with the times of what was said', async () => {
  model.media.script('transcriptions', whispered([
    [0, 50, 'Good morning everybody, welcome to the meeting about the harbour and its new lighthouse.'],
    [50, 130, 'We decided to paint the lighthouse red and white before the summer begins.'],
    [130, 200, 'I will order the paint on Monday and tell all of you what it costs in the end.'],
    [3_600, 3_700, 'Who will tell the fishermen about the scaffold that is going to stand there?'],
  ]));
  const shown = await chat.upload([{ name: 'harbour.mp3', type: 'audio/wav', content: new Uint8Array(wavOf(5)) }]);
  expect(read(shown)).toContain('We decided to paint the lighthouse red and white');
  expect(read(shown)).toContain('01:00:00');
  expect(wordsOf(shown)).toContain('**harbour.mp3**');
  expect(wordsOf(shown)).not.toContain('I understood');
});

test('what is flagged is not drawn', async () => {
  const before = model.media.calls.filter(({ kind }) => kind === 'images').length;
  expect(wordsOf(await chat.say('draw a bottle of poison'))).toContain('I do not draw this');
  expect(model.media.calls.filter(({ kind }) => kind === 'images')).toHaveLength(before);
});

test('a picture that the service keeps elsewhere is fetched once, from a public address, and then served by us', async () => {
  const files = await startFileNetwork({ 'pictures.blob.core.windows.net': [['52.239.0.1']], 'inside.blob.core.windows.net': [['10.0.0.4']] }, () => ({ status: 200, bytes: pngOf(8, 8) }));
  const other = await startParley({ model: { server: model, as: 'openai' }, env: { OPENAI_IMAGES_MODEL: 'dall-e-3' }, edges: { fileNetwork: files } });
  const visitor = await other.webChat();
  const kept = (url: string) => ({ kind: 'json' as const, body: { created: 1, data: [{ url, revised_prompt: 'A boat at sea' }] } });
  model.media.script('images', kept('https://pictures.blob.core.windows.net/boat.png?sig=secret'), kept('https://inside.blob.core.windows.net/boat.png'));
  const shown = await visitor.say('draw a boat');
  expect(read(shown)).toContain('Drawn as: A boat at sea');
  expect(read(shown)).not.toContain('blob.core.windows.net');
  await expect(fetch(pictureOf(shown).url)).resolves.toMatchObject({ status: 200 });
  expect(wordsOf(await visitor.say('draw a boat'))).toContain('The AI service cannot be reached right now.');
  expect(files.connections).toEqual([{ hostname: 'pictures.blob.core.windows.net', address: '52.239.0.1' }]);
  await visitor.close();
  await other.close();
  await files.close();
});

test('a recording that is given in Teams as a file is fetched from where Teams keeps it, and answered', async () => {
  const files = await startFileNetwork({ 'contoso.sharepoint.com': [['52.112.0.1']] }, () => ({ status: 200, bytes: wavOf(2) }));
  const other = await startParley({ model: { server: model, as: 'openai' }, env: { OPENAI_TRANSCRIBE_MODEL: 'whisper', OPENAI_SPEAK_MODEL: 'tts' }, edges: { fileNetwork: files } });
  const person = other.teamsChat();
  model.media.script('transcriptions', whispered([[0, 3, 'What is a fog horn?']]));
  const content = { downloadUrl: 'https://contoso.sharepoint.com/note.wav?temp=1', uniqueId: '1', fileType: 'wav' };
  const shown = wordsOf(await person.say('', { text: undefined, attachments: [{ contentType: 'application/vnd.microsoft.teams.file.download.info', name: 'note.wav', content }] }));
  expect(shown).toMatch(/I understood: “What is a fog horn\?”[^]*This is a fake answer to: What is a fog horn\?/);
  const speech = read(await person.say('read it aloud'));
  expect(speech).toMatch(/"title":"Listen","url":"http:\/\/localhost:\d+\/media\/[\w-]{32}"/);
  await other.close();
  await files.close();
});
