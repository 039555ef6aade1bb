import { basename } from 'node:path';
import { readFile, stat } from 'node:fs/promises';
import { checkTrainingData, type TrainingCheck } from '../ai/trainingData';
import type { Words } from '../cards/words';
import { CommandError } from './command';

/** What the services take in one file (learn.microsoft.com, "Customize a model with fine-tuning"). */
const MAX_BYTES = 512_000_000;
/** A string of Node can hold no more than that. */
const MAX_LENGTH = 2 ** 29 - 24;

export interface Dataset {
  readonly name: string;
  readonly bytes: Buffer;
  readonly check: TrainingCheck;
}

/** Reads a data set for fine-tuning and checks it. Throws CommandError where it cannot be read. */
export async function readDataset(path: string, words: Words, maxExampleTokens?: number): Promise<Dataset> {
  const bytes = await read(path, words);
  return { name: nameOf(path), bytes, check: checkTrainingData(bytes.toString('utf8'), maxExampleTokens) };
}

async function read(path: string, { cli }: Words): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new CommandError(cli.folder(path));
    if (found.size > Math.min(MAX_BYTES, MAX_LENGTH)) throw new CommandError(cli.finetune.tooLarge(path, MAX_BYTES / 1_000_000));
    return await readFile(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const code = typeof error === 'object' && error && 'code' in error ? String(error.code) : 'unknown';
    throw new CommandError(code === 'ENOENT' || code === 'ENOTDIR' ? cli.missing(path) : cli.notReadable(path, code), 1, { cause: error });
  }
}

/** The services go by the ending. */
const nameOf = (path: string): string => `${basename(path).replace(/\.jsonl?$/i, '')}.jsonl`;

const MAX_SHOWN = 20;

/** What is wrong with it, a line each. */
export function problemLines({ problems, examples, hasEnough }: TrainingCheck, { cli: { finetune } }: Words, minExamples: number): readonly string[] {
  const shown = problems.slice(0, MAX_SHOWN).map(({ line, code, detail }) => finetune.problemAt(line, finetune.problems[code](detail)));
  const more = problems.length > MAX_SHOWN ? [finetune.moreProblems(problems.length - MAX_SHOWN)] : [];
  return [...shown, ...more, ...(hasEnough ? [] : [finetune.tooFew(examples, minExamples)])];
}
