import { join } from 'node:path';
import type { Database } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { startPostgres, type PostgresServer } from './postgres';
import { temporaryFolder } from './temporaryFolder';

export interface StoreUnderTest {
  readonly kind: 'SQLite' | 'PostgreSQL';
  /** The address of a new, empty store. */
  url(): Promise<string>;
  /** Opens a store (a new one where none is named), migrated; it is closed after the suite. */
  open(url?: string): Promise<Database>;
}

/** Runs a suite once on each kind of store: what holds for one must hold for the other. */
export function onEveryStore(name: string, suite: (store: StoreUnderTest) => void): void {
  describe(`${name} in SQLite`, () => suite(sqlite()));
  describe(`${name} in PostgreSQL`, () => suite(postgres()));
}

function sqlite(): StoreUnderTest {
  const folder = temporaryFolder();
  let files = 0;
  return withOpen('SQLite', async () => join(folder.path, `store-${(files += 1)}.db`), async () => folder.remove());
}

function postgres(): StoreUnderTest {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  });
  const url = (): Promise<string> => {
    if (!server) throw new Error('A store is opened in beforeAll, in beforeEach or in a test.');
    return server.databaseUrl();
  };
  return withOpen('PostgreSQL', url, async () => server?.close());
}

function withOpen(kind: StoreUnderTest['kind'], url: () => Promise<string>, close: () => Promise<void>): StoreUnderTest {
  const opened: Database[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
    await close();
  });
  return {
    kind,
    url,
    open: async (wanted) => {
      const database = await openDatabase(wanted ?? (await url()));
      opened.push(database);
      return database;
    },
  };
}
