import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { loadConfig, type Config } from '../bot/config';
import { openStore } from '../bot/store';
import { StateError, type Database } from '../state/database';
import type { Terminal } from './command';
import { CommandError } from './command';

/** Opens the store that the settings name, works on it, and closes it. Throws CommandError where there is none, or it is away. */
export async function withStore<T>({ env, words }: Terminal, work: (database: Database, config: Config) => Promise<T>): Promise<T> {
  const config = loadConfig(env);
  if (isFile(config.databaseUrl) && !existsSync(config.databaseUrl)) throw new CommandError(words.cli.noStore(config.databaseUrl));
  const ended = new AbortController();
  let database: Database | undefined;
  try {
    database = await openStore(config, ended.signal, pino({ level: 'silent' }));
    return await work(database, config);
  } catch (error) {
    if (error instanceof StateError) throw new CommandError(words.cli.storeFailed(error.message), 1, { cause: error });
    throw error;
  } finally {
    await database?.close();
    ended.abort();
  }
}

const isFile = (databaseUrl: string): boolean => !/^postgres(ql)?:/i.test(databaseUrl);
