import { inflateRawSync } from 'node:zlib';
import { FileError } from './error';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
const MAX_COMMENT_LENGTH = 0xffff;
const ENCRYPTED_FLAG = 1;
const STORED = 0;
const DEFLATED = 8;

export interface ZipLimits {
  /** Sum of all parts once inflated. */
  readonly maxInflatedBytes: number;
  readonly maxEntries: number;
}

interface Entry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly compressedSize: number;
  readonly localOffset: number;
}

/**
 * Inflates every part of a zip file, counting what really comes out: sizes written in the file may lie.
 * Gives each part's name and inflated size. Throws FileError `too-large` beyond the limits, `encrypted`, `unreadable`.
 * Layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3
 */
export function measureZip(name: string, bytes: Uint8Array, limits: ZipLimits): ReadonlyMap<string, number> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = readDirectory(name, file, limits.maxEntries);
  if (entries.some(({ isEncrypted }) => isEncrypted)) throw new FileError('encrypted', `${name} is protected by a password.`);
  const sizes = new Map<string, number>();
  let left = limits.maxInflatedBytes;
  for (const entry of entries) {
    const size = inflatedSize(name, file, entry, left);
    left -= size;
    sizes.set(entry.name, size);
  }
  return sizes;
}

function readDirectory(name: string, file: Buffer, maxEntries: number): readonly Entry[] {
  const end = findEnd(name, file);
  const count = file.readUInt16LE(end + 10);
  if (count > maxEntries) throw new FileError('too-large', `${name} has more than ${maxEntries} parts.`);
  const entries: Entry[] = [];
  let offset = file.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (offset + 46 > file.length || file.readUInt32LE(offset) !== DIRECTORY_ENTRY) throw damaged(name);
    entries.push(readEntry(file, offset));
    offset += 46 + file.readUInt16LE(offset + 28) + file.readUInt16LE(offset + 30) + file.readUInt16LE(offset + 32);
  }
  return entries;
}

function findEnd(name: string, file: Buffer): number {
  const earliest = Math.max(0, file.length - END_LENGTH - MAX_COMMENT_LENGTH);
  for (let offset = file.length - END_LENGTH; offset >= earliest; offset -= 1) {
    if (file.readUInt32LE(offset) === END_OF_DIRECTORY) return offset;
  }
  throw damaged(name);
}

function readEntry(file: Buffer, offset: number): Entry {
  const nameLength = file.readUInt16LE(offset + 28);
  return {
    name: file.toString('utf8', offset + 46, offset + 46 + nameLength),
    isEncrypted: (file.readUInt16LE(offset + 8) & ENCRYPTED_FLAG) !== 0,
    method: file.readUInt16LE(offset + 10),
    compressedSize: file.readUInt32LE(offset + 20),
    localOffset: file.readUInt32LE(offset + 42),
  };
}

function inflatedSize(name: string, file: Buffer, { method, compressedSize, localOffset }: Entry, left: number): number {
  if (localOffset + 30 > file.length) throw damaged(name);
  const start = localOffset + 30 + file.readUInt16LE(localOffset + 26) + file.readUInt16LE(localOffset + 28);
  const data = file.subarray(start, start + compressedSize);
  if (method === STORED) return data.length <= left ? data.length : tooLarge(name);
  if (method !== DEFLATED) throw damaged(name);
  if (compressedSize === 0) return 0;
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, left) }).length;
  } catch (error) {
    if (typeof error === 'object' && error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(name);
    throw damaged(name, error);
  }
}

function tooLarge(name: string): never {
  throw new FileError('too-large', `${name} unpacks to more than may be read.`);
}

const damaged = (name: string, cause?: unknown): FileError =>
  new FileError('unreadable', `${name} is damaged: its parts cannot be unpacked.`, { cause });
