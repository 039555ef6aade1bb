import { cleanLine, escapeMarkdown } from '../cards/escape';
import type { Words } from '../cards/words';
import { FileError, type FileErrorCode } from '../threads/error';
import { readableExtensions } from '../threads/parse';
import type { Thread } from '../threads/thread';
import { isRecording, listeningFailure, listenTo, recordedThread } from './recording';
import { keepThread } from './shelf';
import type { IncomingFile, Turn } from './turn';

/** What became of the files of a message. */
export interface ReceivedFiles {
  readonly threads: readonly Thread[];
  /** One sentence for each file that could not be read: why, and what to do. */
  readonly problems: readonly string[];
}

/** Reads and keeps the files of this message, each for itself: one that cannot be read does not stop the others. */
export async function keepFiles(turn: Turn): Promise<ReceivedFiles> {
  const threads: Thread[] = [];
  const problems: string[] = [];
  for (const file of turn.files) {
    const outcome = await keepFile(turn, file);
    if (typeof outcome === 'string') problems.push(outcome);
    else threads.push(outcome);
  }
  return { threads, problems };
}

async function keepFile(turn: Turn, file: IncomingFile): Promise<Thread | string> {
  try {
    if (isRecording(file)) return await keepRecording(turn, file);
    return await keepThread(turn, await file.parse(turn.signal));
  } catch (error) {
    const unheard = isRecording(file) ? listeningFailure(turn, error) : undefined;
    if (unheard !== undefined) return unheard;
    if (!(error instanceof FileError)) throw error;
    return sentence(turn.words.files, escapeMarkdown(cleanLine(file.name, 100)) || turn.words.files.unnamed, error);
  }
}

async function keepRecording(turn: Turn, file: IncomingFile): Promise<Thread | string> {
  const heard = await listenTo(turn, file);
  return typeof heard === 'string' ? heard : keepThread(turn, recordedThread(turn, file, heard));
}

const sentences: Readonly<Record<FileErrorCode, (words: Words['files'], name: string, error: FileError) => string>> = {
  'too-large': (words, name, { limitBytes }) => (limitBytes === undefined ? words.tooMuch(name) : words.tooLarge(name, Math.floor(limitBytes / 1_000_000))),
  unsupported: (words, name) => words.unsupported(name, Object.keys(readableExtensions).map((extension) => `.${extension}`).join(' ')),
  mismatch: (words, name) => words.mismatch(name),
  encrypted: (words, name) => words.encrypted(name),
  empty: (words, name) => words.empty(name),
  unreadable: (words, name) => words.unreadable(name),
  unavailable: (words, name) => words.unavailable(name),
};

const sentence = (words: Words['files'], name: string, error: FileError): string => sentences[error.code](words, name, error);
