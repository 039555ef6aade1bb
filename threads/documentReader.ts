import { FileError } from './error';
import { isPlain, parseThread, type ThreadFile } from './parse';
import { ReaderProcess, type ReaderLimits } from './readerProcess';
import type { Thread } from './thread';

/** Reads files as threads where a bad one harms nobody else: in a process of its own, with limits on time and memory. */
export interface DocumentReader {
  /**
   * Throws FileError as parseThread does; `too-large` too for what takes too long or too much memory, and
   * `unavailable` where too many wait, or nobody waits any more.
   */
  read(file: ThreadFile, signal: AbortSignal): Promise<Thread>;
}

export interface DocumentReaderOptions {
  /** The built threads/readerProgram.ts: dist/readerProgram.mjs. */
  readonly program: string;
  /** Ends all that is being read. */
  readonly closing?: AbortSignal;
  readonly limits?: Partial<PoolLimits>;
}

interface PoolLimits extends ReaderLimits {
  readonly maxProcesses: number;
  readonly maxWaiting: number;
  /** A process that nobody needs is ended. */
  readonly idleMs: number;
}

const defaults: PoolLimits = { timeMs: 10_000, heapMb: 192, memoryBytes: 320_000_000, maxProcesses: 2, maxWaiting: 32, idleMs: 30_000 };

/** Texts up to this size are read at once: to send them there and back takes longer. */
const SMALL_TEXT_BYTES = 16 * 1024;

export function createDocumentReader({ program, closing, limits }: DocumentReaderOptions): DocumentReader {
  const pool = new Pool(program, { ...defaults, ...limits });
  closing?.addEventListener('abort', () => pool.close(), { once: true });
  return {
    read: (file, signal) => (file.bytes.length <= SMALL_TEXT_BYTES && isPlain(file) ? parseThread(file) : pool.read(file, signal)),
  };
}

/** A few processes, used again while they are well; what comes while all are busy waits. */
class Pool {
  private readonly idle: ReaderProcess[] = [];
  private readonly busy = new Set<ReaderProcess>();
  private readonly waiting: ((reader: ReaderProcess) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly program: string, private readonly limits: PoolLimits) {}

  async read(file: ThreadFile, signal: AbortSignal): Promise<Thread> {
    const reader = await this.take(file);
    try {
      if (signal.aborted) throw new FileError('unavailable', `Nobody waits for ${file.name} any more.`);
      return await reader.read(file, signal);
    } finally {
      this.giveBack(reader);
    }
  }

  close(): void {
    clearTimeout(this.timer);
    for (const reader of [...this.idle, ...this.busy]) reader.end();
  }

  private take({ name }: ThreadFile): ReaderProcess | Promise<ReaderProcess> {
    const free = this.idle.pop() ?? (this.busy.size < this.limits.maxProcesses ? new ReaderProcess(this.program, this.limits) : undefined);
    if (free) {
      this.busy.add(free);
      return free;
    }
    if (this.waiting.length >= this.limits.maxWaiting) throw new FileError('unavailable', `${name} came while too many files wait to be read.`);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private giveBack(reader: ReaderProcess): void {
    this.busy.delete(reader);
    const next = this.waiting.shift();
    if (next) {
      const successor = reader.isWell ? reader : new ReaderProcess(this.program, this.limits);
      this.busy.add(successor);
      next(successor);
    } else if (reader.isWell) this.rest(reader);
  }

  private rest(reader: ReaderProcess): void {
    this.idle.push(reader);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      for (const idle of this.idle.splice(0)) idle.end();
    }, this.limits.idleMs);
    this.timer.unref();
  }
}
