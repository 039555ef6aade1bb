import type { Logger } from 'pino';
import type { Database } from '../state/database';
import { openDatabase } from '../state/openDatabase';
import type { Config } from './config';
import { createDatabasePassword } from './databasePassword';

/** The store that the settings name. Throws StateError. `signal` ends the renewals of its password. */
export function openStore(config: Config, signal: AbortSignal, log: Logger): Promise<Database> {
  const password = createDatabasePassword(config, signal, log);
  return openDatabase(config.databaseUrl, { poolSize: config.databasePoolSize, log, ...(password && { password }) });
}
