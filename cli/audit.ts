import type { Words } from '../cards/words';
import { readAudit, sealAudit } from '../state/audit';
import { verifyChain, type AuditHead, type AuditVerdict } from '../state/auditChain';
import type { Database } from '../state/database';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { dayRange } from './day';
import { parseOptions } from './options';
import { withStore } from './withStore';

/** `audit verify` checks the chain of the audit log, `audit export` writes it as lines of JSON. */
export const auditCommand: Command = {
  name: 'audit',
  usage: 'audit verify [--head NUMBER:HASH] [--json] | audit export [--day YYYY-MM-DD]',
  description: (words) => words.cli.commands.audit,
  optionsHelp: (words) => [words.cli.headHelp, words.cli.exportDayHelp],
  run: runAudit,
};

const options = { json: { type: 'boolean', default: false }, head: { type: 'string' }, day: { type: 'string' } } as const;

async function runAudit(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = terminal;
  const { values, positionals: [action, ...others] } = parseOptions(args, options, words);
  if (others.length > 0 || (action !== 'verify' && action !== 'export')) throw new CommandError(words.cli.auditAction, 2);
  if (action === 'export') return exportLog(values.day === undefined ? undefined : dayRange(values.day, words), terminal);
  const noted = toHead(values.head, words);
  const verdict = await withStore(terminal, async (database, { audit: { key } }) => {
    await sealWaiting(database, key);
    return verifyChain(readAudit(database), { ...(key !== undefined && { key }), ...(noted && { noted }) });
  });
  if (values.json) terminal.print(`${JSON.stringify(verdict, undefined, 2)}\n`);
  else if (verdict.faults.length === 0) terminal.print(wholeText(verdict, words));
  if (verdict.faults.length > 0) throw new CommandError(words.cli.auditFaults(verdict.faults.slice(0, MAX_SHOWN).map(({ sequence, fault }) => words.cli.auditFault[fault](sequence)).join(' ')));
}

const MAX_SHOWN = 10;

/** What turns committed while nobody took it into the chain, such as before an unclean end. */
export async function sealWaiting(database: Database, key: string | undefined): Promise<void> {
  while (await sealAudit(database, key)) { /* batch after batch */ }
}

function exportLog(range: { readonly fromMs: number; readonly toMs: number } | undefined, terminal: Terminal): Promise<void> {
  return withStore(terminal, async (database, { audit: { key } }) => {
    await sealWaiting(database, key);
    for await (const { sequence, sealedAt, entry, hash, seal } of readAudit(database, range)) {
      terminal.print(`${JSON.stringify({ sequence, sealedAt, entry: JSON.parse(entry) as unknown, hash, seal })}\n`);
    }
  });
}

function wholeText({ rows, first, head, sealedFrom }: AuditVerdict, { cli }: Words): string {
  if (!head) return `${cli.auditEmpty}\n`;
  const lines = [cli.auditWhole(rows, first ?? 1, head.sequence), ...(sealedFrom.length > 0 ? [cli.auditSealedFrom(sealedFrom.join(', '))] : []), cli.auditHead(`${head.sequence}:${head.hash}`)];
  return `${lines.join('\n')}\n`;
}

function toHead(text: string | undefined, { cli }: Words): AuditHead | undefined {
  if (text === undefined) return undefined;
  const [, sequence, hash] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined) throw new CommandError(cli.head(text), 2);
  return { sequence: Number(sequence), hash };
}
