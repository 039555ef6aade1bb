// `npm run check:supply`: what is installed, checked without a network, and the bill of materials (CycloneDX) of what runs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { findProblems, missingFromSbom } from './supply.ts';

const SBOM = 'dist/sbom.cdx.json';

const readText = (path) => readFileSync(path, 'utf8');
const readJson = (path) => JSON.parse(readText(path));

const lock = readJson('package-lock.json');
const problems = [
  ...findProblems({
    manifest: readJson('package.json'),
    lock,
    review: readJson('docs/advisories.json'),
    contributing: readText('CONTRIBUTING.md'),
    npmrc: readText('.npmrc'),
  }),
  ...missingFromSbom(lock, makeSbom()).map((name) => `${name} is not in ${SBOM}.`),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

/** Throws where npm finds the tree of production packages broken, or the result is no valid CycloneDX. */
function makeSbom() {
  mkdirSync('dist', { recursive: true });
  const options = ['--package-lock-only', '--omit', 'dev', '--flatten-components', '--output-reproducible', '--validate'];
  execFileSync(process.execPath, ['node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js', ...options, '--output-file', SBOM], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return readJson(SBOM);
}
