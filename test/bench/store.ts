import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { startPostgres } from '../helpers/postgres';
import type { PeerProcess } from './peerProcess';
import type { Peer } from './peers';

/** What a store has done so far, and what it holds. Differences between two readings are what is told. */
export interface StoreUsage {
  /** Asked of the store, but for what begins and ends transactions. */
  readonly statements: number;
  readonly commits: number;
  /** Of the write-ahead log: PostgreSQL counts them; SQLite makes one for each durable commit. */
  readonly syncs: number;
  /** PostgreSQL: bytes of write-ahead log. SQLite: bytes that the process gave the disk, database and log lines included. */
  readonly writtenBytes: number;
  /** Size of everything stored, indexes included. */
  readonly storedBytes: number;
  /** Open now. */
  readonly connections: number;
}

/** A PostgreSQL server for the bench, with its statistics on. */
export interface BenchPostgres {
  /** Makes an empty database. */
  databaseUrl(): Promise<string>;
  /** User and system time of all its processes since its start, those that ended included. */
  cpuMs(): number;
  usage(databaseUrl: string): Promise<StoreUsage>;
  close(): Promise<void>;
}

/** Starts it with default durability: every commit is synced. */
export async function startBenchPostgres(): Promise<BenchPostgres> {
  const server = await startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements', shared_buffers: '128MB' } });
  await query(server.url, 'CREATE EXTENSION pg_stat_statements');
  return {
    databaseUrl: () => server.databaseUrl(),
    cpuMs: () => cpuMsOf(server.folder),
    // The extension is in the server's own database only, and sees all.
    usage: (databaseUrl) => readPostgres(server.url, databaseUrl),
    close: () => server.close(),
  };
}

/** Sessions report commits and syncs once a second, and when they end: exact after the peer has stopped. A read alone commits too. */
const USAGE_SQL = `
  SELECT (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
          WHERE datname = $1 AND query !~* '^(begin|commit|rollback|set) ?') AS statements,
         (SELECT xact_commit FROM pg_stat_database WHERE datname = $1) AS commits,
         (SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal' AND context = 'normal') AS syncs,
         pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS written,
         pg_database_size($1) AS stored,
         (SELECT count(*) FROM pg_stat_activity WHERE datname = $1) AS connections`;

async function readPostgres(adminUrl: string, databaseUrl: string): Promise<StoreUsage> {
  const [row] = await query(adminUrl, USAGE_SQL, [new URL(databaseUrl).pathname.slice(1)]);
  const numberOf = (column: string): number => Number(row?.[column]);
  return {
    statements: numberOf('statements'),
    commits: numberOf('commits'),
    syncs: numberOf('syncs'),
    writtenBytes: numberOf('written'),
    storedBytes: numberOf('stored'),
    connections: numberOf('connections'),
  };
}

async function query(url: string, sql: string, parameters: readonly string[] = []): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...parameters])).rows;
  } finally {
    await client.end();
  }
}

/** SQLite is in the process that uses it: the peer counts, and Linux knows what reached the disk. */
export async function readSqlite(process: PeerProcess): Promise<StoreUsage> {
  const { statements } = await process.usage();
  if (!statements) throw new Error('This peer does not count its statements.');
  return {
    ...statements,
    syncs: statements.commits,
    writtenBytes: Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${process.pid}/io`, 'utf8'))?.[1]),
    storedBytes: readSqliteNumber(process.dataDirectory, 'SELECT page_count * page_size FROM pragma_page_count, pragma_page_size'),
    connections: 0,
  };
}

/** The one number that a query gives; reads beside the running server, which SQLite's write-ahead log allows. */
export function readSqliteNumber(dataDirectory: string, sql: string): number {
  const database = new DatabaseSync(join(dataDirectory, 'parley.db'), { readOnly: true });
  try {
    return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  } finally {
    database.close();
  }
}

/** Where the peer keeps its turns, as the bench reads it; undefined for a peer without a store. */
export function readStore(peer: Peer, process: PeerProcess, postgres: BenchPostgres | undefined): Promise<StoreUsage> | undefined {
  if (peer.store === 'sqlite') return readSqlite(process);
  return process.databaseUrl === undefined ? undefined : postgres?.usage(process.databaseUrl);
}

const TICK_MS = 10; // Linux: 100 ticks a second on every common machine (getconf CLK_TCK)

/** Fields 14 and 15 of /proc/PID/stat are a process's own time, 16 and 17 that of its children that ended. */
function cpuMsOf(folder: string): number {
  const postmaster = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const stats = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => readStat(pid));
  const ticks = stats.map(({ pid, parent, own, ended }) => (pid === postmaster ? own + ended : parent === postmaster ? own : 0));
  return ticks.reduce((sum, each) => sum + each, 0) * TICK_MS;
}

function readStat(pid: string): readonly { readonly pid: number; readonly parent: number; readonly own: number; readonly ended: number }[] {
  try {
    // The command's name, in parentheses, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ').map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return [{ pid: Number(pid), parent, own: user + system, ended: endedUser + endedSystem }];
  } catch {
    return []; // It has ended meanwhile.
  }
}
