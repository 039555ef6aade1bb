import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fakeEmbeddings, playEmbeddings, type EmbeddingAnswerer, type EmbeddingCall } from './fakeEmbeddings';
import { createFakeMedia, isMediaRequest, type FakeMedia } from './fakeMediaModels';
import { createFakeFineTuning, isTuningRequest, type FakeFineTuning } from './fakeFineTuning';
import type { Script } from './fakeModelScript';
import { answerWhole, play } from './fakeModelPlayer';
import { likeAModel } from './fakeModelBehavior';
import { readModelCall } from './fakeModelRequest';
import { embeddingRequestProblem } from './openaiSpec';

export interface ChatMessage {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[];
}

/** A request to a model that chats; it was checked against OpenAI's own schema. `body` is in the words of chat completions, whatever API it came by. */
export interface ModelCall {
  /** By the path: /openai/ or /v1/. */
  readonly flavor: 'azure' | 'openai';
  readonly api: 'chat-completions' | 'responses' | 'completions';
  /** Of the path, where an api-version with a date names it there. */
  readonly deployment?: string;
  readonly apiVersion?: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly messages: readonly ChatMessage[];
    readonly stream?: boolean;
    readonly tools?: readonly { readonly function: { readonly name: string } }[];
    readonly response_format?: { readonly type: string; readonly json_schema?: { readonly name: string } };
    readonly [parameter: string]: unknown;
  };
}

export type Answerer = (call: ModelCall) => Script | Promise<Script>;

export interface FakeModelServer {
  /** Azure endpoint, without a slash at the end: `{ kind: 'azure', endpoint: server.url, deployment, apiKey }`. */
  readonly url: string;
  /** `{ kind: 'openai', baseUrl: server.baseUrl, model }`. */
  readonly baseUrl: string;
  readonly calls: readonly ModelCall[];
  readonly embeddingCalls: readonly EmbeddingCall[];
  /** Pictures, recordings, speech and moderation. */
  readonly media: FakeMedia;
  /** Files and jobs of fine-tuning. */
  readonly tuning: FakeFineTuning;
  /** Requests that the real service would refuse, or that nobody scripted: close() throws when there are any. */
  readonly violations: readonly string[];
  /** Answers for the next calls, in order; they come before answerWith. */
  script(...scripts: readonly Script[]): void;
  answerWith(answerer: Answerer): void;
  /** Answers every task of Parley from the request itself (fakeModelBehavior.ts). */
  behaveLikeAModel(): void;
  /** Absent: every text has a vector that is near to those of texts with the same words. */
  answerEmbeddingsWith(answerer: EmbeddingAnswerer): void;
  /** Stops the server, cuts what is open, and throws when there were violations. */
  close(): Promise<void>;
}

/**
 * Plays Azure OpenAI, its v1 API and versions with a date, and OpenAI on 127.0.0.1: chat completions, responses, completions. A request that OpenAI's published schema
 * does not allow, and one that nobody scripted, is answered with 500 and kept as a violation.
 */
export async function startFakeModelServer(port = 0): Promise<FakeModelServer> {
  const calls: ModelCall[] = [];
  const violations: string[] = [];
  const queue: Script[] = [];
  const embeddingCalls: EmbeddingCall[] = [];
  const media = createFakeMedia();
  const tuning = createFakeFineTuning();
  let answerer: Answerer | undefined;
  let embeddingAnswerer: EmbeddingAnswerer = fakeEmbeddings;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.endsWith('/embeddings')) {
      const call = await receiveEmbedding(request);
      if (typeof call !== 'string') {
        embeddingCalls.push(call);
        playEmbeddings(embeddingAnswerer(call), response);
        return;
      }
      violations.push(call);
      answerWhole(response, 500, JSON.stringify({ error: { message: call, code: 'fake_violation' } }));
      return;
    }
    if (isTuningRequest(request)) {
      const objection = await tuning.handle(request, response);
      if (objection !== undefined) violations.push(objection);
      return;
    }
    if (isMediaRequest(request)) {
      const objection = await media.handle(request, response);
      if (objection !== undefined) violations.push(objection);
      return;
    }
    const problem = await receive(request, calls);
    const call = calls.at(-1);
    const script = problem || !call ? undefined : (queue.shift() ?? (await answerer?.(call)));
    if (script && call) return play(script, call, response);
    violations.push(problem ?? `Nobody scripted call ${calls.length}: ${JSON.stringify(call?.body).slice(0, 300)}`);
    answerWhole(response, 500, JSON.stringify({ error: { message: violations.at(-1), code: 'fake_violation' } }));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      violations.push(`The fake failed: ${String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server that listens has an address
  return {
    url,
    baseUrl: `${url}/v1/`,
    calls,
    embeddingCalls,
    media,
    tuning,
    violations,
    answerEmbeddingsWith: (next) => (embeddingAnswerer = next),
    script: (...scripts) => void queue.push(...scripts),
    answerWith: (next) => (answerer = next),
    behaveLikeAModel: () => (answerer = likeAModel),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      if (violations.length > 0) throw new Error(`The fake model server objects:\n${violations.join('\n')}`);
    },
  };
}

/** The call, or a sentence where it is not one that the service would take. */
async function receiveEmbedding(request: IncomingMessage): Promise<EmbeddingCall | string> {
  if (request.method !== 'POST' || !/^(?:\/openai)?\/v1\/embeddings$/.test(request.url ?? '')) return `There is no ${request.method ?? ''} ${request.url ?? ''}.`;
  const body = await readJson(request);
  const problem = embeddingRequestProblem(body);
  if (problem) return `Not an embeddings request: ${problem}`;
  if (!/^Bearer \S+/.test(request.headers.authorization ?? '')) return 'The request carries no bearer token.';
  return body as EmbeddingCall; // checked by the schema
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** Records the call; gives a sentence where it is not one that the service would take. */
async function receive(request: IncomingMessage, calls: ModelCall[]): Promise<string | undefined> {
  const call = readModelCall(request, await readJson(request));
  if (typeof call === 'string') return call;
  calls.push(call);
  return undefined;
}
