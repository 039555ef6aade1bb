import type { Client, CustomTypesConfig, QueryResult } from 'pg';
import type { SqlValue } from './database';
import type { PostgresAddress } from './postgresAddress';
import { ConnectionLostError, spoilsConnection, toStateError } from './postgresErrors';
import { statementOf } from './postgresStatements';

export interface ConnectionSettings {
  readonly address: PostgresAddress;
  /** A server that says nothing for this long, while it is asked, is gone. */
  readonly limitMs: number;
  /** Asked for each new connection where the address has no password. */
  readonly password?: () => Promise<string>;
}

/** Of the limit: a living server ends a statement, which may wait for a lock, before it would be taken for gone. */
const STATEMENT_PART = 0.9;
/** To open takes several round trips, slow ones perhaps; whoever waits gives up before. */
const CONNECT_PART = 2;

/**
 * One connection. Statements are sent as soon as they are asked for, all of one turn of the event loop in one write,
 * and are answered in that order.
 */
export class PostgresConnection {
  isBroken = false;
  /** Statements without an answer yet. */
  pending = 0;
  /** When the server was last heard, or asked after a silence. */
  lastSignMs = Date.now();
  private isGathering = false;
  private readonly broken: (() => void)[] = [];
  private readonly prepared = new Set<string>();
  private readonly preparing = new Set<string>();

  private constructor(private readonly client: Client, private readonly limitMs: number) {
    // An error that nobody hears would end the process.
    client.on('error', () => this.destroy());
    client.on('end', () => this.destroy());
  }

  /** Throws what pg throws. */
  static async open({ address, password, limitMs }: ConnectionSettings): Promise<PostgresConnection> {
    const { host, port, user, database, ssl } = address;
    const pg = await import('pg'); // 10 MB: loaded only where it is used
    const client = new pg.Client({
      host, port, user, database, ssl,
      password: address.password ?? (await password?.()) ?? '',
      application_name: 'parley',
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: limitMs * CONNECT_PART,
      statement_timeout: limitMs * STATEMENT_PART,
      idle_in_transaction_session_timeout: limitMs, // a process that stands still must not lock others out
      types: valueTypes,
    });
    const connection = new PostgresConnection(client, limitMs);
    try {
      await client.connect();
    } catch (error) {
      connection.destroy();
      throw error;
    }
    return connection;
  }

  /** `answered` gets the result; `failed` a StateError, or an Error where the statement itself is wrong. */
  send<R extends object>(sql: string, params: readonly SqlValue[], answered: (result: QueryResult<R>) => void, failed: (error: Error) => void): void {
    if (this.isBroken) {
      failed(new ConnectionLostError('unavailable', 'The connection to the store is lost.'));
      return;
    }
    this.gather();
    if (this.pending === 0) this.lastSignMs = Date.now();
    this.pending += 1;
    const statement = statementOf(sql, params);
    const { name, text, values } = statement;
    const isNamed = this.mayName(name);
    this.client.query<R>(isNamed ? statement : { text, values }, (error: Error | null, result: QueryResult<R>) => {
      this.pending -= 1;
      this.lastSignMs = Date.now();
      if (isNamed) this.noteNamed(name, !error);
      if (!error) {
        answered(result);
        return;
      }
      if (spoilsConnection(error)) this.destroy();
      failed(toStateError(error));
    });
  }

  ask<R extends object>(sql: string, params: readonly SqlValue[] = []): Promise<QueryResult<R>> {
    return new Promise((resolve, reject) => this.send<R>(sql, params, resolve, reject));
  }

  /** Calls back once when the connection is lost or closed. */
  onBroken(listener: () => void): void {
    this.broken.push(listener);
  }

  /** Hears notifications of other connections; see LISTEN. */
  onNotification(listener: (payload: string) => void): void {
    const { processID } = this.client as unknown as { readonly processID: number }; // pg sets it on connecting; its types leave it out
    this.client.on('notification', ({ processId, payload = '' }) => {
      if (processId !== processID) listener(payload);
    });
  }

  /** Gives a connection up that is asked and does not answer. True where it did. */
  endIfSilent(nowMs: number): boolean {
    if (this.pending === 0 || !this.isQuiet(nowMs)) return false;
    this.destroy();
    return true;
  }

  /** True where nothing was heard for as long as a living server needs for any answer. */
  isQuiet(nowMs: number): boolean {
    return nowMs - this.lastSignMs >= this.limitMs;
  }

  /** Says goodbye after everything that was asked for is answered. */
  async close(): Promise<void> {
    if (this.isBroken) return;
    const timer = setTimeout(() => this.destroy(), this.limitMs);
    await this.client.end();
    clearTimeout(timer);
  }

  /** Ends it now; what is unanswered fails. */
  destroy(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.client.connection.stream.destroy();
    for (const tell of this.broken) tell();
  }

  /** What is prepared in a transaction that fails is not prepared: until the first one succeeds, those sent behind it go without a name. */
  private mayName(name: string): boolean {
    if (this.prepared.has(name)) return true;
    if (this.preparing.has(name)) return false;
    this.preparing.add(name);
    return true;
  }

  private noteNamed(name: string, isPrepared: boolean): void {
    if (!this.preparing.delete(name) || !isPrepared) return;
    this.prepared.add(name);
  }

  /** Writes of one turn of the event loop cost one system call together; each alone costs more than all else about a statement. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    const { stream } = this.client.connection;
    stream.cork();
    setImmediate(() => {
      this.isGathering = false;
      stream.uncork();
    });
  }
}

/** Numbers of every size as numbers, true as 1, bytes as bytes, all else as text. Numbers are https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat. */
const readers: Readonly<Record<number, (text: string) => SqlValue>> = {
  16: (text) => (text === 't' ? 1 : 0),
  17: (text) => Buffer.from(text.slice(2), 'hex'), // \x0123…
  20: Number, 21: Number, 23: Number, 700: Number, 701: Number, 1700: Number,
};

const asText = (text: string): SqlValue => text;
const valueTypes: CustomTypesConfig = { getTypeParser: (type: number) => readers[type] ?? asText };
