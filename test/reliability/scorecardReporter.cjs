const { existsSync, readFileSync, rmSync } = require('node:fs');
const { basename, join } = require('node:path');

const RESULTS = join(__dirname, '../results/reliability');

const range = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** The rows of the scorecard. */
const ROWS = range(1, 36);

/**
 * Prints the scorecard when the suite has ended, and fails the run where a row has no result. When only some files or
 * tests were asked for, the table has the rows that ran.
 */
module.exports = class ScorecardReporter {
  constructor(globalConfig) {
    const { testPathPatterns, testNamePattern, onlyChanged } = globalConfig;
    this.isWhole = testPathPatterns.patterns.length === 0 && !testNamePattern && !onlyChanged;
  }

  onTestFileStart({ path }) {
    rmSync(resultsOf(path), { force: true });
  }

  onRunComplete(_contexts, { testResults, startTime }) {
    const outcomes = outcomesOf(testResults);
    const scores = testResults.flatMap(({ testFilePath }) => readScores(testFilePath));
    const asked = this.isWhole ? ROWS : [...outcomes.keys()].sort((a, b) => a - b);
    const rows = asked.map((row) => lineOf(row, outcomes.get(row), scores.filter((score) => score.row === row)));
    this.missing = rows.filter(({ result }) => result === 'missing').map(({ row }) => row);
    console.log(`\n${toTable(rows)}\n\n${rows.filter(({ result }) => result === 'passed').length} of ${rows.length} rows passed in ${seconds(Date.now() - startTime)}.`);
  }

  getLastError() {
    return this.missing?.length > 0 ? new Error(`Rows without a result: ${this.missing.join(', ')}.`) : undefined;
  }
};

/** Row -> how its tests ended. The name of each begins with "row N: ". */
function outcomesOf(testResults) {
  const outcomes = new Map();
  for (const test of testResults.flatMap((file) => file.testResults)) {
    const row = Number(/^row (\d+): /.exec(test.title)?.[1]);
    if (Number.isNaN(row) || test.status === 'pending') continue;
    const before = outcomes.get(row) ?? { passed: 0, failed: 0, durationMs: 0 };
    const isPassed = test.status === 'passed';
    outcomes.set(row, { passed: before.passed + (isPassed ? 1 : 0), failed: before.failed + (isPassed ? 0 : 1), durationMs: before.durationMs + (test.duration ?? 0) });
  }
  return outcomes;
}

/** A test that passed without a score has shown no figure: its row is missing. */
function lineOf(row, outcome, scores) {
  const load = scores.map((score) => score.load).join('; ');
  const figure = scores.map((score) => score.figure).join('; ');
  const time = outcome ? seconds(outcome.durationMs) : '';
  if (outcome?.failed > 0) return { row, load, result: 'FAILED', time, figure };
  if (!outcome || scores.length < outcome.passed) return { row, load, result: 'missing', time, figure };
  return { row, load, result: 'passed', time, figure };
}

const resultsOf = (testFile) => join(RESULTS, `${basename(testFile, '.row.ts')}.jsonl`);

function readScores(testFile) {
  const file = resultsOf(testFile);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

function toTable(rows) {
  const columns = ['row', 'load', 'result', 'time', 'figure'];
  const cells = [columns, ...rows.map((line) => columns.map((column) => String(line[column])))];
  const widths = columns.map((_, index) => Math.min(60, Math.max(...cells.map((line) => line[index].length))));
  const toLine = (line) => line.map((cell, index) => (index === 0 ? cell.padStart(widths[index]) : cell.padEnd(widths[index]))).join(' | ').trimEnd();
  return [toLine(cells[0]), widths.map((width) => '-'.repeat(width)).join('-|-'), ...cells.slice(1).map(toLine)].join('\n');
}
