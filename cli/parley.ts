import { wordsFor } from '../cards/words';
import { runCommandLine } from './run';

const terminal = {
  words: wordsFor('en'),
  env: process.env,
  stdin: process.stdin,
  print: (text: string) => void process.stdout.write(text),
};

// Not process.exit: what was printed to a pipe would be cut.
void runCommandLine(process.argv.slice(2), terminal, (line) => console.error(line)).then((exitCode) => {
  process.exitCode = exitCode;
});
