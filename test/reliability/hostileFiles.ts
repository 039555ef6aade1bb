import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { docxOf, pdfOf, zipOf } from '../helpers/documents';

export interface HostileFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
  /** What the answer must be: the service's refusal, or a sentence of the bot; `read`: it is harmless after all. */
  readonly expected: 'refused' | 'told' | 'read';
}

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const word = (name: string, bytes: Buffer, expected: HostileFile['expected'] = 'told'): HostileFile => ({ name, type: DOCX, bytes, expected });
const pdf = (name: string, bytes: Buffer | string, expected: HostileFile['expected'] = 'told'): HostileFile => ({ name, type: 'application/pdf', bytes: Buffer.from(bytes), expected });
const text = (name: string, content: string | Buffer, expected: HostileFile['expected'], type = 'text/plain'): HostileFile => ({ name, type, bytes: Buffer.from(content), expected });

const MB = 1_000_000;
const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const documentOf = (body: string, before = ''): Buffer => zipOf([{ name: 'word/document.xml', content: `<?xml version="1.0"?>${before}<w:document xmlns:w="${WORD}"><w:body>${body}</w:body></w:document>` }]);
const paragraph = (inner: string): string => `<w:p><w:r><w:t>${inner}</w:t></w:r></w:p>`;

/** The ten entities, each ten times the one before, that are known as "a billion laughs". */
const laughs = `<!DOCTYPE lolz [<!ENTITY a0 "lol">${Array.from({ length: 10 }, (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`).join('')}]>`;

/** Forty files that do harm to readers that trust them: too large, larger inside, not what they say, or broken. */
export function hostileFiles(): readonly HostileFile[] {
  return [
    text('huge.txt', Buffer.alloc(100 * MB, 'a '), 'refused'),
    text('over.txt', Buffer.alloc(11 * MB, 'a '), 'refused'),
    ...bombs(),
    ...lies(),
    ...brokenDocuments(),
    ...deepDocuments(),
    ...heavyTexts(),
  ];
}

function bombs(): readonly HostileFile[] {
  const nested = zipOf([{ name: 'inner.zip', content: zipOf([{ name: 'zeros', content: Buffer.alloc(40 * MB) }]) }]);
  return [
    word('bomb.docx', docxOf(['Hello'], [{ name: 'word/media/a.bin', content: Buffer.alloc(200 * MB) }])),
    word('lying-bomb.docx', docxOf(['Hello'], [{ name: 'word/media/a.bin', content: Buffer.alloc(60 * MB), claimedSize: 10 }])),
    word('ratio.docx', docxOf(['Hello'], [{ name: 'word/media/a.bin', content: Buffer.alloc(20 * MB) }])),
    word('nested.docx', docxOf(['A document with an archive in it.'], [{ name: 'word/embeddings/a.zip', content: nested }]), 'read'),
    word('many-parts.docx', zipOf(Array.from({ length: 5_000 }, (_, index) => ({ name: `word/${index}.xml`, content: 'x' })))),
    word('text-bomb.docx', documentOf(paragraph(' '.repeat(30 * MB)))),
    word('entities.docx', documentOf(paragraph('&a10;'), laughs), 'read'),
    word('outside.docx', documentOf(paragraph('&x;'), '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), 'read'),
    pdf('stream-bomb.pdf', pdfWith(deflateSync(Buffer.concat([Buffer.from('BT /F1 12 Tf (x) Tj ET\n'), Buffer.alloc(1_000 * MB, 0x20)])), '/Filter /FlateDecode')),
    pdf('filters.pdf', pdfWith(twiceDeflated(), '/Filter [/FlateDecode /FlateDecode]')),
    { name: 'bomb.zip', type: 'application/zip', bytes: nested, expected: 'told' },
    text('bomb.txt.gz', gzipSync(Buffer.alloc(50 * MB)), 'told', 'application/gzip'),
  ];
}

const twiceDeflated = (): Buffer => deflateSync(deflateSync(Buffer.alloc(500 * MB, 0x20)));

function lies(): readonly HostileFile[] {
  const picture = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex');
  return [
    text('picture.txt', picture, 'told'),
    word('text.docx', Buffer.from('Only text.')),
    pdf('word.pdf', docxOf(['Hello'])),
    word('archive.docx', zipOf([{ name: 'a.txt', content: 'hello' }])),
    text('program.exe', 'MZ\0\0', 'told', 'application/x-msdownload'),
    text('page.txt', '<html><script>alert(1)</script><p>The roses need water.</p>', 'read', 'text/html'),
    text('../../../etc/passwd.txt', 'The roses need water every day.', 'read'),
    text('C:\\Windows\\win.ini.txt', 'The roses need water every day.', 'read'),
    text(`${'n'.repeat(900)}.txt`, 'The roses need water every day.', 'read'),
    word('climbing.docx', docxOf(['The roses need water.'], [{ name: '../../../../tmp/parley-was-here', content: 'x' }]), 'read'),
  ];
}

function brokenDocuments(): readonly HostileFile[] {
  const whole = pdfOf([['Hello', 'World']]);
  return [
    pdf('torn.pdf', whole.subarray(0, 60)),
    pdf('only-header.pdf', '%PDF-1.7\n'),
    pdf('noise.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7_919) % 251))])),
    pdf('own-parent.pdf', pdfOf([['Hello']]).toString('latin1').replace('/Kids [4 0 R]', '/Kids [2 0 R]')),
    pdf('many-pages.pdf', pdfOf([['Hello']]).toString('latin1').replace('/Count 1', '/Count 99999999'), 'read'),
    pdf('own-length.pdf', whole.toString('latin1').replace(/\/Length \d+/, '/Length 5 0 R'), 'read'),
    word('torn.docx', docxOf(['Hello']).subarray(0, 200)),
    word('no-directory.docx', Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), deflateRawSync(Buffer.alloc(1_000))])),
    word('no-xml.docx', zipOf([{ name: 'word/document.xml', content: Buffer.alloc(1_000, 0xff) }])),
  ];
}

function deepDocuments(): readonly HostileFile[] {
  const depth = 200_000;
  return [
    word('deep.docx', documentOf('<w:p>'.repeat(depth) + paragraph('deep') + '</w:p>'.repeat(depth))),
    word('comments.docx', documentOf('<!--'.repeat(depth))),
    text('deep.json', '['.repeat(depth) + ']'.repeat(depth), 'told', 'application/json'),
    pdf('deep.pdf', pdfOf([['Hello']]).toString('latin1').replace('/MediaBox [0 0 612 792]', `/MediaBox ${'['.repeat(depth)}${']'.repeat(depth)}`)),
  ];
}

function heavyTexts(): readonly HostileFile[] {
  return [
    text('speakers.txt', 'Ada: word word word.\nBen: hi there\n'.repeat(270_000), 'told'),
    text('cues.vtt', `WEBVTT\n\n${'00:00:01.000 --> 00:00:02.000\nhi\n\n'.repeat(200_000)}`, 'told', 'text/vtt'),
    text('spaces.txt', `# ${' '.repeat(3 * MB)}x`, 'read'),
  ];
}

/** A PDF of one page, whose content is this stream. */
function pdfWith(content: Buffer, entries: string): Buffer {
  const head = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [4 0 R] /Count 1 >>', '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>'];
  const parts = [Buffer.from('%PDF-1.4\n'), ...head.map((object, index) => Buffer.from(`${index + 1} 0 obj\n${object}\nendobj\n`))];
  parts.push(Buffer.concat([Buffer.from(`5 0 obj\n<< /Length ${content.length} ${entries} >>\nstream\n`), content, Buffer.from('\nendstream\nendobj\n')]));
  const offsets = parts.slice(1).map((_, index) => parts.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0));
  const start = parts.reduce((sum, { length }) => sum + length, 0);
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return Buffer.concat([...parts, Buffer.from(`xref\n0 6\n0000000000 65535 f \n${rows}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`)]);
}
