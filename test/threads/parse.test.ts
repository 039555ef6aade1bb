import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseThread } from '../../threads/parse';
import type { Thread } from '../../threads/thread';
import { docxOf, pdfOf, zipOf } from '../helpers/documents';

const fixture = (name: string): Buffer => readFileSync(join(__dirname, '../fixtures', name));
const parse = (name: string, content: string | Uint8Array, contentType = ''): Promise<Thread> =>
  parseThread({ name, contentType, bytes: typeof content === 'string' ? Buffer.from(content) : content });
const said = (thread: Thread): readonly string[] => thread.messages.map(({ author, text }) => `${author.name}: ${text}`);

describe('WebVTT', () => {
  test('a real meeting keeps every turn, speaker and time', async () => {
    const thread = await parse('ami-ES2016c.vtt', fixture('ami-ES2016c.vtt'));
    expect(thread).toMatchObject({ id: 'ami-es2016c-vtt', title: 'ami-ES2016c.vtt', kind: 'meeting' });
    expect(thread.messages).toHaveLength(231);
    expect(thread.participants.map(({ name }) => name)).toEqual(['Project Manager', 'Marketing', 'User Interface', 'Industrial Designer']);
    expect(thread.messages[5]).toMatchObject({ id: 'm6', offsetMs: 7808, author: { id: 'project-manager' } });
    expect(new Set(thread.messages.map(({ id }) => id)).size).toBe(231);
  });

  test('cue ids, several voices in a cue, tags and entities are understood', async () => {
    const thread = await parse('a.vtt', 'WEBVTT\n\nx/1\n00:00:01.000 --> 00:00:02.000\n<v Adele Vance>Hi &amp; <i>bye</i></v>\n<v.loud Bob>yes</v>\n\n00:03.000 --> 00:04.000\nZed Lee: hello\nthere\n');
    expect(said(thread)).toEqual(['Adele Vance: Hi & bye', 'Bob: yes', 'Zed Lee: hello there']);
    expect(thread.messages.map(({ id, offsetMs }) => [id, offsetMs])).toEqual([['x/1', 1000], ['m2', 1000], ['m3', 3000]]);
  });

  test('a file without the WEBVTT line is not what its name says', async () => {
    await expect(parse('a.vtt', 'hello')).rejects.toMatchObject({ name: 'FileError', code: 'mismatch' });
  });

  test.each([['without captions', 'NOTE nothing here\n', 'empty'], ['whose captions have no times', '00:00 --> soon\nHello\n', 'unreadable']])('a file %s is told apart', async (_name, body, code) => {
    await expect(parse('a.vtt', `WEBVTT\n\n${body}`)).rejects.toMatchObject({ code });
  });
});

describe('SRT', () => {
  const srt = '1\r\n00:00:01,000 --> 00:00:02,500\r\nJohn: hello\r\n\r\n2\r\n00:01:03,000 --> 00:01:04,500\r\nMary Ann: <i>bye</i>\r\n';

  test('names before a colon are the speakers', async () => {
    const thread = await parse('a.srt', srt);
    expect(said(thread)).toEqual(['John: hello', 'Mary Ann: bye']);
    expect(thread.messages[1]?.offsetMs).toBe(63_000);
  });

  test('captions in a .txt file are read as captions', async () => {
    expect((await parse('a.txt', srt)).kind).toBe('meeting');
  });
});

describe('Parley JSON', () => {
  test('ids, authors and times are kept as written', async () => {
    const thread = await parse('ami-ES2005a.json', fixture('ami-ES2005a.json'));
    expect(thread).toMatchObject({ id: 'ami-ES2005a', kind: 'meeting' });
    expect(thread.messages).toHaveLength(94);
    expect(thread.participants).toHaveLength(4);
    expect(thread.messages[0]?.createdAt).toMatch(/^2026-/);
  });

  test('every problem is named with its place', async () => {
    const json = JSON.stringify({ messages: [{ id: '', author: { id: 'a', name: 'A' }, text: 5 }, { id: 'b', author: { id: 'a', name: 'A' }, text: '', createdAt: 'yesterday' }] });
    const problem = parse('a.json', json);
    await expect(problem).rejects.toMatchObject({ code: 'unreadable' });
    await expect(problem).rejects.toThrow(/messages\[0\]\.id.*messages\[0\]\.text.*messages\[1\]\.createdAt/);
  });

  test('ids that occur twice are refused', async () => {
    const message = { id: 'x', author: { id: 'a', name: 'A' }, text: 'hi' };
    await expect(parse('a.json', JSON.stringify({ messages: [message, message] }))).rejects.toThrow(/"x" occurs twice/);
  });

  test('text that is not JSON is not what its name says', async () => {
    await expect(parse('a.json', '{ not json')).rejects.toMatchObject({ code: 'mismatch' });
  });

  test('a link that is not http is refused', async () => {
    const message = { id: 'x', author: { id: 'a', name: 'A' }, text: 'hi', url: 'javascript:alert(1)' };
    await expect(parse('a.json', JSON.stringify({ messages: [message] }))).rejects.toThrow(/messages\[0\]\.url/);
  });
});

