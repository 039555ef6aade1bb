import { FileError } from './error';
import { toDocument } from './paragraphs';
import type { Thread } from './thread';

const MAX_PAGES = 2_000;
const MAX_TEXT_LENGTH = 10_000_000;
const READ_BUDGET_MS = 20_000; // a page is some 5 ms; a file that takes longer is built to take longer

/** Lines further apart than this many line heights belong to different paragraphs. */
const PARAGRAPH_GAP = 1.6;

/**
 * A PDF as a document of paragraphs, ids `p<page>.<paragraph>`. Scanned pages have no text and give nothing.
 * Throws FileError `encrypted` (it needs a password), `empty` (no text), `too-large`, `unreadable`.
 */
export async function parsePdf(name: string, bytes: Uint8Array): Promise<Thread> {
  const { definePDFJSModule, getDocumentProxy } = await import('unpdf');
  await definePDFJSModule(() => import('unpdf/pdfjs'));
  // A copy: the reader takes its buffer away from the caller.
  const pdf = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, isEvalSupported: false }).catch((error: unknown) => {
    throw toFileError(name, error);
  });
  try {
    if (pdf.numPages > MAX_PAGES) throw new FileError('too-large', `${name} has more than ${MAX_PAGES} pages.`);
    const paragraphs = await readPages(name, pdf);
    if (paragraphs.length === 0) throw new FileError('empty', `${name} has no text; its pages may be pictures.`);
    return toDocument(name, paragraphs);
  } finally {
    await pdf.cleanup();
  }
}

interface Paragraph {
  readonly id: string;
  readonly text: string;
}

interface Page {
  getTextContent(): Promise<{ readonly items: readonly object[] }>;
}

async function readPages(
  name: string,
  pdf: { readonly numPages: number; getPage(page: number): Promise<Page> },
): Promise<readonly Paragraph[]> {
  const deadline = Date.now() + READ_BUDGET_MS;
  const paragraphs: Paragraph[] = [];
  let length = 0;
  for (let page = 1; page <= pdf.numPages; page += 1) {
    if (Date.now() > deadline || length > MAX_TEXT_LENGTH) throw new FileError('too-large', `${name} has too much to read, at page ${page} of ${pdf.numPages}.`);
    const texts = await readPage(name, pdf, page);
    length += texts.reduce((sum, text) => sum + text.length, 0);
    paragraphs.push(...texts.map((text, index) => ({ id: `p${page}.${index + 1}`, text })));
  }
  return paragraphs;
}

async function readPage(name: string, pdf: { getPage(page: number): Promise<Page> }, number: number): Promise<readonly string[]> {
  try {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    return toParagraphs(items.filter(isTextItem));
  } catch (error) {
    throw toFileError(name, error);
  }
}

interface TextItem {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly height: number;
  /** Last value: the baseline's height on the page. */
  readonly transform: readonly number[];
}

const isTextItem = (item: object): item is TextItem => 'str' in item && 'transform' in item;

function toParagraphs(items: readonly TextItem[]): readonly string[] {
  const paragraphs: string[] = [];
  let current = '';
  let previous: TextItem | undefined;
  for (const item of items) {
    if (item.str.trim() !== '') {
      if (previous && startsParagraph(previous, item)) {
        paragraphs.push(current);
        current = '';
      }
      previous = item;
    }
    current += item.str + (item.hasEOL ? '\n' : '');
  }
  return [...paragraphs, current].map(unwrap).filter((text) => text !== '');
}

function startsParagraph(previous: TextItem, item: TextItem): boolean {
  const gap = Math.abs((previous.transform[5] ?? 0) - (item.transform[5] ?? 0));
  return gap > PARAGRAPH_GAP * Math.max(previous.height, item.height, 1);
}

/** Lines of a paragraph become one; a word that was cut at the line's end is whole again. */
const unwrap = (text: string): string => text.replace(/(\p{Ll})-\n(?=\p{Ll})/gu, '$1').replace(/\s+/g, ' ').trim();

function toFileError(name: string, error: unknown): FileError {
  if (error instanceof FileError) return error;
  if (error instanceof Error && error.name === 'PasswordException') return new FileError('encrypted', `${name} is protected by a password.`, { cause: error });
  return new FileError('unreadable', `${name} is damaged: it cannot be read as a PDF.`, { cause: error });
}
