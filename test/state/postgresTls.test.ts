import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgres } from '../../state/postgres';
import { startPostgres, type PostgresServer } from '../helpers/postgres';

const fixture = (name: string): string => join(__dirname, '../fixtures/tls', name);

describe('an encrypted connection to PostgreSQL', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres({
      settings: { ssl: 'on', ssl_cert_file: '../localhost.crt', ssl_key_file: '../localhost.key' },
      files: { 'localhost.crt': readFileSync(fixture('localhost.crt'), 'utf8'), 'localhost.key': readFileSync(fixture('localhost.key'), 'utf8') },
    });
  });
  afterAll(() => server.close());

  const at = (host: string, query: string): string => `${server.url.replace('127.0.0.1', host)}?${query}`;

  test.each(['require', 'verify-ca', 'verify-full'])('with sslmode=%s is made where the certificate is trusted and names the host', async (mode) => {
    const database = await openPostgres(at('localhost', `sslmode=${mode}&sslrootcert=${encodeURIComponent(fixture('localhost.crt'))}`));
    expect(await database.query('SELECT CAST(ssl AS INTEGER) AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual([{ encrypted: 1 }]);
    await database.close();
  });

  test.each(['require', 'verify-full'])('with sslmode=%s is refused where nobody trusts the certificate', async (mode) => {
    await expect(openPostgres(at('localhost', `sslmode=${mode}`))).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') });
  });

  test('is refused where the certificate names another host', async () => {
    const address = at('127.0.0.1', `sslmode=require&sslrootcert=${encodeURIComponent(fixture('localhost.crt'))}`);
    await expect(openPostgres(address)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') });
  });

  test('with authorities that are not there names sslrootcert', async () => {
    await expect(openPostgres(at('localhost', 'sslmode=require&sslrootcert=/nowhere.crt'))).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('sslrootcert') });
  });
});
