import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StateError, type Database, type Durability, type Queries, type Row, type RowsOf, type Write } from './database';
import { GroupCommit } from './groupCommit';
import { Listeners } from './listeners';
import { performWrite } from './performWrite';
import { openConnection, type SqliteConnection } from './sqliteConnection';
import { toStateError, whenFree } from './sqliteErrors';

/**
 * Opens (or makes) a SQLite file as the store, in WAL mode with a disk sync for every commit but the relaxed ones.
 * Transactions that are asked for at the same time share one commit: under load durability costs a fraction of a sync each.
 * Waiting for another process that holds the file never blocks this one. Throws StateError('unavailable') when the file
 * cannot be opened.
 */
export async function openSqlite(path: string): Promise<Database> {
  const { writer, reader } = await openBoth(path);
  const fileId = idOf(path);
  const queue = new GroupCommit(writer, () => {
    if (idOf(path) !== fileId) throw new StateError('unavailable', `The store ${path} is not where it was. Put the file back, or start again.`);
  });
  const listeners = new Listeners();

  // Between transactions both see the same, and the writer has the pages that it wrote at hand.
  const idlest = (): SqliteConnection => (writer.isInTransaction() ? reader : writer);

  const database: Database = {
    query: async <R extends object>(sql: string, params: Parameters<Database['query']>[1] = []) => {
      if (!isRead(sql)) return database.transaction((queries) => queries.query<R>(sql, params));
      return whenFree(() => idlest().all<R>(sql, params)).catch((error: unknown) => {
        throw toStateError(error);
      });
    },
    execute: (sql, params) => database.transaction((queries) => queries.execute(sql, params)),
    transaction: (work, durability = 'durable') => queue.run(work, durability),
    write: async <R extends readonly object[]>(_key: string, writes: readonly Write[], durability?: Durability) =>
      (await database.transaction((queries) => writeAll(queries, writes), durability)) as unknown as RowsOf<R>, // the caller's word: SQL is not typed
    isShared: false,
    announce: (topic, message) => void setImmediate(() => listeners.tell(topic, message)),
    announced: async () => undefined, // nobody listens in another process
    listen: (topic, listener) => listeners.add(topic, listener),
    scrub: async () => {
      await queue.flush();
      await whenFree(() => writer.emptyJournal()).catch(() => undefined);
    },
    close: async () => {
      await queue.flush();
      reader.close();
      writer.close();
    },
  };
  return database;
}

async function writeAll(queries: Queries, writes: readonly Write[]): Promise<readonly (readonly Row[])[]> {
  const rows: (readonly Row[])[] = [];
  for (const write of writes) rows.push(await performWrite(queries, write));
  return rows;
}

const isRead = (sql: string): boolean => /^\s*(select|with)\b/i.test(sql);

async function openBoth(path: string): Promise<{ readonly writer: SqliteConnection; readonly reader: SqliteConnection }> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return { writer: await whenFree(() => openConnection(path)), reader: await whenFree(() => openConnection(path)) };
  } catch (error) {
    throw new StateError('unavailable', `The store ${path} cannot be opened. Check DATABASE_URL and the folder's permissions.`, { cause: error });
  }
}

/** Another file in its place, or none: what is written to the open one would be lost with this process. */
const idOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
