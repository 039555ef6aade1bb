import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from './bot/app';
import { ConfigError, loadConfig, type Config } from './bot/config';
import { createLog } from './bot/log';
import { openTelemetry } from './bot/telemetry/telemetry';

/** Seconds that a stop may take before it is forced. */
const STOP_LIMIT_MS = 25_000;

async function main(): Promise<void> {
  const config = readConfig();
  const telemetry = await openTelemetry(config.telemetry);
  const log = createLog(config.logLevel, telemetry, pino.destination(1));
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error: the process ends'); // Node would print all of it, with whatever text it holds
    process.exit(1);
  });
  const app = await createApp(config, join(__dirname, 'web'), log, { ...(telemetry && { telemetry }) });
  const { url } = await app.listen();
  console.log(`Parley is running: ${url}`);

  const stop = (): void => {
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    app.close().then(() => telemetry?.close()).then(() => process.exit(0), (error: unknown) => {
      log.fatal({ err: error }, 'could not stop cleanly');
      process.exit(1);
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function readConfig(): Config {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  console.error(startFailure(error));
  process.exit(1);
});

function startFailure(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'EADDRINUSE') return 'Parley could not start: the port is in use. Set PORT to a free one.';
  if (code === 'EACCES') return 'Parley could not start: the port is not allowed. Set PORT to one above 1023.';
  return `Parley could not start: ${String(message)}`;
}
