import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../../bot/app';
import { loadConfig } from '../../bot/config';
import { countStatements } from './countStatements';
import { servePeer, type PeerSettings, type RunningPeer } from './peer';

/** People here say more in a second than people do in an hour: limits count, and hold nobody up. */
const NO_LIMIT = '100000000';

// Parley as index.ts runs it, pages, Direct Line and a log line for every turn included. Only the places outside are
// replaced: where the channel's keys are, and Entra ID.
async function startParley(settings: PeerSettings): Promise<RunningPeer> {
  const statements = settings.countsStatements === true ? countStatements() : undefined;
  const config = loadConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: settings.databaseUrl ?? join(settings.dataDirectory, 'parley.db'),
    MicrosoftAppId: settings.appId,
    MicrosoftAppTenantId: settings.tenantId,
    MicrosoftAppPassword: 'unused-in-this-bench',
    SERVICE_URL_HOSTS: new URL(settings.serviceUrl).host,
    DIRECT_LINE_EMBEDDED_SECRET: settings.directLineSecret,
    MESSAGES_PER_MINUTE: NO_LIMIT,
    CONVERSATION_MESSAGES_PER_MINUTE: NO_LIMIT,
    ADDRESS_MESSAGES_PER_MINUTE: NO_LIMIT,
    ...(settings.modelUrl !== undefined && { OPENAI_BASE_URL: settings.modelUrl, OPENAI_API_KEY: 'bench', OPENAI_MODEL: 'bench' }),
    MAX_CONNECTIONS: NO_LIMIT,
    MAX_CONNECTIONS_PER_ADDRESS: NO_LIMIT,
  });
  const log = pino({ level: config.logLevel });
  const app = await createApp(config, join(__dirname, '..', 'web'), log, {
    openIdMetadataUrl: settings.openIdMetadataUrl,
    connectorToken: async () => 'bench',
    sendLimits: [{ count: 1_000_000, windowMs: 1_000 }], // counted as Teams' are, and never reached
  });
  const { url } = await app.listen();
  return { url: `${url.replace('localhost', '127.0.0.1')}/api/messages`, ...(statements && { statements }), close: () => app.close() };
}

void servePeer(startParley);
