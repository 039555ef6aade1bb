import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where each file of rows leaves what it measured; the reporter (scorecardReporter.cjs) makes the table of it. */
const RESULTS = join(__dirname, '../results/reliability');

/** Begins the failure of a test whose only fault is a figure that depends on what else the machine does; run.mjs looks for it. */
const OVER = 'Measured over its bound';

let over: { readonly test: string; readonly figures: readonly string[] } = { test: '', figures: [] };

const currentTest = (): string => expect.getState().currentTestName ?? '';

/**
 * A time or an amount of memory and its bound. One that is over fails the test in `score`, after all other expects: a row
 * that loses or doubles anything never passes for slow.
 */
export function expectMeasured(figure: number) {
  const check = (isWithin: boolean, bound: string): void => {
    if (!isWithin) over = { test: currentTest(), figures: [...figuresOver(), `${figure} is not ${bound}`] };
  };
  return {
    toBeLessThan: (bound: number) => check(figure < bound, `below ${bound}`),
    toBeLessThanOrEqual: (bound: number) => check(figure <= bound, `${bound} or below`),
  };
}

const figuresOver = (): readonly string[] => (over.test === currentTest() ? over.figures : []);

/**
 * Writes what row `row` of the scorecard put on the bot, and what it measured. Called at the end of a test, after its
 * expects: a test that failed leaves nothing. A row of several tests leaves a line of each.
 * Throws where a figure was over its bound.
 */
export function score(row: number, entry: { readonly load: string; readonly figure: string }): void {
  if (figuresOver().length > 0) throw new Error(`${OVER}: ${figuresOver().join('; ')} (${entry.figure})`);
  const file = basename(expect.getState().testPath ?? 'unknown', '.row.ts');
  mkdirSync(RESULTS, { recursive: true });
  appendFileSync(join(RESULTS, `${file}.jsonl`), `${JSON.stringify({ row, ...entry })}\n`);
}
