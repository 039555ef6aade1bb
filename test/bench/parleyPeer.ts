import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../../bot/app';
import { loadConfig } from '../../bot/config';
import { servePeer, type PeerSettings, type RunningPeer } from './peer';

// Parley as index.ts runs it, pages, Direct Line and a log line for every turn included. Only the places outside are
// replaced: where the channel's keys are, and Entra ID.
async function startParley(settings: PeerSettings): Promise<RunningPeer> {
  const config = loadConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: join(settings.dataDirectory, 'parley.db'),
    MicrosoftAppId: settings.appId,
    MicrosoftAppTenantId: settings.tenantId,
    MicrosoftAppPassword: 'unused',
    SERVICE_URL_HOSTS: new URL(settings.serviceUrl).host,
  });
  const log = pino({ level: config.logLevel });
  const app = await createApp(config, join(__dirname, '..', 'web'), log, {
    openIdMetadataUrl: settings.openIdMetadataUrl,
    connectorToken: async () => 'bench',
  });
  const { url } = await app.listen();
  return { url: `${url.replace('localhost', '127.0.0.1')}/api/messages`, close: () => app.close() };
}

void servePeer(startParley);
