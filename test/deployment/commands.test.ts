import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../bot/config';
import { startServerProcess } from '../helpers/serverProcess';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { readDockerfile } from './dockerfile';

const run = promisify(execFile);
const folder = temporaryFolder();
afterAll(() => folder.remove());

/** Commands in the blocks of a page, one a line, with the lines that a backslash joins. */
function commandsIn(page: string): readonly string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.replace(/\\\n\s*/g, '').split('\n')).map((line) => line.replace(/^\$ /, '').trim()).filter((line) => line !== '');
}

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Without a network: whether the lock is whole and fits package.json, which is what makes "npm ci" fail. */
const npmCi = async (): Promise<void> => {
  const { stderr } = await run('npm', ['ci', '--dry-run', '--offline'], { maxBuffer: 16 * 1024 * 1024 });
  expect(stderr).not.toMatch(/npm error/);
};

/** `npm start` builds and runs this; "npm test" has built it. */
const npmStart = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
  expect(scripts['start']).toMatch(/^npm run -s build && exec node .*dist\/server\.mjs$/);
  const server = await startServerProcess({ DATABASE_URL: join(folder.path, 'commands.db'), ...env });
  try {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  } finally {
    await server.end('SIGTERM');
  }
};

const parley = async (...args: readonly string[]): Promise<string> => {
  expect(scripts['parley']).toBe('npm run -s build && node dist/parley.mjs');
  return (await run(process.execPath, ['dist/parley.mjs', ...args], { env: { DATABASE_URL: join(folder.path, 'cli.db') } })).stdout;
};

/** How each command that needs no Azure is tried here. The first pattern that fits a command is its row. */
const tried: readonly (readonly [RegExp, (command: string) => Promise<void>])[] = [
  [/^npm ci && npm start$/, async () => {
    await npmCi();
    await npmStart();
  }],
  [/^npm ci && npm test$/, async () => {
    await npmCi();
    for (const script of ['lint', 'typecheck', 'build', 'check:supply']) expect(scripts).toHaveProperty([script]);
    expect(scripts['test']).toMatch(/&& jest$/); // which is what runs now
  }],
  [/^npm ci$/, npmCi],
  [/^npm run (?:-s )?parley -- summarize (\S+) --max-words (\d+)$/, async (command) => {
    const [, path = '', words = ''] = /summarize (\S+) --max-words (\d+)/.exec(command) ?? [];
    expect((await parley('summarize', path, '--max-words', words)).length).toBeGreaterThan(100);
  }],
  [/^OPENAI_BASE_URL=\S+ OPENAI_MODEL=\S+ npm start$/, async (command) => {
    const env = Object.fromEntries([...command.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
    expect(loadConfig(env).deployments.chat).toHaveLength(1);
    await npmStart(env);
  }],
  [/^cp (\S+) deployment\/main\.bicepparam$/, async (command) => {
    expect(existsSync(command.split(' ')[1] ?? '')).toBe(true);
  }],
  [/^npm run parley -- teams-package --env \S+$/, async () => {
    expect(scripts).toHaveProperty('parley'); // test/cli has a suite of its own for it
  }],
  [/^docker build -f (\S+) /, async (command) => {
    const [, path = ''] = /-f (\S+)/.exec(command) ?? [];
    expect(readDockerfile(readFileSync(path, 'utf8')).stages).toHaveLength(3); // container.test.ts does what it says
  }],
  [/^docker run --read-only --tmpfs \/tmp -v \S+:\/parley\/data /, async () => {
    expect(readFileSync('deployment/Dockerfile', 'utf8')).toContain('VOLUME /parley/data');
  }],
];

/** What needs a subscription, a server or an app registration, by how it begins; and SQL, which needs the server. */
const needsAzure = [/^azd (?:auth login|env (?:new|set|get-values)|up|deploy|provision|down)\b/, /^az [a-z-]+ /, /^select \* from pgaadauth_create_principal/, /^grant /];

describe.each(['README.md', 'deployment/README.md'])('%s', (page) => {
  const commands = [...new Set(commandsIn(page))];
  const local = commands.filter((command) => !needsAzure.some((pattern) => pattern.test(command)));

  test('has commands, and each is known here', () => {
    expect(commands.length).toBeGreaterThan(2);
    expect(local.filter((command) => !tried.some(([pattern]) => pattern.test(command)))).toEqual([]);
  });

  test.each(local)('"%s" works', async (command) => {
    await tried.find(([pattern]) => pattern.test(command))?.[1](command);
  });

  test('points to files and headings that there are', () => {
    const text = readFileSync(page, 'utf8');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^https?:/.test(link));
    for (const link of links) {
      const [path = '', heading] = link.split('#');
      const target = path === '' ? page : join(page, '..', path);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (heading !== undefined) expect([link, headingsOf(target)]).toEqual([link, expect.arrayContaining([heading])]);
    }
  });
});

/** As GitHub names them. */
const headingsOf = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, '').trim().replaceAll(' ', '-'));

test('azd commands set variables that the files of parameters read', () => {
  const read = ['small', 'enterprise'].flatMap((size) => [...readFileSync(`deployment/${size}.bicepparam`, 'utf8').matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name]) => name));
  const set = commandsIn('deployment/README.md').flatMap((command) => /^azd env set (\w+)/.exec(command)?.[1] ?? []);
  expect(set.length).toBeGreaterThan(3);
  expect(set.filter((name) => !read.includes(name))).toEqual([]);
});

test('every page that lists what is not verified says what, why, and how to', () => {
  const rows = readFileSync('docs/not-verified-live.md', 'utf8').split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  expect(rows[0]).toEqual(['what', 'why', 'how to verify in ten minutes']);
  expect(rows.length).toBeGreaterThan(5);
  for (const row of rows) expect([row[0], row.length, row.every((cell) => cell !== '')]).toEqual([row[0], 3, true]);
});
