import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from './postgres';

describe('the PostgreSQL server of the tests', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  const ask = async (url: string, sql: string): Promise<readonly unknown[]> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000, query_timeout: 1_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
    } finally {
      await client.end();
    }
  };

  test('gives databases that know nothing of each other', async () => {
    const [first, second] = [await server.databaseUrl(), await server.databaseUrl()];
    await ask(first, 'CREATE TABLE notes (id INTEGER)');
    expect(await ask(second, `SELECT count(*)::int FROM pg_tables WHERE tablename = 'notes'`)).toEqual([0]);
  });

  test('keeps what was committed through SIGKILL and a restart', async () => {
    const url = await server.databaseUrl();
    await ask(url, 'CREATE TABLE notes (id INTEGER)');
    await ask(url, 'INSERT INTO notes VALUES (7)');
    await server.kill();
    await expect(ask(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.restart();
    expect(await ask(url, 'SELECT id FROM notes')).toEqual([7]);
  });

  test('answers nothing while it is paused', async () => {
    await server.pause();
    await expect(ask(server.url, 'SELECT 1')).rejects.toThrow('timeout');
    server.resume();
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([1]);
  });

  test('leaves nothing behind, even when it is closed while paused', async () => {
    const other = await startPostgres();
    await other.pause();
    await other.close();
    await expect(ask(other.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(existsSync(other.folder)).toBe(false);
  });
});
