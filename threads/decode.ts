import { FileError } from './error';

/**
 * The text of a file: UTF-8, or UTF-16 with a byte order mark; other bytes are read as Windows-1252 where that is what
 * they look like, and single damaged bytes become U+FFFD. Line ends become `\n`.
 * Throws FileError `mismatch` where the bytes are not text at all.
 */
export function decodeText(name: string, bytes: Uint8Array): string {
  const text = decode(bytes);
  if (looksBinary(text)) throw new FileError('mismatch', `${name} is named as text, but holds binary data.`);
  return text.replace(/\r\n?/g, '\n');
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const text = new TextDecoder('utf-8').decode(bytes);
  return isOldWindowsText(text) ? new TextDecoder('windows-1252').decode(bytes) : text;
}

/** One bad byte in good UTF-8 is damage; no good character beside many bad bytes means another encoding. */
function isOldWindowsText(text: string): boolean {
  const damaged = count(text, /\uFFFD/g);
  return damaged > 0 && damaged > count(text, /[^\0-\x7F\uFFFD]/g);
}

function looksBinary(text: string): boolean {
  if (text.includes('\0')) return true;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return count(text, /[\x01-\x08\x0E-\x1A\x1C-\x1F]/g) > text.length / 50;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
