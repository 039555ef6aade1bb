import { soundValue } from '../state/soundText';
import { parseCaptions } from './captions';
import { decodeText } from './decode';
import { parseDocx } from './docx';
import { FileError } from './error';
import { htmlText } from './htmlText';
import { parseParleyJson } from './parleyJson';
import { parsePastedText } from './pastedText';
import { parsePdf } from './pdf';
import type { Thread } from './thread';

export interface ThreadFile {
  /** As the sender named it: untrusted. Its ending says what the file should be. */
  readonly name: string;
  /** Media type as the sender said; used where the name has no ending that is known. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

type Format = 'vtt' | 'srt' | 'text' | 'html' | 'json' | 'docx' | 'pdf';

/** Name endings that can be read. */
export const readableExtensions: Readonly<Record<string, Format>> = {
  vtt: 'vtt',
  srt: 'srt',
  txt: 'text',
  text: 'text',
  md: 'text',
  markdown: 'text',
  html: 'html',
  htm: 'html',
  json: 'json',
  docx: 'docx',
  pdf: 'pdf',
};

const contentTypes: Readonly<Record<string, Format>> = {
  'text/vtt': 'vtt',
  'application/x-subrip': 'srt',
  'text/srt': 'srt',
  'text/plain': 'text',
  'text/markdown': 'text',
  'text/html': 'html',
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
};

/** A map: names come from outside, and every object has a "constructor". Endings have no slash, so that the two do not meet. */
const formats = new Map<string, Format>([...Object.entries(readableExtensions), ...Object.entries(contentTypes)]);

const readers: Readonly<Record<Format, (name: string, bytes: Uint8Array) => Promise<Thread> | Thread>> = {
  vtt: readVtt,
  srt: readSrt,
  text: readText,
  html: readHtml,
  json: (name, bytes) => parseParleyJson(name, decodeText(name, bytes)),
  docx: readDocx,
  pdf: readPdf,
};

/**
 * Reads a transcript, chat export or document as a thread; the name's ending and the content must agree.
 * Its texts are sound (state/soundText.ts). The caller limits the size. Throws FileError: `unsupported`, `mismatch`, `encrypted`, `empty`, `unreadable`, and
 * `too-large` for what unpacks to too much.
 */
export async function parseThread({ name, contentType, bytes }: ThreadFile): Promise<Thread> {
  const format = formatOf(name, contentType);
  if (!format) throw new FileError('unsupported', `${name} is of a kind that cannot be read.`);
  if (bytes.length === 0) throw new FileError('empty', `${name} is empty.`);
  return soundValue(await readers[format](name, bytes));
}

/** True for text, which needs no unpacking, and for what is refused by its name. */
export function isPlain({ name, contentType }: ThreadFile): boolean {
  const format = formatOf(name, contentType);
  return format !== 'docx' && format !== 'pdf';
}

function formatOf(name: string, contentType: string): Format | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension) return formats.get(extension);
  return formats.get(contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

const isWebVtt = (text: string): boolean => /^WEBVTT(?:[ \t\n]|$)/.test(text);
const isSubRip = (text: string): boolean => /^\s*\d+\n\d+:\d{2}:\d{2}[,.]\d+ --> \d/.test(text);

function readVtt(name: string, bytes: Uint8Array): Promise<Thread> {
  const text = decodeFilled(name, bytes);
  if (!isWebVtt(text)) throw new FileError('mismatch', `${name} is named as WebVTT, but does not begin with WEBVTT.`);
  return parseCaptions(name, text, 'vtt');
}

function readSrt(name: string, bytes: Uint8Array): Promise<Thread> {
  const text = decodeFilled(name, bytes);
  if (isWebVtt(text)) return parseCaptions(name, text, 'vtt');
  if (!isSubRip(text)) throw new FileError('mismatch', `${name} is named as SRT, but has no numbered captions.`);
  return parseCaptions(name, text, 'srt');
}

function readText(name: string, bytes: Uint8Array): Promise<Thread> | Thread {
  if (isPdf(bytes) || isZip(bytes) || isOldOffice(bytes)) throw new FileError('mismatch', `${name} is named as text, but is not text.`);
  const text = decodeFilled(name, bytes);
  if (isWebVtt(text)) return parseCaptions(name, text, 'vtt');
  return isSubRip(text) ? parseCaptions(name, text, 'srt') : parsePastedText(text, name);
}

/** What a page says, as if it had been copied from there: a saved chat, a wiki page, a mail. */
function readHtml(name: string, bytes: Uint8Array): Thread {
  if (isPdf(bytes) || isZip(bytes) || isOldOffice(bytes)) throw new FileError('mismatch', `${name} is named as a web page, but is not one.`);
  const text = htmlText(decodeFilled(name, bytes));
  if (text === '') throw new FileError('empty', `${name} has no text.`);
  return parsePastedText(text, name);
}

function decodeFilled(name: string, bytes: Uint8Array): string {
  const text = decodeText(name, bytes);
  if (text.trim() === '') throw new FileError('empty', `${name} has no text.`);
  return text;
}

function readDocx(name: string, bytes: Uint8Array): Promise<Thread> {
  if (isOldOffice(bytes) && hasUtf16(bytes, 'EncryptedPackage')) throw new FileError('encrypted', `${name} is protected by a password.`);
  if (!isZip(bytes)) throw new FileError('mismatch', `${name} is named as a Word file (.docx), but is not one.`);
  return parseDocx(name, bytes);
}

function readPdf(name: string, bytes: Uint8Array): Promise<Thread> {
  if (!isPdf(bytes)) throw new FileError('mismatch', `${name} is named as PDF, but is not one.`);
  return parsePdf(name, bytes);
}

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean => signature.every((value, index) => bytes[index] === value);
const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]);
const isOldOffice = (bytes: Uint8Array): boolean => startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0]);
/** Readers accept the header anywhere in the first 1,024 bytes (ISO 32000-1, annex H.3.4.1). */
const isPdf = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 1024)).includes('%PDF-');
const hasUtf16 = (bytes: Uint8Array, text: string): boolean => Buffer.from(bytes).includes(Buffer.from(text, 'utf16le'));
