import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MessageActivityInput, PUBLIC, withOverrides } from '@microsoft/teams.api';
import { App, ExpressAdapter } from '@microsoft/teams.apps';
import { closeServer, servePeer, type PeerSettings, type RunningPeer } from './peer';
import { echo } from './peerWords';

void servePeer(startTeams);

/** The SDK reads its own token's claims. */
const UNSIGNED_TOKEN = [{ alg: 'none' }, { exp: 4_102_444_800 }, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

// The echo bot of the Teams SDK's documentation, on a server of ours because the SDK's own listens on every address.
async function startTeams({ appId, tenantId, openIdMetadataUrl }: PeerSettings): Promise<RunningPeer> {
  const server = createServer();
  const app = new App({
    clientId: appId,
    tenantId,
    token: async () => UNSIGNED_TOKEN, // always fresh: no call to Entra ID is measured in any peer
    cloud: withOverrides(PUBLIC, { openIdMetadataUrl }),
    httpServerAdapter: new ExpressAdapter(server),
  });
  app.on('message', async (context) => {
    await context.send(new MessageActivityInput(echo(context.activity.text)));
  });
  await app.initialize();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is an object.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`;
  return { url, close: () => closeServer(server) };
}
