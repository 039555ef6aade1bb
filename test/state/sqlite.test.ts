import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { StateError, type Database } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { temporaryFolder } from '../helpers/temporaryFolder';

describe('the SQLite store', () => {
  const folder = temporaryFolder();
  let files = 0;
  let path: string;
  let database: Database;

  beforeEach(async () => {
    path = join(folder.path, 'sub', `parley-${(files += 1)}.db`);
    database = await openDatabase(path);
    await database.execute('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)');
  });
  afterEach(() => database.close());
  afterAll(() => folder.remove());

  const insert = (text: string): Promise<number> => database.execute('INSERT INTO notes (text) VALUES (?)', [text]);
  const texts = async (): Promise<string[]> => (await database.query<{ text: string }>('SELECT text FROM notes ORDER BY id')).map(({ text }) => text);

  test('uses a write-ahead log with a disk sync for every commit but the relaxed ones', async () => {
    const syncOf = (durability: 'durable' | 'relaxed'): Promise<number | undefined> =>
      database.transaction(async (queries) => (await queries.query<{ synchronous: number }>('SELECT synchronous FROM pragma_synchronous'))[0]?.synchronous, durability);
    expect(await database.query('SELECT journal_mode FROM pragma_journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect([await syncOf('relaxed'), await syncOf('durable'), await syncOf('relaxed')]).toEqual([1, 2, 1]);
    expect(await Promise.all([syncOf('relaxed'), syncOf('durable')])).toEqual([2, 2]); // one commit for both
  });

  test('runs transactions that are asked for at once in that order, none inside another', async () => {
    const log: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        database.transaction(async (queries) => {
          log.push(`${name} begins`);
          await queries.execute('INSERT INTO notes (text) VALUES (?)', [name]);
          log.push(`${name} ends`);
        }),
      ),
    );
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  test('commits what is waiting before it closes', async () => {
    const waiting = insert('waiting');
    await database.close();
    await waiting;
    database = await openDatabase(path);
    expect(await texts()).toEqual(['waiting']);
  });

  describe('while another process holds the file', () => {
    let other: ChildProcess;
    const hold = async (forMs: number): Promise<void> => {
      const script = `const { DatabaseSync } = require('node:sqlite');
        const database = new DatabaseSync(process.argv[1], { timeout: 1000 });
        database.exec('BEGIN IMMEDIATE');
        console.log('held');
        setTimeout(() => database.exec('COMMIT'), ${forMs});`;
      other = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(other.stdout ?? other, 'data');
    };
    afterEach(() => void other.kill());

    test('waits for it without standing still, and reads meanwhile', async () => {
      await insert('before');
      await hold(700);
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const startedAt = Date.now();
      const waiting = insert('after');
      expect(await texts()).toEqual(['before']);
      await waiting;
      delay.disable();
      expect(Date.now() - startedAt).toBeGreaterThan(400);
      expect(delay.max / 1e6).toBeLessThan(200);
      expect(await texts()).toEqual(['before', 'after']);
    });

    test('gives up after five seconds, and succeeds when it is free', async () => {
      await hold(60_000);
      const startedAt = Date.now();
      await expect(insert('never')).rejects.toMatchObject({ code: 'unavailable' });
      expect(Date.now() - startedAt).toBeLessThan(6_000);
      const ended = once(other, 'exit');
      other.kill('SIGKILL');
      await ended;
      await insert('later');
      expect(await texts()).toEqual(['later']);
    });
  });

  test('says that it is not available while the disk is full, and goes on when there is room', async () => {
    const pages = (limit: number): Promise<unknown> => database.transaction((queries) => queries.query(`PRAGMA max_page_count = ${limit}`));
    await insert('before');
    await pages(1); // SQLite takes this for the present size: the same SQLITE_FULL as a full disk
    const large = Array.from({ length: 3 }, () => insert('x'.repeat(100_000)));
    for (const result of await Promise.allSettled(large)) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    expect(await texts()).toEqual(['before']);
    await pages(1_000_000);
    await insert('after');
    expect(await texts()).toEqual(['before', 'after']);
  });

  test('does not write to a file that is not there any more, and goes on when it is back', async () => {
    await insert('before');
    renameSync(path, `${path}.away`);
    await expect(insert('lost')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(path) });
    writeFileSync(path, 'something else');
    await expect(insert('lost')).rejects.toBeInstanceOf(StateError);
    renameSync(`${path}.away`, path);
    await insert('after');
    expect(await texts()).toEqual(['before', 'after']);
  });

  test('says which setting to look at when the file cannot be opened', async () => {
    writeFileSync(join(folder.path, 'file'), 'no folder, and no store');
    const expected = { code: 'unavailable', message: expect.stringContaining('DATABASE_URL') };
    await expect(openDatabase(join(folder.path, 'file', 'parley.db'))).rejects.toMatchObject(expected);
    await expect(openDatabase(join(folder.path, 'file'))).rejects.toMatchObject(expected);
  });
});
