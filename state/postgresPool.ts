import type { Logger } from 'pino';
import { StateError } from './database';
import type { PostgresConnection } from './postgresConnection';
import { isRefusal, reasonOf } from './postgresErrors';

export interface PoolOptions {
  /** Throws where the server is not reached or refuses. */
  readonly open: () => Promise<PostgresConnection>;
  readonly size: number;
  /** Nobody waits longer. */
  readonly limitMs: number;
  /** Where the store is, for messages. */
  readonly place: string;
  readonly log?: Logger;
}

interface Waiter {
  /** alone: until it is given back, however long that takes. pipe: until what was sent at once is answered. share: for one statement beside others. */
  readonly manner: 'alone' | 'pipe' | 'share';
  readonly untilMs: number;
  readonly got: (connection: PostgresConnection) => void;
  readonly failed: (error: Error) => void;
}

const SWEEP_EVERY_MS = 250;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
const SECOND_ATTEMPT_PART = 0.4; // of the limit

/**
 * Connections to one server, opened on demand and thrown away when they break. While the server does not answer, an attempt
 * now and then looks for it; who asks meanwhile waits up to the limit, and not at all once it has been away that long.
 */
export class PostgresPool {
  private readonly connections = new Set<PostgresConnection>();
  /** Those that nobody has for himself; they may be answering statements. */
  private readonly free: PostgresConnection[] = [];
  /** Those that answer statements which were all sent at once: others may ask behind them. */
  private readonly piping = new Set<PostgresConnection>();
  /** Those that somebody has for himself. */
  private readonly taken = new Set<PostgresConnection>();
  private waiting: Waiter[] = [];
  private opening = 0;
  private openedAtMs = 0;
  private awaySinceMs: number | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private lastFailure: unknown;
  private retry: NodeJS.Timeout | undefined;
  private isClosed = false;
  private sweptAtMs = Date.now();
  private readonly sweeping = setInterval(() => this.sweep(Date.now()), SWEEP_EVERY_MS).unref();

  constructor(private readonly options: PoolOptions) {}

  /** A connection for oneself alone. Give it back. Throws StateError('unavailable'). */
  take(): Promise<PostgresConnection> {
    return this.wait('alone');
  }

  give(connection: PostgresConnection): void {
    this.taken.delete(connection);
    if (!connection.isBroken) this.offer(connection);
  }

  /**
   * For statements that are sent at once, before anything is waited for, and leave nothing behind: on a connection that is
   * free, else behind what others asked for in the same way. A store that is far away is waited for once, by all together.
   */
  async pipe<T>(use: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const busy = this.free.length === 0 ? this.leastAsked() : undefined;
    if (busy) return use(busy);
    const connection = await this.wait('pipe');
    this.piping.add(connection);
    try {
      return await use(connection);
    } finally {
      this.piping.delete(connection);
      this.give(connection);
    }
  }

