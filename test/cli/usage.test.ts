import { join } from 'node:path';
import { Readable } from 'node:stream';
import { wordsFor } from '../../cards/words';
import { runCommandLine } from '../../cli/run';
import { auditWrites } from '../../state/audit';
import { openDatabase } from '../../state/openDatabase';
import { temporaryFolder } from '../helpers/temporaryFolder';

const folder = temporaryFolder();
const DATABASE_URL = join(folder.path, 'parley.db');
const AUDIT_KEY = 'a secret that is kept elsewhere';
const today = new Date().toISOString().slice(0, 10);
afterAll(() => folder.remove());

async function run(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly printed: string; readonly complaints: string }> {
  let [printed, complaints] = ['', ''];
  const terminal = { words: wordsFor('en'), env: { DATABASE_URL, AUDIT_KEY }, stdin: Readable.from([]), readThread: () => Promise.reject(new Error('No file is read here.')), print: (text: string) => void (printed += text) };
  const exitCode = await runCommandLine(args, terminal, (line) => (complaints += `${line}\n`));
  return { exitCode, printed, complaints };
}

const inStore = async (work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<unknown>): Promise<void> => {
  const database = await openDatabase(DATABASE_URL);
  await work(database);
  await database.close();
};

test('without a store there is nothing to show, and none is made', async () => {
  expect(await run('usage')).toMatchObject({ exitCode: 1, complaints: expect.stringContaining('There is no store at') });
  expect(await run('audit', 'verify')).toMatchObject({ exitCode: 1, complaints: expect.stringContaining('There is no store at') });
});

describe('with a store', () => {
  beforeAll(() => inStore(async (database) => {
    const call = (userKey: string, facts: object) => ({ userKey, tenantKey: 'contoso', facts: { at: new Date().toISOString(), capability: 'chat', operation: 'answer', target: 'gpt', outcome: 'stop', inputTokens: 1_000, outputTokens: 200, ...facts } });
    await database.write('x', auditWrites([
      call('ada', {}), call('ada', { outcome: 'timeout', inputTokens: 0, outputTokens: 0 }), call('bob', { capability: 'images', target: 'dall-e', inputTokens: 10, outputTokens: 0 }),
      call('bob', { at: '2020-01-01T00:00:00.000Z' }),
    ]));
  }));

  test('shows what was asked on a day, added up', async () => {
    const { printed, exitCode } = await run('usage');
    expect(exitCode).toBe(0);
    expect(printed.split('\n')).toEqual([
      `Asked of AI models on ${today} (UTC)`, '',
      'capability  calls  failed  tokens read  tokens written',
      'chat            2       1        1,000             200',
      'images          1       0           10               0',
      'all             3       1        1,010             200', '',
    ]);
  });

  test.each([['user', 2], ['tenant', 1], ['target', 2]])('by %s, for programs too, without naming anybody', async (by, count) => {
    const { printed } = await run('usage', '--by', by, '--json');
    const { rows } = JSON.parse(printed) as { rows: readonly Record<string, unknown>[] };
    expect(rows).toHaveLength(count);
    expect(rows.reduce((sum, { calls }) => sum + Number(calls), 0)).toBe(3);
    expect(printed).not.toMatch(/ada|bob/);
  });

  test('of another day', async () => {
    expect((await run('usage', '--day', '2020-01-02')).printed).toBe('Nothing was asked of an AI model on 2020-01-02 (UTC).\n');
  });

  test.each([
    [['usage', '--day', 'yesterday'], '“yesterday” is no day'],
    [['usage', '--by', 'cake'], '--by is “cake”'],
    [['usage', 'now'], '“now” is not needed here'],
    [['audit'], 'Say “audit verify” or “audit export”.'],
    [['audit', 'verify', '--head', 'x'], '--head is “x”'],
  ])('%j is explained', async (args, complaint) => {
    expect(await run(...args)).toMatchObject({ exitCode: 2, complaints: expect.stringContaining(complaint) });
  });

  test('the log is checked, exported, and found out where something is missing', async () => {
    const { printed } = await run('audit', 'verify');
    expect(printed).toMatch(/^The audit log is whole: 4 entries, number 1 to 4\.\nIt ends with 4:[\w-]{43}\./);
    const head = /4:[\w-]{43}/.exec(printed)?.[0] ?? '';
    expect(await run('audit', 'verify', '--head', head)).toMatchObject({ exitCode: 0 });
    const lines = (await run('audit', 'export')).printed.trim().split('\n').map((line) => JSON.parse(line) as { entry: { kind: string } });
    expect(lines.map(({ entry }) => entry.kind)).toEqual(['call', 'call', 'call', 'call']);
    await inStore((database) => database.execute('DELETE FROM audit WHERE sequence = 2'));
    const { exitCode, complaints } = await run('audit', 'verify', '--head', head);
    expect(exitCode).toBe(1);
    expect(complaints).toContain('Something is missing before number 3.');
    expect(JSON.parse((await run('audit', 'verify', '--json')).printed)).toMatchObject({ faults: [{ sequence: 3, fault: 'gap' }] });
  });
});
