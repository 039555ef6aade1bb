import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ActivityHandler, authorizeJWT, CloudAdapter, type AuthConfiguration, type AuthProvider, type Connections } from '@microsoft/agents-hosting';
import express from 'express';
import { entraIssuer } from './activity';
import { closeServer, servePeer, type PeerSettings, type RunningPeer } from './peer';
import { echo } from './peerWords';

// The smallest Microsoft 365 Agents SDK bot: express, token validation, an ActivityHandler that echoes. No dialogs, no state.
async function startAgents(settings: PeerSettings): Promise<RunningPeer> {
  const configuration = createConfiguration(settings);
  const adapter = new CloudAdapter(configuration);
  adapter.connectionManager = fixedConnections(configuration);
  const bot = new EchoBot();
  const app = express();
  app.use(express.json());
  app.use(authorizeJWT(configuration));
  app.post('/api/messages', (request, response) => adapter.process(request, response, (context) => bot.run(context)));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is an object.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`;
  return { url, close: () => closeServer(server) };
}

/**
 * The SDK takes the Bot Framework's keys from a fixed https address, but an Entra issuer's from the authority:
 * so this peer's tokens name the tenant as their issuer. The work of the validation is the same.
 */
function createConfiguration({ appId, tenantId, serviceUrl }: PeerSettings): AuthConfiguration {
  const connection: AuthConfiguration = {
    clientId: appId,
    tenantId,
    clientSecret: 'unused',
    authorityEndpoint: `${serviceUrl}/${tenantId}`,
    issuers: [entraIssuer(tenantId)],
    validateIssuer: true,
  };
  return { ...connection, connections: new Map([['serviceConnection', connection]]), connectionsMap: [{ serviceUrl: '*', connection: 'serviceConnection' }] };
}

/** A token that is always fresh: no call to Entra ID is measured in any peer. */
function fixedConnections(configuration: AuthConfiguration): Connections {
  const token = async (): Promise<string> => 'bench';
  const provider: AuthProvider = {
    connectionSettings: configuration,
    getAccessToken: token,
    getAgenticApplicationToken: token,
    getAgenticInstanceToken: token,
    getAgenticUserToken: token,
    acquireTokenOnBehalfOf: token,
  };
  return {
    getConnection: () => provider,
    getDefaultConnection: () => provider,
    getTokenProvider: () => provider,
    getTokenProviderFromActivity: () => provider,
    getDefaultConnectionConfiguration: () => configuration,
  };
}

class EchoBot extends ActivityHandler {
  constructor() {
    super();
    this.onMessage(async (context, next) => {
      await context.sendActivity(echo(context.activity.text ?? ''));
      await next();
    });
  }
}

// Last: classes are not hoisted.
void servePeer(startAgents);
