import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { examine, type DoctorOptions } from '../../bot/doctor/doctor';
import type { Environment } from '../../bot/config';
import { wordsFor } from '../../cards/words';
import { runDoctor } from '../../cli/doctor';
import { CommandError } from '../../cli/command';
import { openDatabase } from '../../state/openDatabase';
import { parseThread } from '../../threads/parse';
import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import { deploymentNotFound, outOfQuota, promptFiltered, say, serverError, tooManyRequests, unauthorized, unsupportedParameter, type Script } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startHttpServer, type HttpServer, type ServerAnswer } from '../helpers/httpServer';
import { startParley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';

const KEY = 'the-key-that-nobody-may-read';
const PASSWORD = 'the-password-that-nobody-may-read';
const folder = temporaryFolder();
let model: FakeModelServer;
let identity: FakeIdentity;
let databaseUrl: string;
const opened: HttpServer[] = [];

beforeAll(async () => {
  model = await startFakeModelServer();
  identity = await startFakeIdentity({ password: PASSWORD });
  databaseUrl = join(folder.path, 'parley.db');
  await (await openDatabase(databaseUrl)).close();
});
beforeEach(() => model.answerWith(() => say('{"ready": true}')));
afterEach(() => Promise.all(opened.splice(0).map((server) => server.close())));
afterAll(async () => {
  await model.close();
  await identity.close();
  folder.remove();
});

const azure = (): Environment => ({ AZURE_OPENAI_ENDPOINT: model.url, AZURE_OPENAI_API_KEY: KEY, AZURE_OPENAI_DEPLOYMENT: 'gpt' });

interface Visit {
  readonly lines: readonly string[];
  readonly failed: boolean;
  readonly output: string;
}

async function visit(env: Environment, options: DoctorOptions = {}, args: readonly string[] = []): Promise<Visit> {
  let output = '';
  const terminal = { words: wordsFor('en'), env: { DATABASE_URL: databaseUrl, ...env }, stdin: Readable.from([]), print: (text: string) => void (output += text), readThread: parseThread };
  const failure: unknown = await runDoctor(args, terminal, (given) => examine(given, { edges: { authorityUrl: identity.authorityUrl }, ...options })).catch((error: unknown) => error);
  expect(failure ?? new CommandError('')).toBeInstanceOf(CommandError);
  const said = `${output}\n${failure instanceof Error ? failure.message : ''}`;
  expect(said).not.toMatch(/nobody-may-read/);
  return { lines: output.trim().split('\n'), failed: failure !== undefined, output };
}

const lineOf = ({ lines }: Visit, title: string): string => lines.find((line) => line.slice(6).startsWith(title)) ?? '';

const serve = async (answer: ServerAnswer | ((path: string, text: string) => ServerAnswer)): Promise<HttpServer> => {
  const server = await startHttpServer(({ path, text }) => (typeof answer === 'function' ? answer(path, text) : answer));
  opened.push(server);
  return server;
};

test('finds nothing wrong where nothing is, in one line for each thing', async () => {
  const found = await visit(azure());
  expect(found.failed).toBe(false);
  expect(found.lines.map((line) => line.replace(/ \(\d+ ms\)/, ''))).toEqual([
    'ok    Settings: all of them can be used.',
    'ok    Store: it is reached, up to date, and can be written to.',
    'ok    AI model chat gpt: it answers as Parley needs it.',
    'ok    Bot: there is no MicrosoftAppId: only this machine can talk to it.',
    'ok    Messaging endpoint: this machine only. Set PUBLIC_URL to have it checked.',
    'ok    Direct Line: the embedded service is used.',
  ]);
});

test('as JSON it gives programs the same, with codes', async () => {
  const { failed, output } = await visit({ ...azure(), OPENAI_API_KEY: KEY }, {}, ['--json']);
  expect(failed).toBe(true);
  expect(JSON.parse(output)).toMatchObject({ failures: 2, checks: [{ area: 'settings', code: 'setting', level: 'failure', message: expect.stringContaining('both set') }, { code: 'setting' }] });
});

test('looks at nothing else where the settings cannot be used, and tells of odd ones', async () => {
  const wrong = await visit({ PORT: 'many', RETENTION_DAYS: '-1' });
  expect(wrong.failed).toBe(true);
  expect(wrong.lines).toEqual([expect.stringContaining('FAIL  Settings: PORT'), expect.stringContaining('FAIL  Settings: RETENTION_DAYS')]);
  const odd = await visit({ ALLOWED_TENANT: 'x' });
  expect(odd.failed).toBe(false);
  expect(odd.lines[0]).toMatch(/^look {2}Settings: ALLOWED_TENANT is no setting/);
});

describe('each deployment', () => {
  const cases: readonly (readonly [string, Script, RegExp])[] = [
    ['a wrong key', unauthorized(), /^FAIL .*refused us \(401 401\)\. Set the right key/],
    ['a role that is missing', unauthorized(403), /^FAIL .*refused us \(403.*Cognitive Services OpenAI User/],
    ['a deployment that is not there', deploymentNotFound(), /^FAIL .*no deployment or model of this name \(404 DeploymentNotFound\)/],
    ['a model of another kind', { kind: 'refusal', status: 400, body: { error: { code: 'OperationNotSupported', message: 'The chatCompletion operation does not work with the specified model.' } } }, /^FAIL .*does something else \(400 OperationNotSupported\)/],
    ['no capacity', tooManyRequests(), /^look .*no capacity left just now \(429/],
    ['money that is used up', outOfQuota(), /^FAIL .*used up \(429 insufficient_quota\)/],
    ['a service that fails', serverError(503), /^FAIL .*the service failed \(503/],
    ['an answer that is not JSON', say('Yes, I am ready.'), /^look .*does not keep to a JSON schema/],
    ['a filter that works', promptFiltered(), /^ok {4}/],
  ];
  test.each(cases)('%s', async (_name, script, line) => {
    model.answerWith(() => script);
    const found = await visit(azure());
    expect(lineOf(found, 'AI model')).toMatch(line);
    expect(found.failed).toBe(found.lines.some((each) => each.startsWith('FAIL')));
  });

  test('a model that knows no JSON schema', async () => {
    model.answerWith(({ body }) => (body.response_format?.type === 'json_schema' ? unsupportedParameter('response_format') : say('{"ready": true}')));
    expect(lineOf(await visit(azure()), 'AI model')).toMatch(/^look .*JSON schema/);
  });

  test('a server that does not stream', async () => {
    const whole = { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: '{"ready": true}' }, finish_reason: 'stop' }] };
    const { url } = await serve({ status: 200, body: whole });
    expect(lineOf(await visit({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'm' }), 'AI model')).toMatch(/^FAIL .*does not stream/);
  });

  test('a page in place of the API', async () => {
    const { url } = await serve({ status: 200, headers: { 'content-type': 'text/html' }, text: '<h1>Welcome</h1>' });
    expect(lineOf(await visit({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'm' }), 'AI model')).toMatch(/^FAIL .*no answer of such a model/);
  });

  test('a wrong path, a server that is gone, and one that hangs', async () => {
    const missing = await serve({ status: 404, text: 'nothing' });
    expect(lineOf(await visit({ OPENAI_BASE_URL: `${missing.url}/v1`, OPENAI_MODEL: 'm' }), 'AI model')).toMatch(/^FAIL .*nothing at this address \(404\)/);
    const gone = await startHttpServer(() => 'hang');
    await gone.close();
    expect(lineOf(await visit({ OPENAI_BASE_URL: `${gone.url}/v1`, OPENAI_MODEL: 'm' }), 'AI model')).toMatch(/^FAIL .*cannot be reached \(ECONNREFUSED\)/);
    const hanging = await serve('hang');
    expect(lineOf(await visit({ OPENAI_BASE_URL: `${hanging.url}/v1`, OPENAI_MODEL: 'm' }, { limitMs: 1_000 }), 'AI model')).toMatch(/^FAIL .*no answer within 1 seconds/);
  });

  test('each of the table is asked in its own way, and what is asked in words once', async () => {
    const all = { AZURE_OPENAI_CODE_DEPLOYMENT: 'gpt', AZURE_OPENAI_EMBEDDINGS_DEPLOYMENT: 'vectors', AZURE_OPENAI_IMAGES_DEPLOYMENT: 'pictures', AZURE_OPENAI_TRANSCRIBE_DEPLOYMENT: 'ears', AZURE_OPENAI_SPEAK_DEPLOYMENT: 'voice', AZURE_OPENAI_MODERATE_DEPLOYMENT: 'judge' };
    const before = model.calls.length;
    model.media.script('transcriptions', { kind: 'json', body: { text: '' } });
    const { lines, failed } = await visit({ ...azure(), ...all });
    expect(lines.filter((line) => line.includes('AI model')).map((line) => line.replace(/: .*/, ''))).toEqual(['ok    AI model chat gpt', 'ok    AI model embeddings vectors', 'ok    AI model images pictures', 'ok    AI model transcribe ears', 'ok    AI model speak voice', 'ok    AI model moderate judge']);
    expect([failed, model.calls.length - before]).toEqual([false, 1]);
  });
});

describe('the store', () => {
  const store = async (url: string): Promise<string> => lineOf(await visit({ DATABASE_URL: url }), 'Store');

  test('that is not there yet is not made', async () => {
    const path = join(folder.path, 'new.db');
    expect(await store(path)).toMatch(/^look .*made at the first start/);
    expect(existsSync(path)).toBe(false);
  });

  test('that lacks steps of the schema is left as it is', async () => {
    const path = join(folder.path, 'old.db');
    const old = new DatabaseSync(path);
    old.exec('CREATE TABLE migrations (id TEXT PRIMARY KEY, applied_at TEXT NOT NULL)');
    old.close();
    expect(await store(path)).toMatch(/^look .*\d+ steps of its schema are missing/);
    const after = new DatabaseSync(path);
    expect(after.prepare('SELECT name FROM sqlite_master').all()).toHaveLength(2); // with its index
    after.close();
  });

  test('that is no store, or a server that is gone', async () => {
    const path = join(folder.path, 'text.db');
    writeFileSync(path, 'This is a letter, and no database at all. '.repeat(100));
    expect(await store(path)).toMatch(/^FAIL .*cannot be opened/);
    expect(await store(`postgresql://parley:${PASSWORD}@127.0.0.1:1/parley`)).toMatch(/^FAIL .*cannot be opened/);
    expect(readFileSync(path, 'utf8')).toMatch(/^This is a letter/);
  });

  test('that cannot be written to', async () => {
    const path = join(folder.path, 'locked.db');
    await (await openDatabase(path)).close();
    chmodSync(path, 0o444);
    // the one who may do everything may write here too; a trigger of the file's own would not stop a new table
    const isAllPowerful = process.getuid?.() === 0;
    expect(await store(path)).toMatch(isAllPowerful ? /^ok/ : /^FAIL .*(?:not written to|cannot be opened)/);
  });
});

describe('the bot', () => {
  const withBot = (more: Environment = {}): Environment => ({ MicrosoftAppId: identity.account.appId, MicrosoftAppTenantId: identity.account.tenantId, MicrosoftAppPassword: PASSWORD, ...more });

  test('gets its token', async () => {
    const found = await visit(withBot());
    expect(lineOf(found, 'Bot')).toMatch(/^ok .*Entra ID gives its token/);
    expect(lineOf(found, 'Messaging')).toMatch(/^look .*PUBLIC_URL is not set/);
    expect(found.failed).toBe(false);
  });

  test('is refused', async () => {
    const found = await visit(withBot({ MicrosoftAppPassword: `not ${PASSWORD}` }));
    expect(lineOf(found, 'Bot')).toMatch(/^FAIL .*Entra ID refuses it/);
    expect(found.failed).toBe(true);
  });

  test('gets no answer', async () => {
    const gone = await startHttpServer(() => 'hang');
    await gone.close();
    expect(lineOf(await visit(withBot(), { edges: { authorityUrl: gone.url } }), 'Bot')).toMatch(/^FAIL .*gave no token/);
  });
});

describe('the messaging endpoint', () => {
  const endpoint = async (url: string, env: Environment = {}, options: DoctorOptions = {}): Promise<string> => lineOf(await visit({ PUBLIC_URL: url, ...env }, options), 'Messaging endpoint');
  const ours = (refusal: ServerAnswer) => (path: string): ServerAnswer => (path === '/healthz' ? { status: 200, body: { status: 'ok' } } : refusal);

  test('of a Parley that runs', async () => {
    const parley = await startParley();
    try {
      expect(await endpoint(parley.url)).toMatch(/^ok .*Parley answers there/);
    } finally {
      await parley.close();
    }
  });

  test.each<readonly [string, ServerAnswer | ((path: string) => ServerAnswer), RegExp]>([
    ['something else', { status: 200, text: '<h1>Welcome</h1>' }, /^FAIL .*not Parley \(200\)/],
    ['a redirect', { status: 308, headers: { location: 'https://elsewhere.example' } }, /^FAIL .*elsewhere \(308\)/],
    ['a proxy that sends messages nowhere', ours({ status: 404, text: 'nothing' }), /^FAIL .*not Parley \(404\)/],
    ['a Parley that is down behind its proxy', ours({ status: 502, text: 'Bad Gateway' }), /^FAIL .*not Parley \(502\)/],
  ])('with %s there', async (_name, answer, line) => {
    expect(await endpoint((await serve(answer)).url)).toMatch(line);
  });

  test('that is gone, hangs, or has no good certificate', async () => {
    const gone = await startHttpServer(() => 'hang');
    await gone.close();
    expect(await endpoint(gone.url)).toMatch(/^FAIL .*cannot be reached \(ECONNREFUSED\)/);
    const hanging = await serve('hang');
    expect(await endpoint(hanging.url, {}, { limitMs: 1_000 })).toMatch(/^FAIL .*no answer within 1 seconds/);
    const plain = await serve({ status: 200 });
    expect(await endpoint(plain.url.replace('http:', 'https:'))).toMatch(/^FAIL .*certificate is not good \(\w*SSL\w*\)/);
  });
});

test('a token in place of a secret of Direct Line is noticed', async () => {
  expect(lineOf(await visit({ DIRECT_LINE_SECRET: `eyJ${'a'.repeat(60)}.b.nobody-may-read` }), 'Direct Line')).toMatch(/^look .*DIRECT_LINE_SECRET does not look like one/);
  expect(lineOf(await visit({ DIRECT_LINE_SECRET: 'abcdefghijklmnopqrstuvwxyz.nobody-may-read_0123456789' }), 'Direct Line')).toMatch(/^ok/);
});
