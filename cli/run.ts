import { AIError } from '../ai/error';
import { ConfigError } from '../bot/config';
import type { Words } from '../cards/words';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { commands } from './commands';

/**
 * Runs the command that `args` name and gives the exit code: 0, 1 where it failed, 2 where it was called in a wrong way.
 * `complain` gets one line for a failure, and the list of commands for a wrong call. Throws only on a mistake in a command.
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal, complain: (line: string) => void): Promise<number> {
  const [name, ...rest] = args;
  const command = commands.find((each) => each.name === name);
  if (!command) return explainUsage(name, terminal, complain);
  if (asksForHelp(rest)) {
    terminal.print(`${commandHelp(command, terminal.words)}\n`);
    return 0;
  }
  try {
    await command.run(rest, terminal);
    return 0;
  } catch (error) {
    const { message, exitCode } = toCommandError(error, terminal.words);
    complain(oneLine(exitCode === 2 ? `${message} ${terminal.words.cli.usageOf(command.usage)}` : message));
    return exitCode;
  }
}

/** Asked for help, it answers; without a command or with one that does not exist, that is a wrong call. */
function explainUsage(name: string | undefined, { words, print }: Terminal, complain: (line: string) => void): number {
  const lines = commands.map(({ usage, description }) => `  ${usage}\n      ${description(words)}`);
  const usage = words.cli.usage(lines.join('\n'));
  if (name === 'help' || name === '--help' || name === '-h') {
    print(`${usage}\n`);
    return 0;
  }
  if (name !== undefined) complain(words.cli.unknownCommand(name));
  complain(usage);
  return 2;
}

/** After "--" everything is an operand, even a file of that name. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).some((arg) => arg === '--help' || arg === '-h');
}

function commandHelp({ usage, description, optionsHelp }: Command, words: Words): string {
  const options = [...(optionsHelp?.(words) ?? []), words.cli.helpHelp];
  return [words.cli.usageOf(usage), '', description(words), '', ...options.map((line) => `  ${line}`)].join('\n');
}

function toCommandError(error: unknown, words: Words): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof AIError) return new CommandError(words.cli.modelFailed(error.message), 1, { cause: error });
  if (error instanceof ConfigError) return new CommandError(error.problems.join(' '), 1, { cause: error });
  throw error;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
