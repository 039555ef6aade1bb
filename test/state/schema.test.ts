import { openPostgres } from '../../state/postgres';
import { migrate } from '../../state/migrations';
import type { Database } from '../../state/database';
import { startPostgres, type PostgresServer } from '../helpers/postgres';

/** Small, the same for everybody, and read by all: on Citus copied to every node (create_reference_table). */
const referenceTables = ['direct_line_keys', 'migrations', 'secrets'];
/** What belongs together has the same first column, by which Citus distributes (create_distributed_table). */
const distributionColumns = ['conversation_key', 'conversation_id', 'user_key', 'subject_key'];
/** Has one order, which only one node can give. */
const orderedTables = ['audit'];

describe('the schema distributes on Citus and elastic clusters', () => {
  let server: PostgresServer;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
    database = await openPostgres(await server.databaseUrl());
    await migrate(database);
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  /** Every table and unique index with its first column. */
  const uniqueIndexes = (): Promise<{ table: string; index: string; isPrimary: number; columns: string }[]> =>
    database.query(`
      SELECT tables.relname AS "table", indexes.relname AS "index", CAST(indisprimary AS INTEGER) AS "isPrimary",
        (SELECT string_agg(attname, ',' ORDER BY position) FROM unnest(indkey) WITH ORDINALITY AS keys (number, position)
          JOIN pg_attribute ON attrelid = indrelid AND attnum = keys.number) AS columns
      FROM pg_index JOIN pg_class tables ON tables.oid = indrelid JOIN pg_class indexes ON indexes.oid = indexrelid
      WHERE indisunique AND tables.relnamespace = 'public'::regnamespace ORDER BY 1, 2`);
  const tables = async (): Promise<string[]> =>
    (await database.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`)).map(({ name }) => name);

  test('every table has a primary key, and leads it with the conversation or the person it belongs to', async () => {
    const primary = new Map((await uniqueIndexes()).filter(({ isPrimary }) => isPrimary === 1).map(({ table, columns }) => [table, columns.split(',')[0]]));
    const all = await tables();
    expect(all.length).toBeGreaterThan(8);
    for (const table of all.filter((name) => !referenceTables.includes(name) && !orderedTables.includes(name))) {
      expect({ table, first: primary.get(table) }).toEqual({ table, first: expect.stringMatching(`^(${distributionColumns.join('|')})$`) });
    }
    expect([...referenceTables, ...orderedTables].filter((name) => !all.includes(name))).toEqual([]);
  });

  test('every unique index leads with the same column: uniqueness is known within one node only', async () => {
    const indexes = (await uniqueIndexes()).filter(({ table }) => !referenceTables.includes(table) && !orderedTables.includes(table));
    for (const { index, columns } of indexes) expect({ index, first: columns.split(',')[0] }).toEqual({ index, first: expect.stringMatching(`^(${distributionColumns.join('|')})$`) });
  });

  test('no table refers to another, and none counts by a sequence of its own', async () => {
    expect(await database.query(`SELECT conname FROM pg_constraint WHERE contype = 'f'`)).toEqual([]);
    expect(await database.query(`SELECT relname FROM pg_class WHERE relkind = 'S'`)).toEqual([]);
  });
});
