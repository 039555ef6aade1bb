import { FileError } from './error';
import { toDocument } from './paragraphs';
import { parsePastedText } from './pastedText';
import type { Thread } from './thread';
import { wordParagraphs } from './wordText';
import { openZip } from './zip';

const MAX_INFLATED_BYTES = 50_000_000;
const MAX_ENTRIES = 2_000;
const MAX_TEXT_PART_BYTES = 15_000_000; // a novel has 5 MB
const MAX_RATIO = 100; // plain prose in XML packs 10 to 30 times

const MAIN_PART = 'word/document.xml';

/**
 * A Word file (.docx): a meeting where its text is a transcript (Teams gives them as Word files), else a document of
 * paragraphs. Throws FileError `mismatch`, `encrypted`, `too-large`, `empty`, `unreadable`.
 */
export async function parseDocx(name: string, bytes: Uint8Array): Promise<Thread> {
  const xml = await readMainPart(name, bytes);
  const paragraphs = wordParagraphs(xml);
  if (!paragraphs) throw new FileError('unreadable', `${name} is damaged: Word's text cannot be read.`);
  const conversation = paragraphs.length > 1 ? parsePastedText(paragraphs.join('\n'), name) : undefined;
  if (conversation && conversation.kind !== 'document') return conversation;
  return toDocument(name, paragraphs.map((each) => ({ text: each.replace(/\s+/g, ' ') })));
}

/** Every part is measured, though one is read: a file that is built to burst is refused as a whole. */
async function readMainPart(name: string, bytes: Uint8Array): Promise<string> {
  const entries = openZip(name, bytes, MAX_ENTRIES);
  const main = entries.find((entry) => entry.name === MAIN_PART);
  if (!main) throw new FileError('mismatch', `${name} is named as a Word file, but is another kind of archive.`);
  let left = MAX_INFLATED_BYTES;
  let textBytes = 0;
  for (const entry of entries) {
    const size = await entry.measure(left);
    left -= size;
    if (entry.name.endsWith('.xml')) textBytes += size;
  }
  if (textBytes > MAX_TEXT_PART_BYTES) throw new FileError('too-large', `${name} holds more text than may be read.`);
  const inflated = MAX_INFLATED_BYTES - left;
  if (inflated > 1_000_000 && inflated > MAX_RATIO * bytes.length) throw new FileError('too-large', `${name} unpacks to more than ${MAX_RATIO} times its size.`);
  return decodeXml(await main.read(MAX_TEXT_PART_BYTES));
}

/** UTF-8, or UTF-16 with a byte order mark: what XML demands of every reader. */
function decodeXml(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}
