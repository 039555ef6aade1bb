import { FileError } from './error';
import { toDocument } from './paragraphs';
import { parsePastedText } from './pastedText';
import type { Thread } from './thread';
import { measureZip } from './zip';

const MAX_INFLATED_BYTES = 50_000_000;
const MAX_ENTRIES = 2_000;
const MAX_TEXT_PART_BYTES = 15_000_000; // a part becomes a tree of about 20 times its size in memory; a novel has 5 MB
const MAX_RATIO = 200; // plain prose in XML packs 10 to 30 times

const MAIN_PART = 'word/document.xml';

/**
 * A Word file (.docx): a meeting where its text is a transcript (Teams gives them as Word files), else a document of
 * paragraphs. Throws FileError `mismatch`, `encrypted`, `too-large`, `empty`, `unreadable`.
 */
export async function parseDocx(name: string, bytes: Uint8Array): Promise<Thread> {
  checkParts(name, bytes);
  const text = await extractText(name, bytes);
  const paragraphs = text.split(/\n{2,}/).map((each) => each.trim()).filter((each) => each !== '');
  const conversation = paragraphs.length > 1 ? parsePastedText(paragraphs.join('\n'), name) : undefined;
  if (conversation && conversation.kind !== 'document') return conversation;
  return toDocument(name, paragraphs.map((each) => ({ text: each.replace(/\s+/g, ' ') })));
}

function checkParts(name: string, bytes: Uint8Array): void {
  const sizes = measureZip(name, bytes, { maxInflatedBytes: MAX_INFLATED_BYTES, maxEntries: MAX_ENTRIES });
  if (!sizes.has(MAIN_PART)) throw new FileError('mismatch', `${name} is named as a Word file, but is another kind of archive.`);
  const textBytes = [...sizes].filter(([part]) => part.endsWith('.xml')).reduce((sum, [, size]) => sum + size, 0);
  if (textBytes > MAX_TEXT_PART_BYTES) throw new FileError('too-large', `${name} holds more text than may be read.`);
  const inflated = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (inflated > 1_000_000 && inflated > MAX_RATIO * bytes.length) throw new FileError('too-large', `${name} unpacks to ${MAX_RATIO} times its size.`);
}

async function extractText(name: string, bytes: Uint8Array): Promise<string> {
  const { default: mammoth } = await import('mammoth');
  try {
    const { value } = await mammoth.extractRawText({ buffer: Buffer.from(bytes) });
    return value;
  } catch (error) {
    throw new FileError('unreadable', `${name} is damaged: Word's text cannot be read.`, { cause: error });
  }
}
