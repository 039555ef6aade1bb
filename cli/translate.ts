import { loadConfig } from '../bot/config';
import type { Words } from '../cards/words';
import { languageCode } from '../dialogs/languages';
import { decodeText } from '../threads/decode';
import type { ThreadFile } from '../threads/parse';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { openEngine } from './engine';
import { explainFileProblems } from './fileProblem';
import { oneOperand, parseOptions } from './options';
import { readInput } from './readInput';

/** `translate --to de [FILE|-]`: a text file as it is, the text of any other file; without a file, standard input. */
export const translateCommand: Command = {
  name: 'translate',
  usage: 'translate --to LANGUAGE [FILE|-] [--json]',
  description: (words) => words.cli.commands.translate,
  run: translateFile,
};

const options = { json: { type: 'boolean', default: false }, to: { type: 'string' } } as const;

async function translateFile(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = terminal;
  const { values, positionals } = parseOptions(args, options, words);
  const to = toLanguage(values.to, words);
  const path = positionals.length === 0 ? '-' : oneOperand(positionals, words);
  const config = loadConfig(terminal.env);
  const engine = openEngine(config);
  if (engine.modelName === undefined) throw new CommandError(words.cli.needsModel);
  const file = await readInput(path, config.maxUploadBytes, terminal);
  const text = await explainFileProblems(file.name, words, () => textOf(file, terminal));
  if (text.trim() === '') throw new CommandError(words.cli.emptyText);
  const translation = await engine.translate(text, to, new AbortController().signal);
  if (!translation) throw new CommandError(words.cli.needsModel);
  terminal.print(values.json ? `${JSON.stringify(translation, undefined, 2)}\n` : `${translation.text}\n`);
}

function toLanguage(value: string | undefined, words: Words): string {
  if (value === undefined) throw new CommandError(words.cli.languageMissing, 2);
  try {
    const [tag] = Intl.getCanonicalLocales(value);
    if (tag !== undefined && new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(tag) !== undefined) return tag;
  } catch {
    // not a well-formed tag; it may be a name
  }
  const named = languageCode(value, 'en');
  if (named !== undefined) return named;
  throw new CommandError(words.cli.language(value), 2);
}

async function textOf(file: ThreadFile, { readThread }: Terminal): Promise<string> {
  if (/\.(?:txt|text|md|markdown)$/i.test(file.name)) return decodeText(file.name, file.bytes);
  const { messages } = await readThread(file, new AbortController().signal);
  return messages.map(({ text }) => text).join('\n\n');
}
