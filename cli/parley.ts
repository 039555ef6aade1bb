import { join } from 'node:path';
import { wordsFor } from '../cards/words';
import { createDocumentReader } from '../threads/documentReader';
import type { ThreadFile } from '../threads/parse';
import { runCommandLine } from './run';

const reader = createDocumentReader({ program: join(__dirname, 'readerProgram.mjs') });

const terminal = {
  words: wordsFor('en'),
  env: process.env,
  stdin: process.stdin,
  readThread: (file: ThreadFile, signal: AbortSignal) => reader.read(file, signal),
  print: (text: string) => void process.stdout.write(text),
};

// Not process.exit: what was printed to a pipe would be cut.
void runCommandLine(process.argv.slice(2), terminal, (line) => console.error(line)).then((exitCode) => {
  process.exitCode = exitCode;
});
