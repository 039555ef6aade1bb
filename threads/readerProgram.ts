import { FileError, type FileErrorCode } from './error';
import { parseThread, type ThreadFile } from './parse';
import type { Thread } from './thread';

/** What the program answers to a ThreadFile. */
export type ReaderAnswer =
  | { readonly thread: Thread }
  | { readonly code: FileErrorCode; readonly message: string };

// The PDF reader would inflate with it as fast as memory can be had: gigabytes before anybody could look. Without it, it
// inflates in JavaScript, slowly enough for the limit on memory in threads/readerProcess.ts.
Reflect.deleteProperty(globalThis, 'DecompressionStream');

// The program of threads/readerProcess.ts: one file after the other, each answered once.
process.on('message', (file: ThreadFile) => {
  void answer(file).then((answered) => process.send?.(answered));
});
process.on('disconnect', () => process.exit());

async function answer(file: ThreadFile): Promise<ReaderAnswer> {
  try {
    return { thread: await parseThread(file) };
  } catch (error) {
    if (error instanceof FileError) return { code: error.code, message: error.message };
    return { code: 'unreadable', message: `${file.name} made its reader fail: ${error instanceof Error ? error.name : 'unknown'}.` };
  }
}
