import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** False once it has ended by itself. */
  readonly isRunning: () => boolean;
  /** What it said on both outputs, without the lines of the log. */
  readonly said: () => string;
  /** Sends the signal and resolves with the exit code; `null` where the signal itself ended the process. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const bundle = join(__dirname, '../../dist/server.mjs');

/** The built server as `npm start` runs it, in a process of its own on a free port. Whoever starts it ends it. */
export async function startServerProcess(env: Readonly<Record<string, string | undefined>>): Promise<ServerProcess> {
  if (!existsSync(bundle)) throw new Error('The server is not built: run "npm run build" before this suite ("npm test" does).');
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, ['--max-semi-space-size=4', '--heap-growing-percent=50', bundle], { env: { PATH, HOME, TMPDIR, PORT: '0', LOG_LEVEL: 'silent', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const ended = once(child, 'exit') as Promise<[number | null]>; // code and signal, by the documentation of Node
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (line: string): void => {
      lines.push(line);
      const address = /^Parley is running: (\S+)$/.exec(line)?.[1];
      if (address) resolve(address);
    };
    createInterface(child.stdout).on('line', listen);
    createInterface(child.stderr).on('line', listen);
    ended.then(([code]) => reject(new Error(`The server ended with ${String(code)} before it listened:\n${lines.join('\n')}`)), reject);
  });
  return {
    url,
    pid: child.pid ?? 0, // it has one: it has spoken
    isRunning: () => child.exitCode === null && child.signalCode === null,
    said: () => lines.join('\n'),
    end: async (signal) => {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}
