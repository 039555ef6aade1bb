import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where each file of rows leaves what it measured; the reporter (scorecardReporter.cjs) makes the table of it. */
const RESULTS = join(__dirname, '../results/reliability');

/**
 * Writes what row `row` of the scorecard put on the bot, and what it measured. Called at the end of a test, after its
 * expects: a test that failed leaves nothing. A row of several tests leaves a line of each.
 */
export function score(row: number, entry: { readonly load: string; readonly figure: string }): void {
  const file = basename(expect.getState().testPath ?? 'unknown', '.row.ts');
  mkdirSync(RESULTS, { recursive: true });
  appendFileSync(join(RESULTS, `${file}.jsonl`), `${JSON.stringify({ row, ...entry })}\n`);
}