describe('Word files', () => {
  test('paragraphs become a document', async () => {
    const thread = await parse('plan.docx', docxOf(['The plan for spring', 'We ship in March & April.', 'Tests come first.']));
    expect(thread).toMatchObject({ kind: 'document', title: 'plan.docx' });
    expect(thread.messages.map(({ text }) => text)).toEqual(['The plan for spring', 'We ship in March & April.', 'Tests come first.']);
  });

  test('a Teams transcript becomes a meeting', async () => {
    const thread = await parse('call.docx', docxOf(['Adele Vance   0:03', 'Shall we start?', 'Bob Hill   0:09', 'Yes, let us begin.', 'Adele Vance   1:12', 'Good.']));
    expect(thread.kind).toBe('meeting');
    expect(said(thread)).toEqual(['Adele Vance: Shall we start?', 'Bob Hill: Yes, let us begin.', 'Adele Vance: Good.']);
    expect(thread.messages[2]?.offsetMs).toBe(72_000);
  });

  test.each([
    ['another archive', zipOf([{ name: 'a.txt', content: 'hi' }]), 'mismatch'],
    ['text', Buffer.from('hello'), 'mismatch'],
    ['a part under a password', zipOf([{ name: 'word/document.xml', content: 'x', encrypted: true }]), 'encrypted'],
    ['an encrypted package', Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.from('EncryptedPackage', 'utf16le')]), 'encrypted'],
    ['half a file', docxOf(['hello']).subarray(0, 200), 'unreadable'],
    ['broken XML', zipOf([{ name: 'word/document.xml', content: '<w:document' }]), 'unreadable'],
    ['a bomb', docxOf(['x'], [{ name: 'word/media/big.bin', content: Buffer.alloc(60_000_000) }]), 'too-large'],
    ['a bomb that lies about its size', docxOf(['x'], [{ name: 'word/media/big.bin', content: Buffer.alloc(60_000_000), claimedSize: 10 }]), 'too-large'],
    ['far more text than a book', docxOf([], [{ name: 'word/styles.xml', content: Buffer.alloc(16_000_000, ' ') }]), 'too-large'],
    ['no paragraphs', docxOf([]), 'empty'],
  ])('%s is refused', async (_what, bytes, code) => {
    await expect(parse('a.docx', bytes)).rejects.toMatchObject({ name: 'FileError', code });
  });
});

describe('PDF', () => {
  test('paragraphs carry their page', async () => {
    const thread = await parse('report.pdf', pdfOf([['The first para-', 'graph has two lines.', '', 'The second has one.'], ['Page two.']]));
    expect(thread.kind).toBe('document');
    expect(thread.messages.map(({ id, text }) => [id, text])).toEqual([
      ['p1.1', 'The first paragraph has two lines.'],
      ['p1.2', 'The second has one.'],
      ['p2.1', 'Page two.'],
    ]);
  });

  test('the bytes given are still there afterwards', async () => {
    const bytes = new Uint8Array(pdfOf([['Hello.']]));
    await parse('a.pdf', bytes);
    expect(bytes.length).toBeGreaterThan(100);
  });

  test.each([
    ['a locked file', pdfOf([['Secret.']], { locked: true }), 'encrypted'],
    ['text', Buffer.from('not a pdf'), 'mismatch'],
    ['a file cut short', Buffer.from('%PDF-1.7\n1 0 obj\n<<'), 'unreadable'],
    ['pages without text', pdfOf([[]]), 'empty'],
  ])('%s is refused', async (_what, bytes, code) => {
    await expect(parse('a.pdf', bytes)).rejects.toMatchObject({ name: 'FileError', code });
  });
});

describe('any file', () => {
  test.each([
    ['photo.png', Buffer.from([0x89, 0x50]), 'unsupported'],
    ['noending', Buffer.from('hi'), 'unsupported'],
    ['a.txt', Buffer.alloc(0), 'empty'],
    ['a.txt', Buffer.from(' \n\n '), 'empty'],
    ['a.txt', Buffer.from([0, 1, 2, 3, 0, 0]), 'mismatch'],
    ['a.txt', pdfOf([['Hello.']]), 'mismatch'],
    ['a.md', docxOf(['Hello.']), 'mismatch'],
  ])('%s with wrong content is refused', async (name, bytes, code) => {
    await expect(parse(name, bytes)).rejects.toMatchObject({ name: 'FileError', code });
  });

  test('a name without an ending is read by its content type', async () => {
    expect((await parse('notes', 'Ana: hi\nBob: hello', 'text/plain; charset=utf-8')).messages).toHaveLength(2);
  });

  test.each([
    ['UTF-8 with a mark', Buffer.from('\uFEFFAna: grüß dich\nBob: hallo')],
    ['UTF-16 little endian', Buffer.from('\uFEFFAna: grüß dich\nBob: hallo', 'utf16le')],
    ['UTF-16 big endian', Buffer.from('\uFEFFAna: grüß dich\nBob: hallo', 'utf16le').swap16()],
    ['Windows-1252', Buffer.from('Ana: grüß dich\nBob: hallo', 'latin1')],
  ])('%s is decoded', async (_what, bytes) => {
    expect(said(await parse('a.txt', bytes))).toEqual(['Ana: grüß dich', 'Bob: hallo']);
  });

  test('one damaged byte does not spoil the rest', async () => {
    const bytes = Buffer.concat([Buffer.from('Ana: grüß dich '), Buffer.from([0xff]), Buffer.from('\nBob: schön')]);
    expect(said(await parse('a.txt', bytes))).toEqual(['Ana: grüß dich \uFFFD', 'Bob: schön']);
  });

  test('more messages than can be kept are too many', async () => {
    const lines = Array.from({ length: 50_001 }, (_, index) => `Ana: message ${index}`).join('\n');
    await expect(parse('a.txt', lines)).rejects.toMatchObject({ code: 'too-large' });
  });
});
