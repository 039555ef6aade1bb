import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from './error';
import type { ThreadFile } from './parse';
import type { ReaderAnswer } from './readerProgram';
import type { Thread } from './thread';

export interface ReaderLimits {
  /** For one file. */
  readonly timeMs: number;
  /** Of JavaScript's heap. */
  readonly heapMb: number;
  /** Of the whole process; watched where there is a /proc (Linux). */
  readonly memoryBytes: number;
}

const LOOK_EVERY_MS = 20;
const PAGE_BYTES = 4096;

/**
 * A process that reads files, one after the other. It may read the program's own folder and nothing else, has no
 * secrets in its environment, and when it is ended its memory is given back, which that of a thread is not.
 */
export class ReaderProcess {
  private readonly child: ChildProcess;
  private isEnded = false;

  constructor(program: string, private readonly limits: ReaderLimits) {
    this.child = fork(program, {
      execArgv: [`--max-old-space-size=${limits.heapMb}`, '--max-semi-space-size=2', '--permission', `--allow-fs-read=${dirname(program)}/*`],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.child.on('error', () => undefined); // told to whoever waits; without a listener it would end the process
    this.child.once('exit', () => void (this.isEnded = true));
    this.rest();
  }

  /** False after a file that took too much, or that nobody waited for any more: this process reads no other. */
  get isWell(): boolean {
    return !this.isEnded;
  }

  /** Throws FileError. */
  async read(file: ThreadFile, signal: AbortSignal): Promise<Thread> {
    const answer = await this.ask(file, signal);
    if ('thread' in answer) return answer.thread;
    throw new FileError(answer.code, answer.message);
  }

  end(): void {
    this.isEnded = true;
    this.child.kill('SIGKILL');
  }

  private async ask(file: ThreadFile, signal: AbortSignal): Promise<ReaderAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<ReaderAnswer>();
    const fail = (code: 'too-large' | 'unavailable' | 'unreadable', what: string) => (): void => reject(new FileError(code, `${file.name} ${what}.`));
    const timer = setTimeout(fail('too-large', `takes longer than ${this.limits.timeMs} ms to read`), this.limits.timeMs);
    const looking = setInterval(() => void this.isTooBig().then((tooBig) => tooBig && fail('too-large', 'takes too much memory to read')()), LOOK_EVERY_MS);
    const onAbort = fail('unavailable', 'is not waited for any more');
    // Node ends itself with SIGABRT when its heap is full.
    const onExit = (_code: number | null, ended: NodeJS.Signals | null): void => fail(ended === 'SIGABRT' ? 'too-large' : 'unreadable', 'ended its reader')();
    signal.addEventListener('abort', onAbort, { once: true });
    this.child.once('message', resolve).once('error', reject).once('exit', onExit);
    this.work(file);
    try {
      return await promise;
    } catch (error) {
      this.end();
      throw error instanceof FileError ? error : new FileError('unreadable', `${file.name} could not be handed to its reader.`, { cause: error });
    } finally {
      clearTimeout(timer);
      clearInterval(looking);
      signal.removeEventListener('abort', onAbort);
      this.child.off('message', resolve).off('error', reject).off('exit', onExit);
      this.rest();
    }
  }

  /** While it reads it keeps us alive; at rest it does not. */
  private work(file: ThreadFile): void {
    this.child.ref();
    this.child.channel?.ref();
    this.child.send(file, () => undefined); // what goes wrong here ends the child too
  }

  private rest(): void {
    this.child.unref();
    this.child.channel?.unref();
  }

  /** The heap's limit does not count what lies beside it: bytes of files, and what they inflate to. */
  private async isTooBig(): Promise<boolean> {
    const statm = await readFile(`/proc/${this.child.pid ?? 0}/statm`, 'utf8').catch(() => '');
    return Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES > this.limits.memoryBytes;
  }
}
