import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createServer } from 'restify';
import { openDatabase } from '../../state/openDatabase';
import { createDirectLine, type DirectLine } from './directLine';
import { answerAsEcho } from './echoBot';

/** `npm run directline:echo`: the service with an echo bot behind, for other people's Direct Line suites. */
async function main({ PORT = '3979', HOST = '127.0.0.1', DIRECT_LINE_EMBEDDED_SECRET }: NodeJS.ProcessEnv): Promise<void> {
  const log = pino({ level: 'warn' });
  const secret = DIRECT_LINE_EMBEDDED_SECRET ?? randomBytes(24).toString('base64url');
  const folder = mkdtempSync(join(tmpdir(), 'parley-echo-'));
  const database = await openDatabase(join(folder, 'echo.sqlite'));
  const directLine: DirectLine = createDirectLine({
    database,
    secret,
    botId: 'echo',
    serviceUrl: 'urn:parley:directline',
    publicUrl: () => `http://localhost:${PORT}`,
    // Any page may try it: nothing is kept.
    allowedOrigins: ['*'],
    maxUploadBytes: 10_000_000,
    log,
    deliver: async (activity) => {
      answerAsEcho(activity, directLine.connector).catch((error: unknown) => log.error({ error }, 'echo failed'));
    },
  });
  const server = createServer({ name: 'directline-echo' });
  directLine.mount(server);
  server.on('error', (error: Error) => {
    process.stderr.write(`The echo service cannot listen on ${HOST}:${PORT}: ${error.message}. Choose another PORT or HOST.\n`);
    process.exit(1);
  });
  server.listen(Number(PORT), HOST, () => {
    const address = `http://${HOST === '127.0.0.1' ? 'localhost' : HOST}:${server.address().port}/v3/directline`;
    process.stdout.write(`Direct Line with an echo bot: ${address}\nSecret: ${secret}\n`);
  });
  const stop = (): void => {
    server.close();
    void directLine.close().then(() => database.close()).then(() => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(0);
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

void main(process.env);
