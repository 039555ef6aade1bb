import { join } from 'node:path';
import { wordsFor } from '../cards/words';
import { createDocumentReader } from '../threads/documentReader';
import type { ThreadFile } from '../threads/parse';
import { inertText } from './inertText';
import { runCommandLine } from './run';

const reader = createDocumentReader({ program: join(__dirname, 'readerProgram.mjs') });

const terminal = {
  words: wordsFor('en'),
  env: process.env,
  stdin: process.stdin,
  readThread: (file: ThreadFile, signal: AbortSignal) => reader.read(file, signal),
  print: (text: string) => void process.stdout.write(forTerminal(text, process.stdout)),
};

/** Programs get every character; people's terminals would obey some of them. */
function forTerminal(text: string, { isTTY }: NodeJS.WriteStream): string {
  return isTTY ? inertText(text) : text;
}

// Not process.exit: what was printed to a pipe would be cut.
void runCommandLine(process.argv.slice(2), terminal, (line) => console.error(forTerminal(line, process.stderr))).then((exitCode) => {
  process.exitCode = exitCode;
});
