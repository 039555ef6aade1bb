import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { ThreadFile } from '../threads/parse';
import type { Terminal } from './command';
import { CommandError } from './command';

/** Reads a file, or standard input for "-", up to `maxBytes`. Throws CommandError saying what is wrong with the path. */
export async function readInput(path: string, maxBytes: number, { words, stdin }: Terminal): Promise<ThreadFile> {
  const tooLarge = new CommandError(words.cli.tooLarge(path, Math.floor(maxBytes / (1024 * 1024))));
  if (path === '-') return { name: 'stdin.txt', contentType: 'text/plain', bytes: await readStream(stdin, maxBytes, tooLarge) };
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new CommandError(words.cli.folder(path));
    if (found.size > maxBytes) throw tooLarge;
    return { name: basename(path), contentType: '', bytes: await readFile(path) };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const code = errorCode(error);
    throw new CommandError(code === 'ENOENT' || code === 'ENOTDIR' ? words.cli.missing(path) : words.cli.notReadable(path, code), 1, { cause: error });
  }
}

async function readStream(stream: Readable, maxBytes: number, tooLarge: CommandError): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Buffer | string); // a stream without an encoding gives buffers, one with it strings
    length += bytes.length;
    if (length > maxBytes) throw tooLarge;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

const errorCode = (error: unknown): string => (typeof error === 'object' && error && 'code' in error ? String(error.code) : 'unknown');
