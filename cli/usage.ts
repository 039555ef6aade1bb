import { z } from 'zod';
import type { Words } from '../cards/words';
import { readAudit } from '../state/audit';
import type { Database } from '../state/database';
import { sealWaiting } from './audit';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { dayRange } from './day';
import { inertText } from './inertText';
import { parseOptions } from './options';
import { withStore } from './withStore';

/** `usage`: what was asked of model services on a day, from the audit log. */
export const usageCommand: Command = {
  name: 'usage',
  usage: 'usage [--day YYYY-MM-DD] [--by capability|user|tenant|target] [--json]',
  description: (words) => words.cli.commands.usage,
  optionsHelp: (words) => [words.cli.usageDayHelp, words.cli.usageByHelp],
  run: showUsage,
};

const options = { json: { type: 'boolean', default: false }, day: { type: 'string' }, by: { type: 'string', default: 'capability' } } as const;

const groups = ['capability', 'user', 'tenant', 'target'] as const;
type Group = (typeof groups)[number];
const isGroup = (value: string): value is Group => groups.some((group) => group === value);

interface Use {
  readonly name: string;
  calls: number;
  failed: number;
  inputTokens: number;
  outputTokens: number;
}

async function showUsage(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = terminal;
  const { values, positionals } = parseOptions(args, options, words);
  if (positionals.length > 0) throw new CommandError(words.cli.noOperand(positionals[0] ?? ''), 2);
  const { by, day = new Date().toISOString().slice(0, 10) } = values;
  if (!isGroup(by)) throw new CommandError(words.cli.usageBy(by), 2);
  const range = dayRange(day, words);
  const uses = await withStore(terminal, async (database, { audit: { key } }) => {
    await sealWaiting(database, key);
    return usesOf(database, range, day, by);
  });
  const rows = uses.toSorted((one, other) => tokensOf(other) - tokensOf(one));
  terminal.print(values.json ? `${JSON.stringify({ day, by, rows }, undefined, 2)}\n` : usageText(day, by, rows, words));
}

const tokensOf = ({ inputTokens, outputTokens }: Use): number => inputTokens + outputTokens;

/** Written by bot/turns/traces.ts. */
const callShape = z.object({
  kind: z.literal('call'), at: z.string(), user: z.string(), tenant: z.string(), capability: z.string(), target: z.string().optional(),
  outcome: z.string(), inputTokens: z.number(), outputTokens: z.number(),
});

const answered: readonly string[] = ['stop', 'length', 'tool-calls'];
/** An entry is sealed soon after its call; after an outage of the store, late. */
const SEALED_LATE_MS = 60 * 60_000;

async function usesOf(database: Database, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, day: string, by: Group): Promise<readonly Use[]> {
  const uses = new Map<string, Use>();
  for await (const { entry } of readAudit(database, { fromMs, toMs: toMs + SEALED_LATE_MS })) {
    const { data: call } = callShape.safeParse(JSON.parse(entry));
    if (!call?.at.startsWith(day)) continue;
    const name = call[by] ?? '';
    const use = uses.get(name) ?? { name, calls: 0, failed: 0, inputTokens: 0, outputTokens: 0 };
    use.calls += 1;
    use.failed += answered.includes(call.outcome) ? 0 : 1;
    use.inputTokens += call.inputTokens;
    use.outputTokens += call.outputTokens;
    uses.set(name, use);
  }
  return [...uses.values()];
}

function usageText(day: string, by: Group, rows: readonly Use[], { cli }: Words): string {
  if (rows.length === 0) return `${cli.usageNone(day)}\n`;
  const sum = (number: (use: Use) => number): number => rows.reduce((total, row) => total + number(row), 0);
  const all: Use = { name: cli.usageTotal, calls: sum(({ calls }) => calls), failed: sum(({ failed }) => failed), inputTokens: sum(({ inputTokens }) => inputTokens), outputTokens: sum(({ outputTokens }) => outputTokens) };
  const lines = [
    [by, ...cli.usageColumns],
    ...[...rows, all].map((row) => [inertText(row.name) || cli.usageUnnamed, ...numbersOf(row)]),
  ];
  return `${cli.usageTitle(day)}\n\n${table(lines)}\n`;
}

const numbersOf = ({ calls, failed, inputTokens, outputTokens }: Use): string[] => [calls, failed, inputTokens, outputTokens].map((number) => number.toLocaleString('en'));

/** Names to the left, numbers to the right. */
function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')).join('\n');
}
