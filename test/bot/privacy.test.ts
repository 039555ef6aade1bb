import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { wordsFor } from '../../cards/words';
import { runCommandLine } from '../../cli/run';
import { openDatabase } from '../../state/openDatabase';
import { parseThread } from '../../threads/parse';
import { createPace, say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { ada, ben } from '../helpers/teamsChat';
import { temporaryFolder } from '../helpers/temporaryFolder';

const folder = temporaryFolder();
let model: FakeModelServer;
let parley: Parley;
let databaseFile: string;
let files = 0;

beforeAll(async () => {
  model = await startFakeModelServer();
});
beforeEach(async () => {
  databaseFile = join(folder.path, `privacy-${(files += 1)}.db`);
  model.answerWith(() => say('Roses need water.'));
  parley = await startParley({ model: { server: model, as: 'azure' }, databaseFile });
});
afterEach(() => parley.close());
afterAll(async () => {
  await model.close();
  folder.remove();
});

async function cli(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string; readonly complaint: string }> {
  let [output, complaint] = ['', ''];
  const terminal = { words: wordsFor('en'), env: { DATABASE_URL: databaseFile }, stdin: Readable.from([]), print: (text: string) => void (output += text), readThread: parseThread };
  const exitCode = await runCommandLine(args, terminal, (line) => void (complaint += line));
  return { exitCode, output, complaint };
}

const bytes = (): string => ['', '-wal'].map((ending) => databaseFile + ending).filter((path) => existsSync(path)).map((path) => readFileSync(path, 'latin1')).join('');

const linkIn = (text: string): string => /http:\/\/[^\s>)]+\/my-data\?token=[\w.-]+/.exec(text)?.[0] ?? '';

test('"my data" tells how much there is, and gives all of it as a file, for whoever has the address', async () => {
  const chat = await parley.webChat();
  await chat.say('What do CANARY roses need?');
  const told = wordsOf(await chat.say('my data'));
  expect(told).toMatch(/What is kept about you[\s\S]*messages and answers: \d[\s\S]*entries of the web chat: \d[\s\S]*15 minutes/);
  const response = await fetch(linkIn(told));
  expect([response.status, response.headers.get('content-disposition'), response.headers.get('cache-control')]).toEqual([200, 'attachment; filename="parley-my-data.json"', 'private, no-store']);
  const { format, user, records } = (await response.json()) as { format: string; user: string; records: readonly { kind: string; data: Readonly<Record<string, unknown>> }[] };
  expect([format, user]).toEqual(['parley-person-1', expect.stringMatching(/^directline\|\|dl_/)]);
  expect(records).toContainEqual({ kind: 'messages', data: expect.objectContaining({ role: 'user', text: 'What do CANARY roses need?' }) });
  expect(records).toContainEqual({ kind: 'messages', data: expect.objectContaining({ role: 'bot', text: expect.stringContaining('Roses need water.') }) });
  expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(['messages', 'explanations', 'webChat', 'conversations', 'audit']));
  const forged = `${parley.url}/my-data?token=${linkIn(told).split('token=')[1]?.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) ?? ''}`;
  expect([(await fetch(forged)).status, (await fetch(`${parley.url}/my-data`)).status]).toEqual([404, 404]);
  expect(parley.logged.join('')).not.toContain('my-data?token');
  await chat.close();
});

test('where others read along it says where to ask', async () => {
  const group = parley.teamsChat({ type: 'groupChat' });
  const told = wordsOf(await group.say('my data'));
  expect(told).toContain('one-to-one chat');
  expect(told).not.toContain('token=');
});

test('"forget me" says what is deleted, and leaves none of it in the files of the store', async () => {
  const chat = await parley.webChat();
  await chat.upload([{ name: 'CANARY-plan.txt', type: 'text/plain', content: 'The CANARY plan for spring needs a budget. We ship it in March.' }], 'summarize');
  await chat.say('What do CANARY roses need?');
  expect(bytes()).toContain('CANARY');
  await chat.say('forget me');
  const told = wordsOf(await chat.say('yes'));
  expect(told).toMatch(/everything kept about you here is deleted[\s\S]*Deleted: .*messages and answers: \d.*files and meetings: \d/);
  expect(bytes()).not.toContain('CANARY');
  expect(wordsOf(await chat.history())).not.toContain('CANARY');
  expect(wordsOf(await chat.say('What do roses need?'))).toContain('Roses need water.');
  await chat.close();
});

test('who is deleted while being answered is not brought back, and others in the group keep what is theirs', async () => {
  const [personal, group] = [parley.teamsChat(), parley.teamsChat({ type: 'groupChat' })];
  await group.say('BENS-WORDS are what I said', {}, ben);
  await group.say('CANARY is what I said');
  await personal.say('settings translate to German');
  const pace = createPace();
  model.answerWith(() => say('CANARY roses need water.', { pace }));
  const before = model.calls.length;
  await personal.deliver(personal.activity('message', { text: 'What do CANARY roses need?' }));
  for (const endsAt = Date.now() + 10_000; model.calls.length === before && Date.now() < endsAt;) await new Promise(setImmediate);
  const deleted = await cli('user', 'delete', ada.aadObjectId);
  expect([deleted.exitCode, deleted.output]).toEqual([0, expect.stringMatching(/^Deleted of msteams\|tenant\|.*:\n- settings: 1\n- messages and answers: \d+\n/)]);
  pace.release();
  await parley.settled();
  const database = await openDatabase(databaseFile);
  const left = await database.query<{ text: string }>('SELECT text FROM messages');
  await database.close();
  expect(left.map(({ text }) => text)).toEqual([expect.stringContaining('BENS-WORDS')]);
  const traces = bytes().match(/.{0,60}(?:CANARY|00000000ada0).{0,60}/g);
  expect(traces).toBeNull();
  expect((await cli('user', 'export', ada.aadObjectId))).toMatchObject({ exitCode: 1, complaint: expect.stringContaining('Nothing is kept about') });
  const bens = await cli('user', 'export', ben.aadObjectId);
  expect(JSON.parse(bens.output)).toMatchObject({ user: `msteams|tenant|${ben.aadObjectId}`, records: expect.arrayContaining([expect.objectContaining({ kind: 'messages' })]) });
  expect(wordsOf(await personal.say('help'))).not.toBe('');
});

test.each([[['user']], [['user', 'export']], [['user', 'burn', 'ada']], [['user', 'delete', 'a', 'b']]])('%j is a wrong call', async (args) => {
  expect(await cli(...args)).toMatchObject({ exitCode: 2, output: '', complaint: expect.stringContaining('Say “user export USER” or “user delete USER”.') });
});
