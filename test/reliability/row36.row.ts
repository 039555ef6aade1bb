import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { score } from './scorecard';

const appId = '11111111-2222-3333-4444-555555555555';
const password = 'Lq~8Q~a-secret-of-Entra';
const bot = { MicrosoftAppId: appId, MicrosoftAppTenantId: appId, MicrosoftAppPassword: password };

/** What is unsafe, the settings, and the one that has to be named. */
const unsafe: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['a public host without an app id', { HOST: '0.0.0.0' }, 'HOST'],
  ['every website', { ...bot, WEBCHAT_ALLOWED_ORIGINS: '*' }, 'WEBCHAT_ALLOWED_ORIGINS'],
  ['websites by wildcard', { ...bot, WEBCHAT_ALLOWED_ORIGINS: 'https://*.example.com' }, 'WEBCHAT_ALLOWED_ORIGINS'],
  ['any tenant', { ...bot, MicrosoftAppType: 'MultiTenant', ALLOWED_TENANTS: '*' }, 'ALLOWED_TENANTS'],
  ['no tenants for a bot of many tenants', { ...bot, MicrosoftAppType: 'MultiTenant' }, 'ALLOWED_TENANTS'],
  ['a service over plain http', { ...bot, SERVICE_URL_HOSTS: 'http://services.example.com' }, 'SERVICE_URL_HOSTS'],
  ['services by wildcard', { ...bot, SERVICE_URL_HOSTS: '*.example.com' }, 'SERVICE_URL_HOSTS'],
  ['a page over plain http', { ...bot, PUBLIC_URL: 'http://parley.example.com' }, 'PUBLIC_URL'],
  ['two processes on one SQLite file', { ...bot, REPLICAS: '2' }, 'REPLICAS'],
  ['a store on another machine without encryption', { ...bot, DATABASE_URL: 'postgres://parley:x@db.example.com/parley' }, 'DATABASE_URL'],
  ['the Emulator on a public host', { ...bot, ALLOW_EMULATOR: 'true' }, 'ALLOW_EMULATOR'],
  ['any bot as caller', { ...bot, AllowedCallers: '*' }, 'AllowedCallers'],
  ['a password out of an example', { ...bot, MicrosoftAppPassword: '<your-client-secret>' }, 'MicrosoftAppPassword'],
  ['a secret that can be guessed', { DIRECT_LINE_EMBEDDED_SECRET: 'secret' }, 'DIRECT_LINE_EMBEDDED_SECRET'],
  ['a password beside a managed identity', { ...bot, MicrosoftAppType: 'UserAssignedMSI' }, 'MicrosoftAppPassword'],
  ['a model key over plain http', { OPENAI_BASE_URL: 'http://models.example.com/v1', OPENAI_API_KEY: 'sk-0123456789', OPENAI_MODEL: 'm' }, 'OPENAI_BASE_URL'],
  ['certificates that nobody checks', { ...bot, NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
  ['an unknown cloud', { ...bot, ChannelService: 'https://botframework.example.com' }, 'ChannelService'],
];

interface End {
  readonly code: number | null;
  readonly said: string;
}

const LIMIT_MS = 60_000;

/** Runs a program of ours to its end, with these settings alone. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<End> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, args, { env: { PATH, HOME, TMPDIR, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
  const [code] = (await once(child, 'close')) as [number | null]; // code and signal, by the documentation of Node
  return { code, said };
}

test('row 36: unsafe settings keep the server from starting, which names the setting; what is installed is known and reviewed', async () => {
  const startedAt = performance.now();
  const ends: (End & { readonly what: string; readonly setting: string })[] = [];
  for (const [what, env, setting] of unsafe) ends.push({ ...(await run(['dist/server.mjs'], { DATABASE_URL: ':memory:', ...env })), what, setting });

  const started = ends.filter(({ code, said }) => code !== 1 || said.includes('is running'));
  const unnamed = ends.filter(({ said, setting }) => !new RegExp(`^- ${setting} .*\\b(must|Set)\\b.*\\.$`, 'm').test(said));
  const told = ends.filter(({ said }) => said.includes(password) || said.includes('sk-0123456789'));
  expect(started.map(({ what, said }) => `${what}: ${said}`)).toEqual([]);
  expect(unnamed.map(({ what, said }) => `${what}: ${said}`)).toEqual([]);
  expect(told.map(({ what }) => what)).toEqual([]);

  const supply = await run(['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', 'test/supply/run.mjs']); // as `npm run check:supply`
  expect(supply).toMatchObject({ code: 0 });
  score(36, { load: `${unsafe.length} unsafe configurations of the built server; lock file, SBOM, advisories`, figure: `${ends.length - started.length}/${ends.length} refused by name; supply check ${supply.code === 0 ? 'green' : 'red'}` });
  console.log(`row 36 took ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
});
