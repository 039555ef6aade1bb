import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { StateError, type Database } from '../../state/database';
import { pendingMigrations } from '../../state/migrations';
import { connectDatabase } from '../../state/openDatabase';
import type { Config } from '../config';
import { createDatabasePassword } from '../databasePassword';
import type { Finding } from './finding';

type Found = Omit<Finding, 'area' | 'name'>;

/** Reaches the store, compares its schema with ours, and writes something that is taken back. The schema is left as it is. */
export async function checkStore(config: Config, signal: AbortSignal): Promise<Found> {
  const { databaseUrl } = config;
  if (!/^postgres(ql)?:/i.test(databaseUrl) && !existsSync(databaseUrl)) return { code: 'store-new', detail: databaseUrl };
  const log = pino({ level: 'silent' });
  const ended = new AbortController();
  let database: Database | undefined;
  try {
    const password = createDatabasePassword(config, AbortSignal.any([signal, ended.signal]), log);
    database = await connectDatabase(databaseUrl, { poolSize: 1, log, ...(password && { password }) });
    const pending = await pendingMigrations(database);
    if (!(await isWritable(database))) return { code: 'store-read-only' };
    return pending === 0 ? { code: 'ok' } : { code: 'store-old', detail: String(pending) };
  } catch (error) {
    return { code: 'store-unreachable', ...(error instanceof StateError && { detail: error.code }) };
  } finally {
    await database?.close();
    ended.abort();
  }
}

class TakenBack extends Error {}

async function isWritable(database: Database): Promise<boolean> {
  try {
    await database.transaction(async (queries) => {
      await queries.execute('CREATE TABLE doctor (one TEXT)');
      throw new TakenBack();
    });
    return true;
  } catch (error) {
    return error instanceof TakenBack;
  }
}
