import type { Words } from '../cards/words';
import type { FileErrorCode } from '../threads/error';
import { FileError } from '../threads/error';
import { readableExtensions } from '../threads/parse';
import { CommandError } from './command';

type Sentence = (words: Words['cli']['files'], name: string) => string;

const sentences: Readonly<Record<FileErrorCode, Sentence>> = {
  'too-large': (words, name) => words.tooMuch(name),
  unsupported: (words, name) => words.unsupported(name, Object.keys(readableExtensions).map((extension) => `.${extension}`).join(' ')),
  mismatch: (words, name) => words.mismatch(name),
  encrypted: (words, name) => words.encrypted(name),
  empty: (words, name) => words.empty(name),
  unreadable: (words, name) => (name.toLowerCase().endsWith('.json') ? words.noThread(name) : words.damaged(name)),
  unavailable: (words, name) => words.unavailable(name),
};

/** Reads a file's content; what is wrong with it is said in a sentence with the file's name. Throws CommandError. */
export async function explainFileProblems<T>(name: string, words: Words, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new CommandError(sentences[error.code](words.cli.files, name), 1, { cause: error });
  }
}
