import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { postgresBinaries, type PostgresBinaries } from './postgresBinaries';

/** A real PostgreSQL server of its own. Whoever starts it closes it. */
export interface PostgresServer {
  /** Address of the server's own database. */
  readonly url: string;
  readonly port: number;
  /** Where its data is. */
  readonly folder: string;
  /** Makes an empty database and gives its address. */
  databaseUrl(): Promise<string>;
  /** Orderly: clients are told (57P01) and cut off, what is in memory goes to disk. */
  stop(): Promise<void>;
  /** SIGKILL to every process of the server. */
  kill(): Promise<void>;
  /** Starts it again at the same address after `stop` or `kill`, or in place of the running one. Resolves when it answers. */
  restart(): Promise<void>;
  /** SIGSTOP to every process of the server: connections stay open and nothing answers. Resolves when all stand still. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends the server and deletes its data. */
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** Further settings, as in postgresql.conf: `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files beside the data, readable by the server (certificates): name and contents. Settings name them relative to the data: `../server.key`. */
  readonly files?: Readonly<Record<string, string>>;
}

const PASSWORD = 'p@ss/word'; // must be escaped in an address: part of what is tried

/** Starts a server with default durability (every commit is synced) on a free port of loopback, in about a second. */
export async function startPostgres({ settings = {}, files = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  const binaries = postgresBinaries();
  const folder = makeFolder(binaries, { password: PASSWORD, ...files });
  const guard = guardFolder(folder);
  const port = await freePort();
  const url = `postgresql://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
  await initialise(binaries, folder);
  const start = (): Promise<ChildProcess> => startServer(binaries, folder, { ...DEFAULT_SETTINGS, ...settings, port: String(port) });
  let server = await start();
  let databases = 0;

  return {
    url,
    port,
    folder,
    databaseUrl: async () => {
      const name = `test_${(databases += 1)}`;
      await runSql(url, `CREATE DATABASE ${name}`);
      return url.replace(/postgres$/, name);
    },
    stop: () => end(server, 'SIGINT'),
    kill: () => killAll(server),
    restart: async () => {
      await end(server, 'SIGINT');
      server = await start();
    },
    pause: () => stopAll(server),
    resume: () => signalAll(server, 'SIGCONT'),
    close: async () => {
      await killAll(server);
      guard.stdin?.end(); // deletes the folder
      await once(guard, 'exit');
    },
  };
}

/** Runs one statement with a connection of its own. */
async function runSql(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const DEFAULT_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
};

function makeFolder({ account }: PostgresBinaries, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
  for (const [name, contents] of Object.entries(files)) {
    writeFileSync(join(folder, name), contents);
    chmodSync(join(folder, name), 0o600); // the server refuses keys that others could read
    if (account) chownSync(join(folder, name), account.uid, account.gid);
  }
  if (account) chownSync(folder, account.uid, account.gid);
  return folder;
}

/**
 * Ends the server and deletes its data when this process ends in whatever way, SIGKILL included: its input closes then.
 * PostgreSQL's own file says which process it is. SIGQUIT ends it at once, even where its processes are stopped.
 */
function guardFolder(folder: string): ChildProcess {
  const script = `
    read -r _
    server=$(head -n 1 data/postmaster.pid 2>/dev/null)
    if [ -n "$server" ] && grep -qs postgres "/proc/$server/comm"; then
      kill -CONT "$server"; kill -QUIT "$server"
      while kill -0 "$server" 2>/dev/null; do sleep 0.1; done
    fi
    cd / && rm -rf ${JSON.stringify(folder)}`;
  return spawn('sh', ['-c', script], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo; // a TCP server's address is one
  probe.close();
  await once(probe, 'close');
  return port;
}

async function initialise({ initdb, account }: PostgresBinaries, folder: string): Promise<void> {
  const flags = ['--pgdata', join(folder, 'data'), '--username=postgres', '--auth=scram-sha-256', `--pwfile=${join(folder, 'password')}`, '--encoding=UTF8', '--no-locale', '--no-sync'];
  await promisify(execFile)(initdb, flags, { cwd: folder, ...account });
}

async function startServer({ postgres, account }: PostgresBinaries, folder: string, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(postgres, ['-D', join(folder, 'data'), ...flags], { cwd: folder, ...account, stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface(server.stderr).on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (line.includes('database system is ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${String(code)} before it was ready:\n${said.join('\n')}`)));
  });
  return server;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill(signal);
  signalAll(server, 'SIGCONT');
  await ended;
}

/** Resolves when all are gone: the next server refuses to start beside a survivor of this one. */
async function killAll(server: ChildProcess): Promise<void> {
  const processes = processesOf(server);
  await end(server, 'SIGKILL');
  for (const pid of processes) kill(pid, 'SIGKILL');
  while (processes.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A signal takes effect a little later, and the first process may be starting others meanwhile: one that is overlooked would answer alone. */
async function stopAll(server: ChildProcess): Promise<void> {
  const isRunning = (pid: number): boolean => !/^[TZ]?$/.test(statusOf(pid)?.[0] ?? '');
  for (;;) {
    signalAll(server, 'SIGSTOP');
    if (![server.pid ?? 0, ...processesOf(server)].some(isRunning)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** PostgreSQL's processes are each a group of their own. The first is stopped first: it could start others meanwhile. */
function signalAll(server: ChildProcess, signal: NodeJS.Signals): void {
  server.kill(signal);
  for (const pid of processesOf(server)) kill(pid, signal);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function processesOf({ pid }: ChildProcess): readonly number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((child) => Number(statusOf(child)?.[1]) === pid);
}

/** State, parent and so on: the fields of stat after the command's name in parentheses. Undefined where the process has ended. */
function statusOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ');
  } catch {
    return undefined;
  }
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
