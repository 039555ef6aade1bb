import type { SummarizeOptions, SummaryLength } from '../ai/engine';
import { loadConfig } from '../bot/config';
import type { Words } from '../cards/words';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { openEngine } from './engine';
import { explainFileProblems } from './fileProblem';
import { oneOperand, parseOptions } from './options';
import { readInput } from './readInput';
import { summaryDocument, summaryText } from './summaryReport';

/** `summarize FILE`: the bot's own pipeline on one file, as text or as JSON. */
export const summarizeCommand: Command = {
  name: 'summarize',
  usage: 'summarize FILE [--max-words N] [--length short|standard|detailed] [--json]',
  description: (words) => words.cli.commands.summarize,
  optionsHelp: (words) => [words.cli.maxWordsHelp],
  run: summarizeFile,
};

const options = {
  json: { type: 'boolean', default: false },
  length: { type: 'string', default: 'standard' },
  'max-words': { type: 'string' },
} as const;

async function summarizeFile(args: readonly string[], terminal: Terminal): Promise<void> {
  const { values, positionals } = parseOptions(args, options, terminal.words);
  const path = oneOperand(positionals, terminal.words);
  const summarizeOptions = toSummarizeOptions(values, terminal.words);
  const config = loadConfig(terminal.env);
  const file = await readInput(path, config.maxUploadBytes, terminal);
  const thread = await explainFileProblems(file.name, terminal.words, () => terminal.readThread(file, new AbortController().signal));
  const engine = openEngine(config);
  const summary = await engine.summarize(thread, summarizeOptions, new AbortController().signal);
  const report = { file: file.name, thread, summary, modelName: engine.modelName };
  terminal.print(values.json ? `${JSON.stringify(summaryDocument(report), undefined, 2)}\n` : summaryText(report, terminal.words));
}

const MAX_WORDS = 10_000;
const lengths: readonly string[] = ['short', 'standard', 'detailed'] satisfies readonly SummaryLength[];
const isLength = (value: string): value is SummaryLength => lengths.includes(value);

function toSummarizeOptions(values: { readonly length: string; readonly 'max-words'?: string | undefined }, words: Words): SummarizeOptions {
  const { length, 'max-words': maxWords } = values;
  if (!isLength(length)) throw new CommandError(words.cli.length(length), 2);
  if (maxWords === undefined) return { language: 'en', length };
  if (!/^\d+$/.test(maxWords) || Number(maxWords) < 1 || Number(maxWords) > MAX_WORDS) throw new CommandError(words.cli.maxWords(maxWords), 2);
  return { language: 'en', length, maxWords: Number(maxWords) };
}
