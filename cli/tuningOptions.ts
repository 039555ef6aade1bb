import type { Words } from '../cards/words';
import { CommandError } from './command';

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
}

/** A number that an option gives; undefined where it is not given. Throws CommandError (exit code 2). */
export function numberOption(name: string, value: string | undefined, { min, max, isWhole = false }: Range, { cli }: Words): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max) || (isWhole && !Number.isInteger(number))) throw new CommandError(cli.finetune.number(name, value, min, max), 2);
  return number;
}
