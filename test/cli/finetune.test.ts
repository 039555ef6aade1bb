import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readDeploymentsFile } from '../../bot/deploymentsFile';
import { wordsFor } from '../../cards/words';
import { runCommandLine } from '../../cli/run';
import type { KeptAnswer } from '../../dialogs/rating';
import type { Database } from '../../state/database';
import { writeRating } from '../../state/feedback';
import { openDatabase } from '../../state/openDatabase';
import { writeSettings } from '../../state/users';
import { parseThread } from '../../threads/parse';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { temporaryFolder } from '../helpers/temporaryFolder';

const folder = temporaryFolder();
const databaseUrl = join(folder.path, 'parley.db');
let server: FakeModelServer;
let database: Database;
let azure: Readonly<Record<string, string>>;
beforeEach(async () => {
  server = await startFakeModelServer();
  database = await openDatabase(databaseUrl);
  await database.execute('DELETE FROM feedback');
  azure = { DATABASE_URL: databaseUrl, AZURE_OPENAI_ENDPOINT: server.url, AZURE_OPENAI_API_KEY: 'secret-key', AZURE_OPENAI_DEPLOYMENT: 'chat' };
});
afterEach(async () => {
  await database.close();
  await server.close();
});
afterAll(() => folder.remove());

async function finetune(args: readonly string[], env: Readonly<Record<string, string>> = azure) {
  let output = '';
  const complaints: string[] = [];
  const terminal = { words: wordsFor('en'), env, stdin: Readable.from([]), print: (text: string) => void (output += text), readThread: parseThread };
  const exitCode = await runCommandLine(['finetune', ...args], terminal, (line) => void complaints.push(line));
  return { exitCode, output, complaint: complaints.join('\n') };
}

const answered: KeptAnswer = { question: 'What do roses need?', answer: 'Water.', capabilities: ['chat'], isGrounded: false, locale: 'en-US', names: ['Ada King'] };

let lastRated = 0;
async function rate(more: Partial<KeptAnswer> = {}, { reaction = 'like', improvement = 'yes' }: { readonly reaction?: 'like' | 'dislike'; readonly improvement?: string } = {}): Promise<void> {
  lastRated += 1;
  const userKey = `user-${lastRated}`;
  await writeSettings(database, userKey, JSON.stringify({ improvement }));
  await writeRating(database, { conversationKey: 'conversation', activityId: `m${lastRated}`, userKey, reaction, kept: JSON.stringify({ ...answered, question: `Question ${lastRated}?`, ...more }) });
}

let lastFile = 0;
const newPath = (): string => join(folder.path, `data-${(lastFile += 1)}.jsonl`);

function dataset(count = 12): string {
  const path = newPath();
  writeFileSync(path, Array.from({ length: count }, (_, index) => JSON.stringify({ messages: [{ role: 'user', content: `Question ${index}?` }, { role: 'assistant', content: 'Water.' }] })).join('\n'));
  return path;
}

