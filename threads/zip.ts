import { createInflateRaw } from 'node:zlib';
import { FileError } from './error';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
const MAX_COMMENT_LENGTH = 0xffff;
const ENCRYPTED_FLAG = 1;
const STORED = 0;
const DEFLATED = 8;

/** One part of a zip file. What is counted is what really comes out: sizes written in the file may lie. */
export interface ZipEntry {
  readonly name: string;
  /** Its inflated size, found without keeping it. Throws FileError `too-large` beyond `maxBytes`, `unreadable`. */
  measure(maxBytes: number): Promise<number>;
  /** Throws FileError as measure does. */
  read(maxBytes: number): Promise<Uint8Array>;
}

/** The parts of a zip file. Throws FileError `too-large` beyond `maxEntries`, `encrypted`, `unreadable`. Layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3 */
export function openZip(name: string, bytes: Uint8Array, maxEntries: number): readonly ZipEntry[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = readDirectory(name, file, maxEntries);
  if (entries.some(({ isEncrypted }) => isEncrypted)) throw new FileError('encrypted', `${name} is protected by a password.`);
  return entries.map((entry) => ({
    name: entry.name,
    measure: (maxBytes) => inflate(name, file, entry, maxBytes, () => undefined),
    read: async (maxBytes) => {
      const chunks: Buffer[] = [];
      await inflate(name, file, entry, maxBytes, (chunk) => void chunks.push(chunk));
      return Buffer.concat(chunks);
    },
  }));
}

interface Entry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly compressedSize: number;
  readonly localOffset: number;
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

/** Hands the part on piece by piece; gives its size. */
async function inflate(name: string, file: Buffer, entry: Entry, maxBytes: number, take: (chunk: Buffer) => void): Promise<number> {
  const data = packedBytes(name, file, entry);
  if (entry.method === DEFLATED && data.length === 0) return 0;
  if (entry.method !== STORED && entry.method !== DEFLATED) throw damaged(name);
  let size = 0;
  for await (const chunk of entry.method === STORED ? [data] : inflated(name, data)) {
    size += chunk.length;
    if (size > maxBytes) throw new FileError('too-large', `${name} unpacks to more than may be read.`);
    take(chunk);
  }
  return size;
}

function packedBytes(name: string, file: Buffer, { localOffset, compressedSize }: Entry): Buffer {
  if (localOffset + 30 > file.length) throw damaged(name);
  const start = localOffset + 30 + file.readUInt16LE(localOffset + 26) + file.readUInt16LE(localOffset + 28);
  return file.subarray(start, start + compressedSize);
}

async function* inflated(name: string, data: Buffer): AsyncGenerator<Buffer> {
  const stream = createInflateRaw({ chunkSize: 256 * 1024 });
  stream.end(data);
  try {
    yield* stream as AsyncIterable<Buffer>; // without an encoding it gives buffers
  } catch (error) {
    throw damaged(name, error);
  } finally {
    stream.destroy();
  }
}

const damaged = (name: string, cause?: unknown): FileError =>
  new FileError('unreadable', `${name} is damaged: its parts cannot be unpacked.`, { cause });
