import { setTimeout as sleep } from 'node:timers/promises';
import { StateError, type Database } from '../../state/database';
import { openPostgres } from '../../state/postgres';
import { numbered } from '../../state/postgresStatements';
import { startPostgres, type PostgresServer } from '../helpers/postgres';

/** A fifth of what it is in earnest. */
const LIMIT_MS = 1_000;

describe('the PostgreSQL store', () => {
  let server: PostgresServer;
  let url: string;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    url = await server.databaseUrl();
    database = await openPostgres(url, { poolSize: 4, limitMs: LIMIT_MS });
    await database.execute('CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT)');
  });
  afterEach(() => database.close());

  const isUp = (): Promise<boolean> => database.query('SELECT 1 AS one').then(() => true, () => false);
  /** Milliseconds until the store answers. */
  const untilUp = async (): Promise<number> => {
    const startedAt = Date.now();
    while (!(await isUp())) await sleep(50);
    return Date.now() - startedAt;
  };

  test('numbers parameters, but for question marks in quotes and comments', () => {
    expect(numbered(`SELECT '?', "a?b", ? -- why?\nWHERE x = ? AND y = 'it''s ?'`)).toBe(`SELECT '?', "a?b", $1 -- why?\nWHERE x = $2 AND y = 'it''s ?'`);
  });

  test('opens no more connections than it may, however many ask', async () => {
    await Promise.all(Array.from({ length: 100 }, () => database.transaction((queries) => queries.query('SELECT pg_sleep(0.01)'))));
    const [row] = await database.query<{ count: number }>(`SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley'`);
    expect(row?.count).toBeLessThanOrEqual(5); // and one for announcements
  });

  test('makes one transaction of statements that are asked for together', async () => {
    const [before] = await database.query<{ id: number }>('SELECT txid_current() AS id');
    const answers = await database.transaction((queries) => Promise.all([1, 2, 3].map((id) => queries.execute('INSERT INTO notes (id) VALUES (?)', [id]))));
    const [after] = await database.query<{ id: number }>('SELECT txid_current() AS id');
    expect(answers).toEqual([1, 1, 1]);
    expect((after?.id ?? 0) - (before?.id ?? 0)).toBe(2); // one for the transaction, one for the question itself
  });

  test('leaves the disk alone for relaxed transactions only', async () => {
    const setting = async (durability: 'durable' | 'relaxed'): Promise<unknown> =>
      (await database.transaction((queries) => queries.query<{ value: string }>(`SELECT current_setting('synchronous_commit') AS value`), durability))[0]?.value;
    expect([await setting('relaxed'), await setting('durable'), await setting('relaxed')]).toEqual(['off', 'on', 'off']);
  });

  test('runs work again that was ended because two waited for each other', async () => {
    await database.close();
    database = await openPostgres(url); // the server takes a second to find out
    await database.execute('INSERT INTO notes (id, text) VALUES (1, ?), (2, ?)', ['', '']);
    let runs = 0;
    const held = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const both = (first: number, second: number): Promise<void> => database.transaction(async (queries) => {
      runs += 1;
      await queries.execute(`UPDATE notes SET text = text || 'x' WHERE id = ?`, [first]);
      held[first - 1]?.resolve(undefined);
      await held[second - 1]?.promise;
      await queries.execute(`UPDATE notes SET text = text || 'x' WHERE id = ?`, [second]);
    });
    await Promise.all([both(1, 2), both(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    expect(await database.query('SELECT text FROM notes')).toEqual([{ text: 'xx' }, { text: 'xx' }]);
  });

  test('gives up on a row that somebody else holds, before anybody who waits for us does', async () => {
    await database.execute('INSERT INTO notes (id) VALUES (1)');
    let blocked: unknown;
    await database.transaction(async (queries) => {
      await queries.execute('UPDATE notes SET text = ? WHERE id = 1', ['held']);
      const startedAt = Date.now();
      blocked = await Promise.all([
        database.execute('UPDATE notes SET text = ? WHERE id = 1', ['blocked']).catch((error: unknown) => error),
        keepBusy(queries, startedAt + LIMIT_MS - 50),
      ]).then(([error]) => error);
      expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS + 500);
    });
    expect(blocked).toMatchObject({ code: 'unavailable' });
    expect(await database.query('SELECT text FROM notes')).toEqual([{ text: 'held' }]);
  });

  /** A transaction that stands still is ended by the server. */
  async function keepBusy(queries: Pick<Database, 'query'>, untilMs: number): Promise<void> {
    while (Date.now() < untilMs) {
      await queries.query('SELECT 1 AS one');
      await sleep(50);
    }
  }

  test('does not let a process that stands still in a transaction lock out the others', async () => {
    await database.execute('INSERT INTO notes (id) VALUES (1)');
    const stuck = database.transaction(async (queries) => {
      await queries.execute('UPDATE notes SET text = ? WHERE id = 1', ['stuck']);
      await sleep(LIMIT_MS + 500);
      await queries.query('SELECT 1 AS one');
    });
    await expect(stuck).rejects.toMatchObject({ code: 'unavailable' });
    await database.execute('UPDATE notes SET text = ? WHERE id = 1', ['free']);
    expect(await database.query('SELECT text FROM notes')).toEqual([{ text: 'free' }]);
  });

  test('survives the end of its connections', async () => {
    const other = await openPostgres(url, { poolSize: 1 });
    await Promise.all(Array.from({ length: 8 }, () => database.execute('UPDATE notes SET text = NULL')));
    await other.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await untilUp();
    await database.execute('INSERT INTO notes (id) VALUES (1)');
    expect(await database.query<{ id: number }>('SELECT id FROM notes')).toEqual([{ id: 1 }]);
    await other.close();
  });

  test('asks again what was being read when its connection ended', async () => {
    const other = await openPostgres(url, { poolSize: 1 });
    const reading = database.query<{ text: string }>(`SELECT text FROM (VALUES ('read')) AS note (text), pg_sleep(0.4)`);
    const isReading = `FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.4)' AND state = 'active'`;
    while ((await other.query(`SELECT pid ${isReading}`)).length === 0) await sleep(20);
    await other.query(`SELECT pg_terminate_backend(pid) ${isReading}`);
    expect(await reading).toEqual([{ text: 'read' }]);
    await other.close();
  });

  test('answers what is asked while the server restarts, once it is back', async () => {
    await database.close();
    database = await openPostgres(url, { limitMs: 20_000 }); // a busy machine starts a server slowly
    await server.stop();
    const asked = [database.query('SELECT 1 AS one'), database.transaction((queries) => queries.execute('INSERT INTO notes (id) VALUES (7)'))];
    await server.restart();
    await Promise.all(asked);
    expect(await database.query('SELECT id FROM notes')).toEqual([{ id: 7 }]);
  });

  test('refuses within seconds while the server is away, then at once, and is back soon after it', async () => {
    await server.kill();
    const startedAt = Date.now();
    await expect(database.query('SELECT 1 AS one')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('DATABASE_URL') });
    expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS + 500);
    await sleep(300);
    const secondAt = Date.now();
    await expect(database.execute('INSERT INTO notes (id) VALUES (1)')).rejects.toBeInstanceOf(StateError);
    expect(Date.now() - secondAt).toBeLessThan(500);
    await server.restart();
    expect(await untilUp()).toBeLessThan(2_000);
  });

  test('refuses within seconds while the server stands still, and is back soon after it, in all connections', async () => {
    await Promise.all(Array.from({ length: 8 }, () => database.execute('UPDATE notes SET text = NULL')));
    await server.pause();
    const startedAt = Date.now();
    const asked = await Promise.allSettled([
      ...Array.from({ length: 8 }, () => database.query('SELECT 1 AS one')),
      ...Array.from({ length: 8 }, (_, id) => database.execute('INSERT INTO notes (id) VALUES (?)', [id])),
    ]);
    const tookMs = Date.now() - startedAt;
    server.resume();
    expect(tookMs).toBeLessThan(2 * LIMIT_MS + 500); // some wait for a connection, and then for its answer
    expect(asked.map((each) => each.status === 'rejected' && each.reason instanceof StateError)).toEqual(asked.map(() => true));
    expect(await untilUp()).toBeLessThan(2_000);
    await Promise.all(Array.from({ length: 20 }, (_, id) => database.execute('INSERT INTO notes (id) VALUES (?) ON CONFLICT DO NOTHING', [100 + id])));
  });

  test('tells its listeners to look for themselves after its connection for announcements was cut', async () => {
    const heard: (string | undefined)[] = [];
    const other = await openPostgres(url, { poolSize: 1 });
    database.listen('talk', (message) => heard.push(message));
    await other.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`);
    while (!heard.includes(undefined)) await sleep(10);
    while (!heard.includes('again')) {
      other.announce('talk', 'again');
      await sleep(50);
    }
    await other.close();
  });

  test('hears what another process announces, once and in order, the large as a hint', async () => {
    const heard: (string | undefined)[] = [];
    const other = await openPostgres(url, { poolSize: 1 });
    database.listen('talk', (message) => heard.push(message));
    const said = Array.from({ length: 50 }, (_, index) => `message ${index}`);
    for (const message of said) other.announce('talk', message);
    other.announce('talk', 'x'.repeat(20_000));
    other.announce('talk', 'end');
    while (!heard.includes('end')) await sleep(10);
    expect(heard).toEqual([...said, undefined, 'end']);
    await other.close();
  });

  describe('with an address that is wrong', () => {
    const address = (change: (url: URL) => void): string => {
      const wrong = new URL(url);
      change(wrong);
      return wrong.toString();
    };

    test.each<[string, (url: URL) => void, string]>([
      ['password', (wrong) => void (wrong.password = 'hunter2'), '28P01'],
      ['database', (wrong) => void (wrong.pathname = '/nothing'), '3D000'],
      ['port', (wrong) => void (wrong.port = '1'), 'ECONNREFUSED'],
      ['demand for encryption', (wrong) => wrong.searchParams.set('sslmode', 'require'), 'SSL'],
    ])('in its %s, names DATABASE_URL and not the password', async (_what, change, reason) => {
      const failure: unknown = await openPostgres(address(change), { limitMs: LIMIT_MS }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('DATABASE_URL') });
      expect(String(failure)).toContain(reason);
      expect(String(failure)).not.toMatch(/hunter2|p@ss|p%40ss/);
    });
  });

  test('asks for a password for each connection where the address has none', async () => {
    const { password } = new URL(url);
    let asked = 0;
    const withTokens = await openPostgres(url.replace(`:${password}@`, '@'), {
      poolSize: 2,
      password: async () => {
        asked += 1;
        return decodeURIComponent(password);
      },
    });
    await Promise.all(Array.from({ length: 4 }, () => withTokens.execute('UPDATE notes SET text = NULL')));
    expect(asked).toBe(3); // two in the pool, one for announcements
    await withTokens.close();
  });

  test('says when there is no password', async () => {
    const password = async (): Promise<string> => {
      throw Object.assign(new Error('no token'), { code: 'unavailable' });
    };
    await expect(openPostgres(url.replace(/:[^:@/]+@/, '@'), { password, limitMs: LIMIT_MS })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
