import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from './peer';

/** A model service of chat completions that streams words at a fixed pace, as the question says. */
export interface ModelService {
  /** For `OPENAI_BASE_URL`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** What a stream is asked for by. The first word comes after as long as every other. */
export const question = ({ tokens, everyMs }: { readonly tokens: number; readonly everyMs: number }): string => `Please write ${tokens} words with ${everyMs} milliseconds between them.`;

const QUESTION = /Please write (\d+) words with (\d+) milliseconds between them\./;

/** The whole answer to a question. */
export const answerOf = (tokens: number): string => Array.from({ length: tokens }, (_, index) => wordAt(index)).join('').trim();

/** As models write: lines of a dozen words, some markdown. */
const wordAt = (index: number): string => `${index % 40 === 39 ? '\n\n' : ' '}${index % 12 === 7 ? `**word${index}**` : `word${index}`}`;

export async function startModelService(): Promise<ModelService> {
  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is an object.
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close: () => closeServer(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
  const body = Buffer.concat(chunks).toString();
  const [, tokens, everyMs] = QUESTION.exec(body.slice(body.lastIndexOf('Please write'))) ?? [];
  if (tokens === undefined || !body.includes('"stream":true')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...common, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: '{}' }, finish_reason: 'stop' }] }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  await stream(response, Number(tokens), Number(everyMs));
}

const common = { id: 'chatcmpl-bench', created: 1_790_000_000, model: 'bench' };

/** Each word in a write of its own, when it is due however late the one before was. */
async function stream(response: ServerResponse, tokens: number, everyMs: number): Promise<void> {
  const startedAt = performance.now();
  for (let index = 0; index < tokens; index += 1) {
    const waitMs = startedAt + (index + 1) * everyMs - performance.now();
    await (waitMs > 0 ? new Promise((resolve) => setTimeout(resolve, waitMs)) : new Promise(setImmediate));
    if (response.destroyed) return;
    send(response, { delta: { content: index === 0 ? wordAt(0).trim() : wordAt(index) }, finish_reason: null });
  }
  send(response, { delta: {}, finish_reason: 'stop' });
  response.end('data: [DONE]\n\n');
}

const send = (response: ServerResponse, choice: object): void =>
  void response.write(`data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, logprobs: null, ...choice }] })}\n\n`);