describe('export', () => {
  test('writes what people liked or corrected, de-identified, for its owner alone, and it is a good data set', async () => {
    for (let index = 0; index < 9; index += 1) await rate({ question: `Ada King asks, from ada${index}@example.com: why ${index}?` });
    await rate({ question: 'And tulips?', correction: 'They need nothing, Ada.' }, { reaction: 'dislike' });
    const path = newPath();
    const { exitCode, output } = await finetune(['export', path]);
    expect(exitCode).toBe(0);
    const lines = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    expect(lines).toHaveLength(10);
    expect(lines).toContainEqual({
      messages: [
        { role: 'system', content: 'You are Parley, an assistant in a chat. Answer in American English (en-US), plainly and briefly, in Markdown without images. Say so when you do not know.' },
        { role: 'user', content: '[PERSON_1] asks, from [EMAIL_1]: why 3?' },
        { role: 'assistant', content: 'Water.' },
      ],
    });
    expect(lines.flatMap(({ messages }) => messages)).toContainEqual({ role: 'assistant', content: 'They need nothing, [PERSON_1].' });
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(output).toMatch(/Thumbs in the store: 9 up, 1 down[\s\S]*Examples: 10, of which 1 [\s\S]*e-mail addresses: 9, people: 10[\s\S]*not understanding/);
    expect((await finetune(['validate', path])).exitCode).toBe(0);
  });

  test('leaves out who does not agree any more, thumbs down, what stands on documents, other tasks and repetitions', async () => {
    await rate();
    await rate({}, { improvement: 'no' });
    await rate({}, { reaction: 'dislike' });
    await rate({ isGrounded: true });
    await rate({ capabilities: ['translate'] });
    await rate({ capabilities: [] });
    await rate({ question: 'Twice?' });
    await rate({ question: 'Twice?' });
    await writeRating(database, { conversationKey: 'conversation', activityId: 'count', userKey: 'user', reaction: 'like', kept: undefined });
    await database.execute("INSERT INTO feedback (conversation_key, activity_id, user_key, reaction, created_at, kept) VALUES ('c', 'broken', 'user-1', 'like', 0, '{')");
    await writeSettings(database, 'user-1', '{"improvement":"yes"}');
    const { output } = await finetune(['export', newPath(), '--json']);
    expect(JSON.parse(output)).toMatchObject({
      thumbs: { like: 9, dislike: 1 }, examples: 2, corrected: 0,
      leftOut: { consent: 1, unreadable: 1, disliked: 1, grounded: 1, 'not-chat': 2, repeated: 1 },
    });
  });

  test('--preview shows examples and writes nothing, and control characters do not act', async () => {
    await rate({ question: 'Ada King\u001b[31m asks?', answer: 'Call +44 20 7946 0958.' });
    const { exitCode, output } = await finetune(['export', '--preview', '3']);
    expect(exitCode).toBe(0);
    expect(output).toContain('1. Person: [PERSON_1][31m asks?\n   Parley: Call [PHONE_1].');
    expect(output).toContain('There are 1 examples, and services want 10 at least.');
    expect(output).not.toContain('Written');
  });

  test('a file that is there is not replaced unless it is said, and “-” prints the lines alone', async () => {
    await rate();
    const path = dataset();
    expect(await finetune(['export', path])).toMatchObject({ exitCode: 1, complaint: expect.stringContaining('is there already') });
    expect((await finetune(['export', path, '--force'])).exitCode).toBe(0);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(1);
    expect((await finetune(['export', '-'])).output.trim()).toBe(readFileSync(path, 'utf8').trim());
  });

  test.each([
    [['export'], 2, /No file was named/],
    [['export', '--preview', 'many'], 2, /--preview is “many”/],
    [['export', '/nowhere/at/all.jsonl'], 1, /cannot be written \(ENOENT\)/],
  ])('%j says what is wrong', async (args, exitCode, line) => {
    await rate();
    expect(await finetune(args)).toEqual({ exitCode, output: '', complaint: expect.stringMatching(line) });
  });
});

describe('validate', () => {
  test('tells size, repetitions, and what it costs at the price that is given or set', async () => {
    const { exitCode, output } = await finetune(['validate', dataset(), '--price', '25', '--epochs', '3', '--json']);
    const { examples, tokens, cost, isGood } = JSON.parse(output);
    expect([exitCode, examples, isGood]).toEqual([0, 12, true]);
    expect(cost.perEpoch).toBeCloseTo((tokens.total * 25) / 1_000_000, 9);
    expect(cost.total).toBeCloseTo(3 * cost.perEpoch, 9);
    expect((await finetune(['validate', dataset()], { ...azure, FINE_TUNING_PRICE: '8' })).output).toContain('at 8 for a million tokens');
    expect((await finetune(['validate', dataset()])).output).toContain('give the price of a million tokens');
  });

  test('says what is wrong line by line, and ends with 1', async () => {
    const path = newPath();
    writeFileSync(path, '{"messages":[{"role":"user","content":"x"}]}\nnonsense\n');
    const { exitCode, output, complaint } = await finetune(['validate', path]);
    expect(exitCode).toBe(1);
    expect(output).toContain('Line 1: the last message must be of the assistant, not of “user”.');
    expect(output).toContain('Line 2: it is no JSON object.');
    expect(output).toContain('There are 2 examples, and services want 10 at least.');
    expect(complaint).toContain('is not fit for fine-tuning yet');
  });

  test.each([
    [['validate', 'nowhere.jsonl'], 1, /There is no file “nowhere\.jsonl”/],
    [['validate', 'x.jsonl', '--price', 'cheap'], 2, /--price is “cheap”, and must be a number from 0/],
    [['validate', 'x.jsonl', '--epochs', '1.5'], 2, /--epochs is “1\.5”/],
    [['tune'], 2, /There is no “finetune tune”: say export, validate, start, status, cancel, list/],
    [[], 2, /Say what to do/],
    [['constructor'], 2, /There is no “finetune constructor”/],
  ])('%j is called in a wrong way', async (args, exitCode, line) => {
    expect(await finetune(args)).toEqual({ exitCode, output: '', complaint: expect.stringMatching(line) });
  });
});

