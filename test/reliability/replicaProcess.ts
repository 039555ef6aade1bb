import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { messagesOf } from '../helpers/childMessages';
import type { ReplicaMessage, ReplicaOrder, ReplicaSettings, ReplicaUsage } from './replica';
import type { PointSignal, TurnPoint } from './turnPoints';

/** A replica in a process of its own. */
export interface Replica {
  /** Without a slash at the end; 127.0.0.1. */
  readonly url: string;
  readonly pid: number;
  /** True until it has ended. */
  readonly isRunning: boolean;
  /** Resolves when it has ended, with its exit code; null after a signal. */
  readonly ended: Promise<number | null>;
  /** From the time that this resolves, it sends itself the signal at this point of its next turn. */
  signalAt(point: TurnPoint, signal: PointSignal): Promise<void>;
  usage(): Promise<ReplicaUsage>;
  /** SIGKILL ends it at once, SIGTERM in an orderly way; SIGSTOP and SIGCONT pause it. */
  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
}

const bundle = join(__dirname, '../../dist/reliability/replica.mjs');
const START_LIMIT_MS = 60_000;

/** Starts a replica and resolves when it listens. Whoever starts it ends it. */
export async function startReplica(settings: ReplicaSettings, port: number): Promise<Replica> {
  if (!existsSync(bundle)) throw new Error('The replica is not built: "node build.mjs reliability" does it ("npm run test:reliability" too).');
  const child = fork(bundle, [JSON.stringify({ ...settings, env: { ...settings.env, PORT: String(port) } })], { env: { PATH: process.env['PATH'] }, execArgv: ['--max-semi-space-size=4', '--heap-growing-percent=50', '--no-warnings'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code]) => code as number | null); // code and signal, by the documentation of Node
  const messages = messagesOf<ReplicaMessage>(child, 'The replica');
  await messages.next('listening', START_LIMIT_MS);
  const order = (what: ReplicaOrder): void => void child.send(what);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0, // it has one: it has spoken
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    ended,
    signalAt: async (point, signal) => {
      const isHeard = messages.next('armed', START_LIMIT_MS);
      order({ kind: 'signal', point, signal });
      await isHeard;
    },
    usage: async () => {
      order({ kind: 'usage' });
      return (await messages.next('usage', START_LIMIT_MS)).usage;
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo; // a TCP server's address is one
  probe.close();
  await once(probe, 'close');
  return port;
}
