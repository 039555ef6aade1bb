import type { Readable } from 'node:stream';
import type { Words } from '../cards/words';
import type { Environment } from '../bot/config';
import type { DocumentReader } from '../threads/documentReader';

/** What a command may touch; tests hand in their own. */
export interface Terminal {
  readonly words: Words;
  readonly env: Environment;
  readonly stdin: Readable;
  readonly readThread: DocumentReader['read'];
  /** Writes to standard output, as it is. */
  readonly print: (text: string) => void;
}

export interface Command {
  readonly name: string;
  /** How it is called, after `npm run parley -- `. */
  readonly usage: string;
  readonly description: (words: Words) => string;
  /** What the usage does not tell of its options; a sentence each. */
  readonly optionsHelp?: (words: Words) => readonly string[];
  /** Throws CommandError. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<void>;
}

/** A command cannot go on. The message is one sentence for the person at the terminal: what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    /** 2: called in a wrong way; 1: anything else. */
    readonly exitCode: 1 | 2 = 1,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
