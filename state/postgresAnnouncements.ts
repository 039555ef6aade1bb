import { MAX_ANNOUNCEMENT_BYTES } from './database';
import { Listeners } from './listeners';
import type { PostgresConnection } from './postgresConnection';

const CHANNEL = 'parley';
/** What is announced within this time goes out in one statement. */
const GATHER_MS = 3;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** A connection that hears nothing is asked now and then whether it is still there. */
const ASK_EVERY_MS = 1_000;

/** An empty topic: whoever listens to anything, look for yourself. */
const EVERYBODY = '';

/**
 * Announcements by LISTEN and NOTIFY, on a connection of their own that is opened again whenever it breaks.
 * A payload is a topic, a line feed and a message; without a message: look for yourself.
 * https://www.postgresql.org/docs/current/sql-notify.html
 */
export class PostgresAnnouncements {
  private readonly listeners = new Listeners();
  private connection: PostgresConnection | undefined;
  private outgoing: string[] = [];
  /** Resolve with what waits to leave, and with what left last. */
  private leaving = Promise.withResolvers<undefined>();
  private left: PromiseWithResolvers<undefined> | undefined;
  private flushing: NodeJS.Timeout | undefined;
  private isClosed = false;
  /** Others may have missed something of ours. */
  private hasLost = false;
  private pauseMs = FIRST_PAUSE_MS;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly open: () => Promise<PostgresConnection>) {}

  announce(topic: string, message: string): void {
    // Within this process without the detour, which may be closed just now.
    setImmediate(() => this.listeners.tell(topic, message));
    this.outgoing.push(payloadOf(topic, message));
    this.flushing ??= setTimeout(() => this.flush(), GATHER_MS).unref();
  }

  /** Also where it did not get through: whoever listens is told later to look for himself. */
  async announced(): Promise<void> {
    await (this.outgoing.length > 0 ? this.leaving : this.left)?.promise; // what left before has arrived before
  }

  listen(topic: string, listener: (message: string | undefined) => void): () => void {
    return this.listeners.add(topic, listener);
  }

  async close(): Promise<void> {
    this.flush();
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.connection?.close();
  }

  /** Resolves when it hears and is heard, or will try again. */
  async connect(): Promise<void> {
    try {
      const connection = await this.open();
      connection.onNotification((payload) => this.hear(payload));
      await connection.ask(`LISTEN ${CHANNEL}`);
      if (this.isClosed) await connection.close();
      connection.onBroken(() => this.lost());
      if (connection.isBroken) this.lost();
      else this.connected(connection);
    } catch {
      this.reconnectLater(); // the pool tells of a store that is away
    }
  }

  private connected(connection: PostgresConnection): void {
    this.connection = connection;
    this.pauseMs = FIRST_PAUSE_MS;
    this.listeners.tellAll();
    if (this.hasLost) this.outgoing.push(EVERYBODY);
    this.hasLost = false;
    this.flush();
    this.watch(connection);
  }

  private watch(connection: PostgresConnection): void {
    this.timer = setTimeout(() => {
      if (connection.endIfSilent(Date.now())) return;
      if (connection.pending === 0) connection.send('SELECT 1', [], () => undefined, () => connection.destroy());
      this.watch(connection);
    }, ASK_EVERY_MS).unref();
  }

  private lost(): void {
    this.connection = undefined;
    this.reconnectLater();
  }

  private reconnectLater(): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    this.timer = setTimeout(() => void this.connect(), this.pauseMs).unref();
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private flush(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    const { connection, outgoing, leaving } = this;
    if (outgoing.length === 0) return;
    this.outgoing = [];
    this.left = leaving;
    this.leaving = Promise.withResolvers();
    const done = (): void => leaving.resolve(undefined);
    const failed = (): void => {
      this.hasLost = true;
      done();
      connection?.destroy();
    };
    if (connection) connection.send('SELECT pg_notify(?, value) FROM json_array_elements_text(?)', [CHANNEL, JSON.stringify(outgoing)], done, failed);
    else failed();
  }

  private hear(payload: string): void {
    const end = payload.indexOf('\n');
    if (payload === EVERYBODY) this.listeners.tellAll();
    else if (end < 0) this.listeners.tell(payload, undefined);
    else this.listeners.tell(payload.slice(0, end), payload.slice(end + 1));
  }
}

/** PostgreSQL's JSON takes no NUL and no half characters. */
function payloadOf(topic: string, message: string): string {
  const payload = Buffer.byteLength(message) > MAX_ANNOUNCEMENT_BYTES ? topic : `${topic}\n${message}`;
  return payload.toWellFormed().replaceAll('\0', '\ufffd');
}
