import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateError, type Database } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { temporaryFolder } from '../helpers/temporaryFolder';

describe('the SQLite store', () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'sub', 'parley.db');
  let database: Database;

  beforeAll(async () => {
    database = await openDatabase(path);
    await database.execute('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)');
  });
  afterAll(async () => {
    await database.close();
    folder.remove();
  });
  beforeEach(async () => {
    await database.execute('DELETE FROM notes');
  });

  const texts = async (): Promise<string[]> => (await database.query<{ text: string }>('SELECT text FROM notes ORDER BY id')).map(({ text }) => text);

  test('makes the folder of the file and survives being opened again', async () => {
    await database.execute('INSERT INTO notes (text) VALUES (?)', ['kept']);
    await database.close();
    database = await openDatabase(path);
    expect(await texts()).toEqual(['kept']);
  });

  test('uses a write-ahead log with a disk sync for every commit', async () => {
    const [journal] = await database.query<{ journal_mode: string }>('SELECT journal_mode FROM pragma_journal_mode');
    const [sync] = await database.transaction((queries) => queries.query<{ synchronous: number }>('SELECT synchronous FROM pragma_synchronous'));
    expect({ ...journal, ...sync }).toEqual({ journal_mode: 'wal', synchronous: 2 });
  });

  test('rolls back a transaction that throws, and only that one of those committed together', async () => {
    const results = await Promise.allSettled([
      database.execute('INSERT INTO notes (text) VALUES (?)', ['first']),
      database.transaction(async (queries) => {
        await queries.execute('INSERT INTO notes (text) VALUES (?)', ['never']);
        throw new Error('changed my mind');
      }),
      database.execute('INSERT INTO notes (text) VALUES (?)', ['second']),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await texts()).toEqual(['first', 'second']);
  });

  test('gives back the error of the transaction that threw', async () => {
    await expect(database.transaction(async () => Promise.reject(new StateError('conflict', 'too late')))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('reads outside a transaction see committed rows only', async () => {
    let seen: string[] = ['not read'];
    await database.transaction(async (queries) => {
      await queries.execute('INSERT INTO notes (text) VALUES (?)', ['uncommitted']);
      seen = await texts();
    });
    expect(seen).toEqual([]);
    expect(await texts()).toEqual(['uncommitted']);
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

  test('lets a commit that may wait go with the next one', async () => {
    const order: string[] = [];
    const patient = database.transaction((queries) => queries.execute('INSERT INTO notes (text) VALUES (?)', ['patient']), 60_000).then(() => order.push('patient'));
    const urgent = database.execute('INSERT INTO notes (text) VALUES (?)', ['urgent']).then(() => order.push('urgent'));
    await Promise.all([patient, urgent]);
    expect(order).toEqual(['patient', 'urgent']);
    expect(await texts()).toEqual(['patient', 'urgent']);
  });

  test('commits what may wait when its time is over, and when the store is closed', async () => {
    await database.transaction((queries) => queries.execute('INSERT INTO notes (text) VALUES (?)', ['alone']), 1);
    const patient = database.transaction((queries) => queries.execute('INSERT INTO notes (text) VALUES (?)', ['patient']), 60_000);
    await database.close();
    await patient;
    database = await openDatabase(path);
    expect(await texts()).toEqual(['alone', 'patient']);
  });

  test('keeps any text and any bytes as they are', async () => {
    const text = 'NUL \u0000, emoji 👩‍👩‍👧, العربية, lone \ud800.'.replace('\ud800', '');
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const [row] = await database.query<{ text: string; bytes: Uint8Array }>('SELECT ? AS text, ? AS bytes', [text, bytes]);
    expect(row?.text).toBe(text);
    expect(Buffer.from(row?.bytes ?? [])).toEqual(Buffer.from(bytes));
  });

  test('says which setting to look at when the file cannot be opened', async () => {
    writeFileSync(join(folder.path, 'file'), 'no folder');
    await expect(openDatabase(join(folder.path, 'file', 'parley.db'))).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('DATABASE_URL') });
  });
});
