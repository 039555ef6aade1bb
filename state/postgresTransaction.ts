import type { QueryResult } from 'pg';
import { StateError, type Durability, type Queries, type SqlValue } from './database';
import type { PostgresConnection } from './postgresConnection';

/** One transaction on a connection of its own. It begins with the first statement, in the same round trip. */
export class PostgresTransaction implements Queries {
  /** Why it cannot be committed: the first statement that failed. */
  failure: Error | undefined;
  private hasBegun = false;
  private isOver = false;

  constructor(private readonly connection: PostgresConnection, private readonly durability: Durability) {}

  query<R extends object>(sql: string, params: readonly SqlValue[] = []): Promise<R[]> {
    return this.run<R, R[]>(sql, params, ({ rows }) => rows);
  }

  execute(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    return this.run(sql, params, ({ rowCount }) => rowCount ?? 0);
  }

  /** Resolves when the work is durable. Throws StateError. */
  async commit(): Promise<void> {
    if (this.failure) throw this.failure;
    if (!this.hasBegun) return;
    this.isOver = true;
    const { command } = await this.connection.ask('COMMIT');
    // The server takes COMMIT for ROLLBACK after a failure, here of a statement that nobody waited for.
    if (command !== 'COMMIT') throw this.fail(new StateError('unavailable', 'The store did not commit.'));
  }

  /** Not waited for: what comes next on the connection comes after it. */
  rollback(): void {
    if (!this.hasBegun || this.isOver || this.connection.isBroken) return;
    this.isOver = true;
    this.connection.send('ROLLBACK', [], () => undefined, () => this.connection.destroy());
  }

  private run<R extends object, T>(sql: string, params: readonly SqlValue[], read: (result: QueryResult<R>) => T): Promise<T> {
    if (this.isOver) return Promise.reject(new Error('The transaction is over: a statement was asked for too late.'));
    this.begin();
    const answer = new Promise<T>((resolve, reject) => {
      this.connection.send<R>(sql, params, (result) => resolve(read(result)), (error) => reject(this.fail(error)));
    });
    answer.catch(() => undefined); // a failure fails the transaction, whether anybody waits for this statement or not
    return answer;
  }

  private begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    const failed = (error: Error): void => void this.fail(error);
    this.connection.send('BEGIN', [], () => undefined, failed);
    if (this.durability === 'relaxed') this.connection.send('SET LOCAL synchronous_commit = off', [], () => undefined, failed);
  }

  /** What follows a failed statement fails too, and says less. */
  private fail(error: Error): Error {
    return (this.failure ??= error);
  }
}
