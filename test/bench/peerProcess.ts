import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messagesOf, type ChildMessages } from '../helpers/childMessages';
import type { PeerMessage, PeerSettings, Usage } from './peer';

/** A peer in a process of its own. */
export interface PeerProcess {
  readonly url: string;
  readonly pid: number;
  readonly dataDirectory: string;
  readonly databaseUrl: string | undefined;
  /** From spawn to listening. */
  readonly startWallMs: number;
  /** User and system time of the process until it listened. */
  readonly startCpuMs: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export interface PeerStart {
  /** The bundle to run. */
  readonly file: string;
  readonly settings: Omit<PeerSettings, 'dataDirectory'>;
  /** Arguments of node itself, such as `--cpu-prof`. */
  readonly nodeArguments: readonly string[];
  /** Where its output goes, appended. */
  readonly logFile: string;
}

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

/** Spawns a peer and waits until it listens. Rejects when it exits before, or does not listen in 20 s. */
export async function startPeer({ file, settings, nodeArguments, logFile }: PeerStart): Promise<PeerProcess> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const log = await open(logFile, 'a');
  const startedAt = performance.now();
  const child = fork(file, [JSON.stringify({ ...settings, dataDirectory })], {
    execArgv: [...nodeArguments],
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  const messages = messagesOf<PeerMessage>(child, 'The peer');
  await log.close(); // The child has its own by now.
  try {
    const listening = await messages.next('listening', START_LIMIT_MS);
    return {
      url: listening.url,
      pid: child.pid ?? NaN, // It told us that it listens: it has one.
      dataDirectory,
      databaseUrl: settings.databaseUrl,
      startWallMs: performance.now() - startedAt,
      startCpuMs: listening.usage.cpuMs,
      usage: () => askUsage(child, messages),
      stop: () => stopPeer(child, dataDirectory),
    };
  } catch (error) {
    await stopPeer(child, dataDirectory);
    throw new Error(`The peer ${file} did not start; see ${logFile}.`, { cause: error });
  }
}

async function askUsage(child: ChildProcess, messages: ChildMessages<PeerMessage>): Promise<Usage> {
  const answer = messages.next('usage', STOP_LIMIT_MS);
  child.send('usage');
  return (await answer).usage;
}

async function stopPeer(child: ChildProcess, dataDirectory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    if (child.connected) child.send('stop');
    await exited;
    clearTimeout(force);
  }
  await rm(dataDirectory, { recursive: true, force: true });
}
