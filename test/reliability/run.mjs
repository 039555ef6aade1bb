import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Runs the reliability suite, or the rows that are named. Where nothing but a measured time or amount of memory was over its
 * bound (scorecard.ts), those rows are measured once more, alone, and have to hold then: two shared cores do not give the same
 * figures twice. Whatever else failed, failed.
 */
const results = join(import.meta.dirname, '../results/reliability');
const report = join(results, 'run.json');
const jest = join(import.meta.dirname, '../../node_modules/jest/bin/jest.js');

mkdirSync(results, { recursive: true });
const status = run(process.argv.slice(2));
const failed = status === 0 ? [] : failedFiles();
if (failed.length === 0 || !failed.every(({ isMeasured }) => isMeasured)) process.exit(status);
console.log(`\nMeasured once more, since a figure was over its bound: ${failed.map(({ path }) => basename(path, '.row.ts')).join(', ')}`);
process.exit(run(failed.map(({ path }) => path)));

function run(args) {
  return spawnSync(process.execPath, [jest, '--config', 'jest.reliability.config.cjs', '--json', '--outputFile', report, ...args], { stdio: 'inherit' }).status ?? 1;
}

function failedFiles() {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return testResults.filter((file) => file.status === 'failed').map((file) => {
    const failures = file.assertionResults.filter((test) => test.status === 'failed').flatMap((test) => test.failureMessages);
    return { path: file.name, isMeasured: failures.length > 0 && failures.every((message) => message.includes('Measured over its bound')) };
  });
}
