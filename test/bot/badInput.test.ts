import { buttonsOf } from '../helpers/conversation';
import { docxOf, pdfOf } from '../helpers/documents';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import type { WebChat, WebFile } from '../helpers/webChat';

let model: FakeModelServer;
let parley: Parley;
let chat: WebChat;

beforeAll(async () => {
  model = await startFakeModelServer();
  model.behaveLikeAModel();
  parley = await startParley({ env: { MAX_UPLOAD_MB: '1' }, model: { server: model, as: 'openai' } });
});
beforeEach(async () => {
  chat = await parley.webChat();
});
/** Whatever came, the conversation goes on. */
afterEach(async () => {
  expect(wordsOf(await chat.say('help'))).toContain('What Parley can do');
  await chat.close();
});
afterAll(async () => {
  await parley.close();
  await model.close();
});

const bytes = (...parts: (string | Buffer)[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
const file = (name: string, content: WebFile['content'], type = 'application/octet-stream'): WebFile => ({ name, content, type });
const picture = bytes(Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex'));
const lockedWord = bytes(Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(512), Buffer.from('EncryptedPackage', 'utf16le'), Buffer.alloc(512));

test.each<[string, WebFile, string]>([
  ['an empty file', file('empty.txt', '', 'text/plain'), '“empty.txt” has no text in it. Send another file, or paste the text.'],
  ['a file of white space', file('blank.md', ' \n\t\n ', 'text/markdown'), '“blank.md” has no text in it. Send another file, or paste the text.'],
  ['a transcript without captions', file('empty.vtt', 'WEBVTT\n\n', 'text/vtt'), '“empty.vtt” has no text in it. Send another file, or paste the text.'],
  ['a PDF of pictures', file('scan.pdf', bytes(pdfOf([[]])), 'application/pdf'), '“scan.pdf” has no text in it. Send another file, or paste the text.'],
  ['a program', file('setup.exe', bytes('MZ\0\0')), 'I cannot read “setup.exe”. I read .vtt'],
  ['a picture', file('photo.png', picture, 'image/png'), 'I cannot read “photo.png”. I read .vtt'],
  ['a file without an ending', file('README', 'x'), 'I cannot read “README”. I read .vtt'],
  ['a picture named as text', file('photo.txt', picture, 'text/plain'), '“photo.txt” is not what its name says'],
  ['a Word file named as PDF', file('letter.pdf', bytes(docxOf(['Hello'])), 'application/pdf'), '“letter.pdf” is not what its name says'],
  ['a PDF named as a Word file', file('letter.docx', bytes(pdfOf([['Hello']]))), '“letter.docx” is not what its name says'],
  ['text named as a transcript', file('notes.vtt', 'Hello', 'text/vtt'), '“notes.vtt” is not what its name says'],
  ['a locked PDF', file('locked.pdf', bytes(pdfOf([['Hello']], { locked: true }))), '“locked.pdf” is protected by a password. Remove the password'],
  ['a locked Word file', file('locked.docx', lockedWord), '“locked.docx” is protected by a password. Remove the password'],
  ['a torn PDF', file('torn.pdf', bytes(pdfOf([['Hello']]).subarray(0, 60))), '“torn.pdf” is damaged and cannot be read. Save it again'],
  ['a torn Word file', file('torn.docx', bytes(docxOf(['Hello']).subarray(0, 200))), '“torn.docx” is damaged and cannot be read. Save it again'],
  ['JSON that is no thread', file('data.json', '{"a":1}', 'application/json'), '“data.json”'],
  ['a small Word file that unpacks to hundreds of megabytes', file('bomb.docx', bytes(docxOf(['Hello'], [{ name: 'word/media/a.bin', content: Buffer.alloc(200_000_000) }]))), '“bomb.docx” holds more text than'],
  ['a name that is markdown', file('[win](www.evil.example) <b>.exe', 'x'), String.raw`I cannot read “\[win\](www\.evil.example) &lt;b\>.exe”.`],
  ['a name without end', file(`${'n'.repeat(5_000)}.exe`, 'x'), 'I cannot read “nnnn'],
])('%s is answered with one sentence and what to do', async (_name, sent, sentence) => {
  const shown = await chat.upload([sent]);
  expect(shown).toHaveLength(1);
  expect(wordsOf(shown)).toContain(sentence);
  expect(wordsOf(shown).length).toBeLessThan(400);
});

test('a file over the limit is refused in the shape of the service, and nothing of it is kept', async () => {
  await expect(chat.upload([file('big.txt', 'word '.repeat(300_000), 'text/plain')])).rejects.toThrow('Direct Line answered 413');
  expect(await chat.history()).toHaveLength(1); // the greeting
});

test.each(['', '   ', '\n\n', '\u200b\u2060', '\u{E0041}'])('the empty message %j is answered with help', async (text) => {
  expect(wordsOf(await chat.say(text))).toContain('What Parley can do');
});

test.each([
  ['in English, in one paragraph', 'The roses in the garden need water every day. ', 46],
  ['in Chinese, three bytes each', '花园里的 玫瑰 每天 都需要 浇水。\n\n', 20],
])('100,000 characters %s are kept whole, and can be summarized', async (_name, sentence, length) => {
  const text = `The first words. ${sentence.repeat(Math.floor(100_000 / length) - 1)}The last words.`;
  const [offer, ...more] = await chat.say(text);
  expect(more).toEqual([]);
  const button = offer && buttonsOf(offer).find(({ title }) => title === 'Summarize it');
  const summary = JSON.stringify(await chat.click(button?.data));
  const link = /http:[^"\\)>\s]+\/threads\/[^"\\)>\s#]+/.exec(summary)?.[0] ?? '';
  const page = await (await fetch(link)).text();
  expect(page).toContain('The first words.');
  expect(page).toContain('The last words.');
});

test('an unknown language is named, with examples that work', async () => {
  expect(wordsOf(await chat.say('translate good morning to Klingon'))).toBe('I do not know the language “Klingon”. Try for example German, français or pt-BR.');
  expect(wordsOf(await chat.say('German'))).toContain('[de] good morning');
});

test('a language that Parley does not speak is named, with those that it speaks', async () => {
  expect(wordsOf(await chat.say('settings language Klingon'))).toMatch(/I do not speak “Klingon” yet\. I speak: English, /);
});

const strange: readonly (readonly [string, object])[] = [
  ['a button without an action', { value: { parley: {} } }],
  ['a button with an action that is a number', { value: { parley: { action: 5 } } }],
  ['a button of nobody', { value: { parley: { action: 'launch', values: {} } } }],
  ['a button named like a part of every object', { value: { parley: { action: '__proto__', values: {} } } }],
  ['a button whose values are of other types', { value: { parley: { action: 'summarize', values: { threadId: 7, threadIds: 'x', length: [] } } } }],
  ['a button to a text of somebody else', { value: { parley: { action: 'summarize', values: { threadId: '../../etc/passwd' } } } }],
  ['a form with wrong inputs', { value: { parley: { action: 'settings', values: { save: true } }, language: { a: 1 }, summaryLength: 'endless' } }],
  ['a value that is text', { value: 'help' }],
  ['a value that is deep', { value: JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`) as unknown }],
  ['a locale that is none', { text: 'about', locale: 'klingon!!' }],
  ['a locale that is a number', { text: 'about', locale: 7 }],
  ['entities of all kinds', { text: 'about', entities: [null, 1, 'x', [], { type: 'mention' }, { type: 'streaminfo', streamType: 'final' }] }],
  ['entities that are no list', { text: 'about', entities: { type: 'mention' } }],
  ['a file at a strange address', { text: 'about', attachments: [{ contentType: 'text/plain', contentUrl: 'gopher://x/y', name: 'x.txt' }] }],
  ['a file at an address that is none', { attachments: [{ contentType: 'text/plain', contentUrl: 'http://[', name: 'x.txt' }] }],
  ['a file in a broken data address', { attachments: [{ contentType: 'text/plain', contentUrl: 'data:text/plain,%E0%A4%A', name: 'x.txt' }] }],
  ['a card in place of a file', { text: 'about', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: 'x' }] }],
  ['half of a pair of surrogates', { text: 'about \uD800' }],
  ['a zero character', { text: 'about\0' }],
];

test.each(strange)('%s gets a sensible answer', async (_name, activity) => {
  const response = await chat.post(activity);
  await chat.settled();
  expect([200, 400]).toContain(response.status);
  if (response.status === 200) expect((await chat.history()).length).toBeGreaterThan(2); // beside the greeting and the message
  expect(wordsOf(await chat.history())).not.toContain('Something went wrong');
});
