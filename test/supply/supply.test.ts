import { readFileSync } from 'node:fs';
import { findProblems, missingFromSbom, type SupplyFiles } from './supply';

// A small project in which all is well; each test breaks one thing.
const INTEGRITY = `sha512-${'A'.repeat(86)}==`;

const advisory = {
  package: 'left',
  id: 'GHSA-2222-3333-4444',
  severity: 'high',
  affected: '<1.2.0',
  isReached: false,
  action: 'avoided',
  reason: 'The lock installs a version beyond the range.',
  reviewed: '2026-11-22',
};

interface Draft {
  manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string>; allowScripts: Record<string, boolean> };
  lock: { lockfileVersion: number; packages: Record<string, Record<string, unknown>> };
  review: { about: string; advisories: object[] };
  contributing: string;
  npmrc: string;
}

function goodFiles(): Draft {
  return {
    manifest: { dependencies: { left: '1.2.0' }, devDependencies: { '@tools/right': '2.0.0' }, allowScripts: { '@tools/right': false } },
    lock: {
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { left: '1.2.0' }, devDependencies: { '@tools/right': '2.0.0' } },
        'node_modules/left': { version: '1.2.0', integrity: INTEGRITY },
        'node_modules/@tools/right': { version: '2.0.0', integrity: INTEGRITY, dev: true, hasInstallScript: true },
      },
    },
    review: { about: 'test', advisories: [advisory] },
    contributing: '## Why each dependency is here\n\n| package | why |\n|---|---|\n| left, @tools/* (dev) | reasons |\n',
    npmrc: 'ignore-scripts=true\n',
  };
}

/** What is said of the project after one change. */
function problemsAfter(change: (files: Draft) => void): readonly string[] {
  const files = goodFiles();
  change(files);
  return findProblems(files);
}

