import { MAX_EXAMPLE_TOKENS, MIN_EXAMPLES, type TrainingCheck } from '../ai/trainingData';
import { loadConfig } from '../bot/config';
import type { Words } from '../cards/words';
import type { Terminal } from './command';
import { CommandError } from './command';
import { inertText } from './inertText';
import { oneOperand, parseOptions } from './options';
import { problemLines, readDataset } from './readDataset';
import { numberOption } from './tuningOptions';

const options = {
  json: { type: 'boolean', default: false },
  price: { type: 'string' },
  epochs: { type: 'string' },
  'max-tokens': { type: 'string' },
} as const;

/** `finetune validate FILE`: what a service would object to, how much it is, and what it would cost. Exit code 1 where something is wrong. */
export async function validateDataset(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words, env, print } = terminal;
  const { values, positionals } = parseOptions(args, options, words);
  const path = oneOperand(positionals, words);
  const epochs = numberOption('--epochs', values.epochs, { min: 1, max: 50, isWhole: true }, words);
  const maxTokens = numberOption('--max-tokens', values['max-tokens'], { min: 1, max: 10_000_000, isWhole: true }, words) ?? MAX_EXAMPLE_TOKENS;
  const price = numberOption('--price', values.price, { min: 0, max: 1_000_000 }, words) ?? loadConfig(env).fineTuningPrice;
  const { check } = await readDataset(path, words, maxTokens);
  const cost = price === undefined ? undefined : (check.tokens.total * price) / 1_000_000;
  if (values.json) print(`${JSON.stringify({ file: path, ...check, isGood: isGood(check), cost: cost === undefined ? null : { perEpoch: cost, ...(epochs !== undefined && { total: cost * epochs }) } }, undefined, 2)}\n`);
  else print(`${inertText(reportLines(check, { cost, epochs, price }, words).join('\n'))}\n`);
  if (!isGood(check)) throw new CommandError(words.cli.finetune.notGood(path));
}

/** Repetitions are allowed. */
export const isGood = ({ problems, hasEnough }: TrainingCheck): boolean => problems.length === 0 && hasEnough;

interface Cost {
  readonly cost: number | undefined;
  readonly epochs: number | undefined;
  readonly price: number | undefined;
}

function reportLines(check: TrainingCheck, { cost, epochs, price }: Cost, words: Words): readonly string[] {
  const { finetune } = words.cli;
  const { examples, tokens, duplicates } = check;
  const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
  const money = (value: number): string => value.toLocaleString('en', value < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 });
  return [
    finetune.size(examples, number(tokens.total), number(tokens.smallest), number(tokens.average), number(tokens.largest)),
    ...duplicates.slice(0, 5).map(({ line, first }) => finetune.duplicate(line, first)),
    ...(duplicates.length > 5 ? [finetune.moreDuplicates(duplicates.length - 5)] : []),
    ...problemLines(check, words, MIN_EXAMPLES),
    ...(cost === undefined || price === undefined ? [finetune.noPrice] : [finetune.cost(money(cost), money(price)), ...(epochs === undefined ? [] : [finetune.costOf(money(cost * epochs), epochs)])]),
    ...(isGood(check) ? [finetune.good] : []),
  ];
}
