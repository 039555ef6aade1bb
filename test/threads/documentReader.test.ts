import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDocumentReader, type DocumentReader, type DocumentReaderOptions } from '../../threads/documentReader';
import { docxOf, pdfOf, zipOf } from '../helpers/documents';

const program = join(__dirname, '../../dist/readerProgram.mjs');
const closing = new AbortController();
const signal = new AbortController().signal;
const reader = (limits: DocumentReaderOptions['limits'] = {}): DocumentReader => createDocumentReader({ program, closing: closing.signal, limits });
const word = (bytes: Uint8Array, name = 'a.docx') => ({ name, contentType: '', bytes });
/** Comments that are never closed: each is looked for to the end. */
const endless = zipOf([{ name: 'word/document.xml', content: `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${'<!--x'.repeat(300_000)}` }, { name: 'word/noise.bin', content: Buffer.from(Array.from({ length: 30_000 }, (_, index) => (index * index * 31) % 251)) }]);

beforeAll(() => {
  if (!existsSync(program)) throw new Error('The reader is not built: run "npm run build" before this suite ("npm test" does).');
});
afterAll(() => closing.abort());

test('reads Word files and PDF, and goes on after a bad one', async () => {
  const one = reader();
  const thread = await one.read(word(docxOf(['The plan for spring', 'We ship in March & April.'])), signal);
  expect(thread.messages.map(({ text }) => text)).toEqual(['The plan for spring', 'We ship in March & April.']);
  await expect(one.read(word(Buffer.from('text')), signal)).rejects.toMatchObject({ name: 'FileError', code: 'mismatch' });
  expect((await one.read({ name: 'a.pdf', contentType: '', bytes: pdfOf([['Hello']]) }, signal)).messages[0]?.text).toBe('Hello');
});

test('a file that takes too long is given up, and the next one is read', async () => {
  const one = reader({ timeMs: 1_500, maxProcesses: 1 });
  await expect(one.read(word(endless), signal)).rejects.toMatchObject({ code: 'too-large' });
  expect((await one.read(word(docxOf(['Hello'])), signal)).messages).toHaveLength(1);
});

test('a file that takes too much memory is given up', async () => {
  const speech = { name: 'a.txt', contentType: '', bytes: Buffer.from('Ada: word word word.\nBen: hi there\n'.repeat(200_000)) };
  await expect(reader({ heapMb: 32 }).read(speech, signal)).rejects.toMatchObject({ code: 'too-large' });
});

test('nobody waits for ever: what is stopped, what is too much, and what comes at the end is told of', async () => {
  const one = reader({ maxProcesses: 1, maxWaiting: 1 });
  const stop = new AbortController();
  const running = one.read(word(endless), stop.signal);
  const next = one.read(word(docxOf(['Hello'])), signal);
  await expect(one.read(word(docxOf(['Hello'])), signal)).rejects.toMatchObject({ code: 'unavailable' });
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: 'unavailable' });
  expect((await next).messages).toHaveLength(1);
});

test('small texts need no process', async () => {
  const one = createDocumentReader({ program: '/nowhere.mjs' });
  expect((await one.read({ name: 'a.txt', contentType: '', bytes: Buffer.from('Hello.') }, signal)).messages).toHaveLength(1);
  await expect(one.read(word(docxOf(['Hello'])), signal)).rejects.toMatchObject({ code: 'unreadable' });
});
