import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const step = z.strictObject({
  name: z.string().optional(), id: z.string().optional(), if: z.string().optional(), uses: z.string().optional(), run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(), env: z.record(z.string(), z.string()).optional(),
});
const permissions = z.record(z.string(), z.enum(['read', 'write', 'none']));
const job = z.object({
  'runs-on': z.string(),
  'timeout-minutes': z.number(),
  permissions: permissions.optional(),
  needs: z.string().optional(),
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.union([z.string(), z.number()]))) }).optional(),
  steps: z.array(step),
});
const workflow = z.object({ name: z.string(), on: z.record(z.string(), z.unknown()), permissions, jobs: z.record(z.string(), job) });

const folder = '.github/workflows';
const workflows = readdirSync(folder).map((file) => [file, workflow.parse(parse(readFileSync(`${folder}/${file}`, 'utf8')))] as const);
const named = (name: string): z.infer<typeof workflow> => new Map(workflows).get(name)!;
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const steps = ({ jobs }: z.infer<typeof workflow>): readonly z.infer<typeof step>[] => Object.values(jobs).flatMap((each) => each.steps);
const commands = (file: string): string => steps(named(file)).map(({ run = '' }) => run).join('\n');
const uses = (file: string): readonly string[] => steps(named(file)).flatMap(({ uses: action }) => (action === undefined ? [] : [action.split('@')[0]!]));

describe.each(workflows)('%s', (_file, given) => {
  test('has few rights, and ends some time', () => {
    expect(given.permissions).toEqual({ contents: 'read' });
    expect(Object.keys(given.on)).not.toContain('pull_request_target');
    for (const each of Object.values(given.jobs)) expect(each['timeout-minutes']).toBeLessThanOrEqual(90);
  });

  test('runs scripts and reads files that there are', () => {
    const shell = steps(given).map(({ run = '' }) => run).join('\n');
    for (const [, script = ''] of shell.matchAll(/npm run (?:-s )?([\w:]+)/g)) expect(scripts).toHaveProperty([script]);
    if (/npm test/.test(shell)) expect(scripts).toHaveProperty('test');
    const files = [...shell.matchAll(/(?:--file|--template-file|--parameters) ((?:deployment|docs)\/[\w./-]+)/g)].map(([, path = '']) => path);
    const named_ = steps(given).flatMap(({ with: options = {} }) => [options['file']]).filter((each) => typeof each === 'string');
    for (const path of [...files, ...named_]) expect([path, existsSync(path)]).toEqual([path, true]);
  });

  test('pins each action by a tag or a commit, and checks the code out before it uses it', () => {
    for (const { uses: action = 'a/b@v1' } of steps(given)) expect(action).toMatch(/^[\w-]+\/[\w./-]+@(?:v?\d+(?:\.\d+)*|[0-9a-f]{40})$/);
    for (const each of Object.values(given.jobs)) expect(each.steps[0]?.uses).toMatch(/^actions\/checkout@/);
  });

  test('puts nothing of others into a shell: what a title or a branch says would run there', () => {
    for (const { run = '' } of steps(given)) expect(run).not.toMatch(/\$\{\{/);
  });
});

test('the gate runs on each Node and each system, with the Node that it names', () => {
  const { jobs } = named('ci.yml');
  expect(jobs['gate']?.strategy?.matrix).toEqual({ os: ['ubuntu-latest', 'windows-latest', 'macos-latest'], node: [22, 24, 26] });
  const run = commands('ci.yml');
  expect(run.indexOf('npm ci')).toBeLessThan(run.indexOf('rm -rf node_modules/.bin/node '));
  expect(run.indexOf('rm -rf node_modules/.bin/node ')).toBeLessThan(run.indexOf('npm test'));
  const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { optionalDependencies: Record<string, string> };
  for (const name of Object.keys(optionalDependencies)) expect(run).toContain(`node_modules/${name}`);
});

test('what the issue asks for is there: reliability, CodeQL, audit, bill of materials, image, scan, Bicep, release', () => {
  expect(commands('reliability.yml')).toContain('npm run test:reliability');
  expect(uses('codeql.yml')).toEqual(expect.arrayContaining(['github/codeql-action/init', 'github/codeql-action/analyze']));
  expect(commands('supply.yml')).toContain('npm audit --omit=dev');
  expect(JSON.stringify(steps(named('supply.yml')))).toContain('dist/sbom.cdx.json');
  expect(uses('container.yml')).toEqual(expect.arrayContaining(['docker/build-push-action', 'aquasecurity/trivy-action']));
  expect(commands('container.yml')).toMatch(/--read-only[\s\S]*docker stop/);
  expect(commands('infrastructure.yml')).toMatch(/az bicep lint[\s\S]*az bicep build[\s\S]*what-if/);
  expect(uses('release.yml')).toContain('actions/attest-build-provenance');
  expect(named('release.yml').on).toEqual({ push: { tags: ['v*'] } });
  expect(named('release.yml').jobs['release']?.permissions).toEqual({ contents: 'write', packages: 'write', 'id-token': 'write', attestations: 'write' });
});

test('both files of parameters get every variable that they need', () => {
  const { jobs } = named('infrastructure.yml');
  const given = Object.keys(jobs['lint']?.steps.find(({ env }) => env)?.env ?? {});
  for (const size of ['small', 'enterprise']) {
    const needed = [...readFileSync(`deployment/${size}.bicepparam`, 'utf8').matchAll(/readEnvironmentVariable\('(\w+)'\)/g)].map(([, name]) => name);
    expect(needed.filter((name) => !given.includes(name!))).toEqual([]);
  }
});