  /** Calls `use` with a connection on which others, too, ask: it must send at once, and one statement without consequences for the next. */
  share(use: (connection: PostgresConnection) => void, failed: (error: Error) => void): void {
    const connection = this.free.at(-1) ?? this.leastAsked();
    if (connection) use(connection);
    else this.hand({ manner: 'share', untilMs: Date.now() + this.options.limitMs, got: use, failed });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.sweeping);
    clearTimeout(this.retry);
    this.failAll(this.unavailable('is being closed'));
    await Promise.all([...this.connections].map((connection) => connection.close()));
  }

  /** Of those that pipe; one more is opened meanwhile, where there may be more. */
  private leastAsked(): PostgresConnection | undefined {
    if (this.piping.size === 0 || this.isClosed) return undefined;
    this.grow(1);
    return [...this.piping].reduce((least, other) => (other.pending < least.pending ? other : least));
  }

  private wait(manner: 'alone' | 'pipe'): Promise<PostgresConnection> {
    return new Promise((got, failed) => this.hand({ manner, untilMs: Date.now() + this.options.limitMs, got, failed }));
  }

  private hand(waiter: Waiter): void {
    const connection = this.free.at(-1);
    if (connection && !this.isClosed && this.mayHave(waiter)) {
      if (waiter.manner !== 'share') this.free.pop();
      this.pass(connection, waiter);
    } else if (this.isClosed || this.isAway(Date.now())) {
      waiter.failed(this.unavailable('does not answer'));
    } else {
      this.waiting.push(waiter);
      this.grow();
    }
  }

  /** Statements that were waiting go first, all of them; then one who wants it for himself: his come after theirs. */
  private offer(connection: PostgresConnection): void {
    const next = this.waiting.find((waiter) => waiter.manner !== 'share' && this.mayHave(waiter));
    const served = this.waiting.filter((waiter) => waiter.manner === 'share' || waiter === next);
    this.waiting = this.waiting.filter((waiter) => !served.includes(waiter));
    for (const waiter of served) if (waiter !== next) waiter.got(connection);
    if (next) this.pass(connection, next);
    else this.free.push(connection);
  }

  private pass(connection: PostgresConnection, waiter: Waiter): void {
    if (waiter.manner === 'alone') this.taken.add(connection);
    waiter.got(connection);
  }

  /** Where there may be several, one stays for what is sent at once: a transaction on a store that is far away takes seconds. Unless no more can be had. */
  private mayHave({ manner }: Waiter): boolean {
    if (manner !== 'alone' || this.options.size === 1 || this.lastFailure !== undefined) return true;
    return this.connections.size - this.taken.size > 1;
  }

  private grow(wanted = this.waiting.length): void {
    if (this.isClosed || this.connections.size + this.opening >= this.options.size || !this.mayOpen(Date.now(), wanted)) return;
    this.opening += 1;
    this.openedAtMs = Date.now();
    this.options.open().then((connection) => this.opened(connection), (error: unknown) => this.notOpened(error));
  }

  /** While the server is looked for: one attempt, and after a while another beside it, since networks lose what begins one. */
  private mayOpen(nowMs: number, wanted: number): boolean {
    if (this.awaySinceMs === undefined) return this.opening < wanted;
    return this.opening === 0 || nowMs - this.openedAtMs >= this.options.limitMs * SECOND_ATTEMPT_PART;
  }

  private opened(connection: PostgresConnection): void {
    this.opening -= 1;
    if (this.isClosed) {
      connection.destroy();
      return;
    }
    this.found();
    this.connections.add(connection);
    connection.onBroken(() => this.drop(connection));
    if (connection.isBroken) this.drop(connection);
    else this.offer(connection);
    this.grow();
  }

  private notOpened(error: unknown): void {
    this.opening -= 1;
    this.lastFailure = error;
    if (isRefusal(error)) this.failAll(this.unavailable('refuses us'));
    this.missed(Date.now());
    const connection = this.free.pop();
    if (connection) this.offer(connection); // whoever was to leave it for others may have it now
  }

  private drop(connection: PostgresConnection): void {
    this.connections.delete(connection);
    this.piping.delete(connection);
    this.taken.delete(connection);
    const index = this.free.indexOf(connection);
    if (index >= 0) this.free.splice(index, 1);
    this.grow();
  }

  private sweep(nowMs: number): void {
    const wasAsleep = nowMs - this.sweptAtMs > 4 * SWEEP_EVERY_MS;
    this.sweptAtMs = nowMs;
    if (wasAsleep) return; // this process stood still: answers may be there and unread
    const heardAtMs = Math.max(...[...this.connections].map(({ lastSignMs }) => lastSignMs));
    const silent = [...this.connections].filter((connection) => connection.endIfSilent(nowMs));
    if (silent.length > 0) {
      // The idle ones reach the same server, and opening them anew costs milliseconds.
      for (const connection of [...this.free]) if (connection.isQuiet(nowMs)) connection.destroy();
      this.missed(heardAtMs);
    }
    if (this.awaySinceMs !== undefined && this.opening > 0) this.grow();
    const late = this.waiting.filter(({ untilMs }) => nowMs >= untilMs || this.isAway(nowMs));
    if (late.length === 0) return;
    this.waiting = this.waiting.filter((waiter) => !late.includes(waiter));
    for (const waiter of late) waiter.failed(this.unavailable('does not answer'));
  }

  private isAway = (nowMs: number): boolean => this.awaySinceMs !== undefined && nowMs - this.awaySinceMs >= this.options.limitMs;

  /** The server did not answer: look for it until it does, whether anybody asks or not. */
  private missed(sinceMs: number): void {
    if (this.isClosed) return;
    if (this.awaySinceMs === undefined) this.options.log?.warn({ store: this.options.place, reason: reasonOf(this.lastFailure) }, 'the store does not answer');
    this.awaySinceMs ??= sinceMs;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.grow(), this.pauseMs).unref();
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private found(): void {
    if (this.awaySinceMs !== undefined) this.options.log?.info({ store: this.options.place, awayMs: Date.now() - this.awaySinceMs }, 'the store answers again');
    this.awaySinceMs = undefined;
    this.pauseMs = FIRST_PAUSE_MS;
    this.lastFailure = undefined;
  }

  private failAll(error: Error): void {
    const { waiting } = this;
    this.waiting = [];
    for (const waiter of waiting) waiter.failed(error);
  }

  private unavailable(what: string): StateError {
    const reason = this.lastFailure === undefined ? '' : ` (${reasonOf(this.lastFailure)})`;
    return new StateError('unavailable', `The store at ${this.options.place} ${what}${reason}. Check DATABASE_URL and the server.`, { cause: this.lastFailure });
  }
}