describe('start, status, cancel and list', () => {
  const MODEL = 'gpt-4.1-mini-2025-04-14';

  test('start uploads the file whole, creates the job, and follows it to the line that brings the model into use', async () => {
    server.tuning.fileStates('uploaded', 'uploaded', 'processed');
    server.tuning.plan('validating_files', 'queued', 'running', 'running', 'succeeded');
    const path = dataset();
    const { exitCode, output, complaint } = await finetune(['start', path, '--model', MODEL, '--validation', dataset(2), '--suffix', 'roses', '--epochs', '3', '--seed', '7', '--watch', '--every', '0.01']);
    expect({ exitCode, complaint }).toEqual({ exitCode: 0, complaint: '' });
    const [upload] = server.tuning.calls;
    expect(upload).toMatchObject({ method: 'POST', path: '/files', body: { purpose: 'fine-tune', file: 'binary' }, file: { text: readFileSync(path, 'utf8') } });
    expect(server.tuning.calls.find(({ method, path: to }) => method === 'POST' && to === '/fine_tuning/jobs')?.body).toEqual({
      model: MODEL, training_file: 'file-1', validation_file: 'file-2', suffix: 'roses', seed: 7, method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 3 } } },
    });
    expect(output).toMatch(/Started ftjob-1\.[\s\S]*running\.[\s\S]*Step 20\/30[^\n]*\[#{13}\.{7}\] 66 %[\s\S]*done\.[\s\S]*Step 30\/30[^\n]*100 %/);
    expect(output.match(/Step 20\/30/g)).toHaveLength(1);
    expect(output).toContain(`az cognitiveservices account deployment create --name 127 --resource-group GROUP --deployment-name ${MODEL}-fake-roses-1 --model-name ft:${MODEL}:fake:roses:1`);
    expect(output).toContain(`AZURE_OPENAI_DEPLOYMENT=${MODEL}-fake-roses-1`);
    expect(output).not.toContain('secret-key');
  });

  test.each<[string, (url: string) => Readonly<Record<string, string>>, object]>([
    ['Azure OpenAI', (url) => ({ AZURE_OPENAI_ENDPOINT: url, AZURE_OPENAI_API_KEY: 'secret-key', AZURE_OPENAI_DEPLOYMENT: 'chat' }), { place: { kind: 'azure', deployment: `${MODEL}-fake-1`, apiVersion: 'v1' }, access: { kind: 'key', key: 'secret-key' } }],
    ['Azure OpenAI by a date', (url) => ({ AZURE_OPENAI_ENDPOINT: url, AZURE_OPENAI_API_KEY: 'secret-key', AZURE_OPENAI_DEPLOYMENT: 'chat', AZURE_OPENAI_API_VERSION: '2024-10-21' }), { place: { kind: 'azure', deployment: `${MODEL}-fake-1`, apiVersion: '2024-10-21' } }],
    ['OpenAI', (url) => ({ OPENAI_BASE_URL: `${url}/v1/`, OPENAI_API_KEY: 'secret-key', OPENAI_MODEL: 'chat' }), { place: { kind: 'openai', model: `ft:${MODEL}:fake::1` }, access: { kind: 'key', key: 'secret-key' } }],
  ])('the row that it gives for %s is one that the table takes', async (_name, settings, deployment) => {
    server.tuning.plan('succeeded');
    const env = { DATABASE_URL: databaseUrl, ...settings(server.url) };
    const { exitCode, output, complaint } = await finetune(['start', dataset(), '--model', MODEL, '--watch', '--every', '0.01', '--json'], env);
    expect({ exitCode, complaint }).toEqual({ exitCode: 0, complaint: '' });
    const { row } = JSON.parse(output).deployment;
    expect(row).not.toContain('secret-key');
    const table = readDeploymentsFile(`{"chat":[${String(row).replaceAll('http://', 'https://')}]}`, (name) => new Map(Object.entries(env)).get(name));
    expect(table.problems).toEqual([]);
    expect(table.deployments.chat?.[0]).toMatchObject(deployment);
  });

  test('without --watch it says how to follow, and status shows how far it is', async () => {
    server.tuning.plan('queued', 'running', 'running', 'failed');
    expect((await finetune(['start', dataset(), '--model', MODEL])).output).toContain('npm run parley -- finetune status ftjob-1 --watch');
    expect((await finetune(['status', 'ftjob-1'])).output).toContain('ftjob-1: waiting for its turn.');
    const running = await finetune(['status', 'ftjob-1']);
    expect(running).toMatchObject({ exitCode: 0, output: expect.stringMatching(/running\.[\s\S]*Fine-tuning job started/) });
    expect(await finetune(['status', 'ftjob-1', '--watch', '--every', '0.01'])).toMatchObject({ exitCode: 1, complaint: 'The job failed: The training file has examples that are not allowed. Mend that and start it again.' });
    expect(JSON.parse((await finetune(['status', 'ftjob-1', '--json'])).output)).toMatchObject({ id: 'ftjob-1', state: 'failed', baseModel: MODEL });
  });

  test('cancel stops it, and list shows all, newest first', async () => {
    expect((await finetune(['list'])).output).toBe('There are no jobs.\n');
    server.tuning.plan('running');
    await finetune(['start', dataset(), '--model', MODEL]);
    await finetune(['start', dataset(), '--model', MODEL]);
    expect((await finetune(['cancel', 'ftjob-1'])).output).toBe('ftjob-1: cancelled.\n');
    const { output } = await finetune(['list']);
    expect(output.split('\n').slice(0, 2)).toEqual([expect.stringMatching(/^ftjob-2 {2}running/), expect.stringMatching(/^ftjob-1 {2}cancelled/)]);
    expect(JSON.parse((await finetune(['list', '--json', '--limit', '5'])).output)).toHaveLength(2);
  });

  test('an outage while it is followed is waited for', async () => {
    server.tuning.plan('running', 'running', 'succeeded');
    await finetune(['start', dataset(), '--model', MODEL]);
    server.tuning.refuse('/fine_tuning/jobs/ftjob-1', 503, 'Try later.');
    const { exitCode, output } = await finetune(['status', 'ftjob-1', '--watch', '--every', '0.01']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/does not answer just now[\s\S]*The model is ready/);
  });

  test('nothing is uploaded of a data set that is not good', async () => {
    expect(await finetune(['start', dataset(3), '--model', MODEL])).toMatchObject({ exitCode: 1, complaint: expect.stringMatching(/not fit for fine-tuning yet.*services want 10/) });
    expect(server.tuning.calls).toEqual([]);
  });

  test('a file that the service refuses is no job', async () => {
    server.tuning.fileStates('error');
    expect(await finetune(['start', dataset(), '--model', MODEL])).toMatchObject({ exitCode: 1, complaint: expect.stringContaining('The service does not take file-1') });
    expect(server.tuning.calls.map(({ path }) => path)).toEqual(['/files']);
  });

  test.each([
    ['start without a model', () => ['start', dataset()], 2, /Say which model to start from/],
    ['an unknown model', () => ['start', dataset(), '--model', 'gpt-9'], 1, /refused: “.*does not support fine-tuning: gpt-9/],
    ['an unknown deployment', () => ['list', '--deployment', 'west'], 2, /no deployment “west”\. These are in the settings: chat/],
    ['an unknown job', () => ['status', 'ftjob-9'], 1, /does not know that/],
    ['no job', () => ['status'], 2, /Name one job/],
    ['a path for a job', () => ['cancel', '../files'], 2, /Name one job/],
    ['a suffix with blanks', () => ['start', dataset(), '--model', MODEL, '--suffix', 'my roses'], 2, /--suffix is “my roses”/],
  ])('%s: one clear line', async (_what, args, exitCode, line) => {
    const { complaint, ...outcome } = await finetune(args());
    expect(outcome.exitCode).toBe(exitCode);
    expect(complaint).toMatch(line);
    expect(complaint).not.toContain('\n');
  });

  test.each([[401, /refused the key or identity/], [403, /Cognitive Services OpenAI Contributor/], [429, /no more just now/], [500, /cannot be reached/]])('a service that answers %d is told apart', async (status, line) => {
    server.tuning.refuse('/fine_tuning/jobs', status, 'No.');
    expect(await finetune(['list'])).toMatchObject({ exitCode: 1, complaint: expect.stringMatching(line) });
  });

  test('without a service it says what to set', async () => {
    expect(await finetune(['list'], { DATABASE_URL: databaseUrl })).toMatchObject({ exitCode: 1, complaint: expect.stringContaining('needs a model service') });
  });
});

test('the fake objects to a job or a form that the service would not take', async () => {
  const other = await startFakeModelServer();
  const headers = { authorization: 'Bearer key' };
  const form = new FormData();
  form.append('purpose', 'training');
  form.append('file', new Blob(['{}']), 'data.jsonl');
  const answers = await Promise.all([
    fetch(`${other.url}/openai/v1/fine_tuning/jobs`, { method: 'POST', headers, body: '{"model":"m","training_file":"f","epochs":3}' }),
    fetch(`${other.url}/openai/v1/files`, { method: 'POST', headers, body: form }),
    fetch(`${other.url}/v1/fine_tuning/jobs/x/pause`, { method: 'POST', headers }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([500, 500, 500]);
  await expect(other.close()).rejects.toThrow(/unevaluated[\s\S]*purpose/);
});
