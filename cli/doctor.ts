import { examine } from '../bot/doctor/doctor';
import { levelOf, type Finding, type Level } from '../bot/doctor/finding';
import type { Words } from '../cards/words';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { parseOptions } from './options';

/** `doctor`: what is wrong with the settings and with everything that they name, and how to mend it. */
export const doctorCommand: Command = {
  name: 'doctor',
  usage: 'doctor [--json]',
  description: (words) => words.cli.commands.doctor,
  run: (args, terminal) => runDoctor(args, terminal),
};

const options = { json: { type: 'boolean', default: false } } as const;

/** `look`: for tests, whose Entra ID is not at Microsoft's address. */
export async function runDoctor(args: readonly string[], { words, env, print }: Terminal, look: typeof examine = examine): Promise<void> {
  const { values, positionals: [operand] } = parseOptions(args, options, words);
  if (operand !== undefined) throw new CommandError(words.cli.noOperand(operand), 2);
  const findings = await look(env);
  const failures = findings.filter((finding) => levelOf(finding) === 'failure').length;
  print(values.json ? `${JSON.stringify({ failures, checks: findings.map((finding) => ({ ...finding, level: levelOf(finding), message: sentenceOf(finding, words) })) }, undefined, 2)}\n` : report(findings, words));
  if (failures > 0) throw new CommandError(words.cli.doctor.failed(failures));
}

const signs: Readonly<Record<Level, string>> = { ok: 'ok  ', warning: 'look', failure: 'FAIL' };

const report = (findings: readonly Finding[], words: Words): string => findings.map((finding) => `${signs[levelOf(finding)]}  ${titleOf(finding, words)}: ${sentenceOf(finding, words)}${timeOf(finding)}\n`).join('');

const titleOf = ({ area, name }: Finding, { cli }: Words): string => [cli.doctor.areas[area], name].filter(Boolean).join(' ');

function sentenceOf({ area, code, detail = '' }: Finding, { cli }: Words): string {
  if (code === 'ok' || code === 'none') return cli.doctor[code][area];
  return cli.doctor.found[code](detail);
}

const timeOf = ({ durationMs }: Finding): string => (durationMs === undefined ? '' : ` (${durationMs} ms)`);
