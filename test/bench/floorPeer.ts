import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { closeServer, servePeer, type PeerSettings, type RunningPeer } from './peer';
import { echo } from './peerWords';

// The floor: what Node itself needs to take a message, answer 200 and post one reply. No authentication, no state.
void servePeer(startFloor);

/** The fields of a message that a reply is made of. */
interface Incoming {
  readonly id: string;
  readonly text: string;
  readonly conversation: { readonly id: string };
}

async function startFloor({ serviceUrl }: PeerSettings): Promise<RunningPeer> {
  const connector = new Pool(serviceUrl, { pipelining: 1 });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(200).end();
      // The bench sends nothing else.
      void reply(connector, JSON.parse(Buffer.concat(chunks).toString('utf8')) as Incoming);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is an object.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`;
  return { url, close: () => closeServer(server) };
}

async function reply(connector: Pool, message: Incoming): Promise<void> {
  const path = `/v3/conversations/${encodeURIComponent(message.conversation.id)}/activities/${encodeURIComponent(message.id)}`;
  const body = JSON.stringify({ type: 'message', text: echo(message.text), replyToId: message.id });
  const response = await connector.request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body });
  await response.body.dump();
}
