import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Words } from '../cards/words';
import { CommandError } from './command';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Options and operands of a command. Throws CommandError (exit code 2) naming what is not known. */
export function parseOptions<const T extends Options>(args: readonly string[], options: T, words: Words) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('. ', 1)[0] ?? '' : String(error);
    throw new CommandError(words.cli.unknownOption(problem), 2, { cause: error });
  }
}

/** The one operand of a command. Throws CommandError (exit code 2) where there are none or more. */
export function oneOperand(operands: readonly string[], words: Words): string {
  const [operand, another] = operands;
  if (operand === undefined || operand === '') throw new CommandError(words.cli.noFile, 2);
  if (another !== undefined) throw new CommandError(words.cli.oneFile, 2);
  return operand;
}
