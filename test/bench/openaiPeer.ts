import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { closeServer, servePeer, type PeerSettings, type RunningPeer } from './peer';

/** What streaming costs at least: the `openai` package reads one answer to its end for each text that is posted, and nothing more is done with it. */
async function startOpenAI({ modelUrl = '' }: PeerSettings): Promise<RunningPeer> {
  const client = new OpenAI({ baseURL: modelUrl, apiKey: 'bench', maxRetries: 0 });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void readAnswer(client, Buffer.concat(chunks).toString()).then((length) => response.end(String(length))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is an object.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => closeServer(server) };
}

async function readAnswer(client: OpenAI, text: string): Promise<number> {
  const stream = await client.chat.completions.create({ model: 'bench', messages: [{ role: 'user', content: text }], stream: true });
  let length = 0;
  for await (const chunk of stream) length += chunk.choices[0]?.delta.content?.length ?? 0;
  return length;
}

void servePeer(startOpenAI);
