import { StateError, type Database } from '../state/database';
import type { Metrics } from './metrics';

/** The same store; what it does is counted. */
export function measureDatabase(database: Database, metrics: Pick<Metrics, 'transactionFinished' | 'queryFailed'>): Database {
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      metrics.queryFailed(codeOf(error));
      throw error;
    }
  };
  const timed = async <T>(commit: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const finished = (outcome: string): void => metrics.transactionFinished({ outcome, durationMs: performance.now() - startedAt });
    try {
      const result = await commit();
      finished('committed');
      return result;
    } catch (error) {
      finished(codeOf(error));
      throw error;
    }
  };
  return {
    isShared: database.isShared,
    query: (sql, params) => counted(database.query(sql, params)),
    execute: (sql, params) => counted(database.execute(sql, params)),
    transaction: (work, durability) => timed(() => database.transaction(work, durability)),
    write: <R extends readonly object[]>(...request: Parameters<Database['write']>) => timed(() => database.write<R>(...request)),
    announce: (topic, message) => database.announce(topic, message),
    announced: () => database.announced(),
    listen: (topic, listener) => database.listen(topic, listener),
    scrub: () => database.scrub(),
    close: () => database.close(),
  };
}

const codeOf = (error: unknown): string => (error instanceof StateError ? error.code : 'unexpected');