const left = (files: Draft): Record<string, unknown> => files.lock.packages['node_modules/left'] ?? {};
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('the check of what is installed', () => {
  test('finds nothing wrong with this project', () => {
    const files: SupplyFiles = {
      manifest: readJson('package.json'),
      lock: readJson('package-lock.json'),
      review: readJson('docs/advisories.json'),
      contributing: readFileSync('CONTRIBUTING.md', 'utf8'),
      npmrc: readFileSync('.npmrc', 'utf8'),
    };
    expect(findProblems(files)).toEqual([]);
  });

  test('finds nothing wrong with the small project', () => {
    expect(problemsAfter(() => undefined)).toEqual([]);
  });

  const breakages: [string, (files: Draft) => void, RegExp][] = [
    ['an installed version that is affected', (files) => (files.review.advisories = [{ ...advisory, affected: '<=1.2.0' }]), /left 1\.2\.0 is affected by GHSA-2222-3333-4444/],
    [
      'an affected copy deeper in the tree',
      (files) => (files.lock.packages['node_modules/@tools/right/node_modules/left'] = { version: '1.1.9', integrity: INTEGRITY }),
      /right\/node_modules\/left 1\.1\.9 is affected/,
    ],
    [
      'an affected prerelease',
      (files) => (files.lock.packages['node_modules/@tools/right/node_modules/left'] = { version: '1.2.0-beta.1', integrity: INTEGRITY }),
      /1\.2\.0-beta\.1 is affected/,
    ],
    ['an acceptance that nothing needs', (files) => (files.review.advisories = [{ ...advisory, action: 'accepted' }]), /no installed left is affected any more/],
    ['a resolved address', (files) => (left(files)['resolved'] = 'https://registry.example/left.tgz'), /left has a resolved address/],
    ['a missing integrity', (files) => delete left(files)['integrity'], /left has no sha512 integrity/],
    ['a weak integrity', (files) => (left(files)['integrity'] = 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='), /left has no sha512 integrity/],
    [
      'a package from git',
      (files) => (files.lock.packages['node_modules/up'] = { version: 'git+ssh://git@github.com/up/up.git#1a2b3c', integrity: INTEGRITY }),
      /up does not come from the registry/,
    ],
    ['a linked folder', (files) => (files.lock.packages['node_modules/left'] = { link: true, integrity: INTEGRITY, version: '1.2.0' }), /left does not come from the registry/],
    ['a package that wants another from git', (files) => (left(files)['dependencies'] = { up: 'github:up/up' }), /left wants up from outside/],
    ['a package that wants another by URL', (files) => (left(files)['dependencies'] = { up: 'https://example.com/up.tgz' }), /left wants up from outside/],
    ['a dependency that the lock does not know', (files) => (files.manifest.dependencies['@tools/up'] = '1.0.0'), /@tools\/up: package\.json says 1\.0\.0, the lock says nothing/],
    ['a dependency that only the lock knows', (files) => delete files.manifest.dependencies['left'], /left: package\.json says nothing, the lock says 1\.2\.0/],
    ['another version in the lock', (files) => (left(files)['version'] = '1.3.0'), /left: package\.json wants 1\.2\.0, the lock installs 1\.3\.0/],
    ['a dependency without a reason', (files) => (files.contributing = files.contributing.replace('left, ', '')), /left: CONTRIBUTING\.md does not say why/],
    ['a reason that stands elsewhere', (files) => (files.contributing = `| left |\n${files.contributing.replace('left, ', '')}`), /left: CONTRIBUTING\.md does not say why/],
    ['an install script that nobody looked at', (files) => delete files.manifest.allowScripts['@tools/right'], /@tools\/right has an install script/],
    ['a script that is no longer there', (files) => (files.manifest.allowScripts['left'] = false), /allowScripts names left/],
    ['scripts that would run', (files) => (files.npmrc = '# ignore-scripts=true\n'), /does not say ignore-scripts=true/],
  ];
  test.each(breakages)('finds %s', (_, change, problem) => {
    expect(problemsAfter(change)).toEqual([expect.stringMatching(problem)]);
  });

  test('takes an affected version that is accepted with a reason', () => {
    expect(problemsAfter((files) => (files.review.advisories = [{ ...advisory, affected: '<2', action: 'accepted' }]))).toEqual([]);
  });

  test.each([
    ['without a reason', { reason: '' }],
    ['with an invented id', { id: 'GHSA-1' }],
    ['with a range that cannot be read', { affected: 'before 1.2' }],
    ['without the date of its review', { reviewed: 'today' }],
    ['with a field that nobody reads', { note: 'x' }],
  ])('refuses an advisory %s', (_, fields) => {
    expect(() => problemsAfter((files) => (files.review.advisories = [{ ...advisory, ...fields }]))).toThrow();
  });
});

describe('the bill of materials', () => {
  const sbomOf = (...names: string[]): object => ({ bomFormat: 'CycloneDX', components: names.map((name) => ({ name, version: '1.2.0' })) });

  test('names every production package', () => {
    expect(missingFromSbom(goodFiles().lock, sbomOf('left'))).toEqual([]);
  });

  test('is not enough where a production package is missing, or there in another version only', () => {
    expect(missingFromSbom(goodFiles().lock, sbomOf('up'))).toEqual(['left@1.2.0']);
    expect(missingFromSbom(goodFiles().lock, { bomFormat: 'CycloneDX', components: [{ name: 'left', version: '1.1.0' }] })).toEqual(['left@1.2.0']);
  });

  test('finds packages of a scope by scope and name', () => {
    const files = goodFiles();
    files.lock.packages['node_modules/@tools/right'] = { version: '1.2.0', integrity: INTEGRITY };
    expect(missingFromSbom(files.lock, { bomFormat: 'CycloneDX', components: [{ name: 'left', version: '1.2.0' }, { group: '@tools', name: 'right', version: '1.2.0' }] })).toEqual([]);
  });

  test('must be CycloneDX', () => {
    expect(() => missingFromSbom(goodFiles().lock, { spdxVersion: 'SPDX-2.3' })).toThrow();
  });
});
