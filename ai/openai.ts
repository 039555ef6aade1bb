import type { NoteUse } from './callRecord';
import type { Capability } from './capability';
import type { ChatApi } from './chatApi';
import { chatCompletionsApi } from './chatCompletionsApi';
import { completionsApi } from './completionsApi';
import type { Api } from './deployments';
import type { CallOrigin, Gateway } from './gateway';
import type { Model, ModelEvent, ModelRequest, ModelResult } from './model';
import type { Connection } from './openaiConnection';
import { askForJson } from './openaiJson';
import { readAnswer } from './readAnswer';
import { responsesApi } from './responsesApi';
import { estimateTokens } from './tokens';
import type { Watch } from './watch';

/**
 * The model that does `capability`, for one who asks: behind Azure OpenAI, OpenAI, or a server that is compatible
 * with it (Ollama, llama.cpp, LM Studio, vLLM). When the caller's signal aborts, a call ends with AIError `timeout`,
 * the signal's reason as its cause.
 */
export function createModel(gateway: Gateway, capability: Capability, origin: CallOrigin): Model {
  const stream = (request: ModelRequest, signal: AbortSignal, restarts: boolean): AsyncIterable<ModelEvent> =>
    gateway.call({ ...origin, capability, operation: request.schema?.name ?? 'answer', tokens: tokensOf(request), restarts, streams: true }, attempt(request), signal);
  return {
    name: gateway.nameOf(capability) ?? '',
    callsTools: gateway.callsTools(capability),
    complete: (request, signal) => askForJson((wanted) => resultOf(stream(wanted, signal, true)), request),
    stream: (request, signal) => stream(request, signal, false),
  };
}

function tokensOf({ messages, tools = [], schema, maxOutputTokens }: ModelRequest): number {
  const sent = [...messages.map(({ content }) => content), ...[tools, schema].map((part) => JSON.stringify(part ?? ''))];
  return maxOutputTokens + sent.reduce((sum, text) => sum + estimateTokens(text), 0);
}

/** Whole answers come as streams too: a service that stalls is noticed within seconds, not at the deadline. */
async function resultOf(events: AsyncIterable<ModelEvent>): Promise<ModelResult> {
  for await (const event of events) {
    if (event.type === 'done') return event.result;
  }
  throw new Error('A stream ended without a result or an error: a mistake in readAnswer.');
}

const attempt = (request: ModelRequest) => async function* (connection: Connection, watch: Watch, note: NoteUse): AsyncGenerator<ModelEvent> {
  for await (const event of open(connection, request, watch)) {
    if (event.type === 'done') note({ outcome: event.result.finishReason, ...event.result.usage, filters: event.result.filters });
    yield event;
  }
};

async function* open(connection: Connection, request: ModelRequest, watch: Watch): AsyncGenerator<ModelEvent> {
  const { limits, modelName } = connection;
  const client = await connection.client();
  const api = chatApis[connection.api];
  const startedAt = performance.now();
  const stream = await api.open(client, { request, modelName, dialect: connection.dialect(), signal: watch.signal });
  watch.begun();
  watch.expectWithin(Math.max(0, limits.firstTokenMs - (performance.now() - startedAt)));
  yield* readAnswer(stream, request, {
    read: api.read,
    onEvent: (hasContent) => hasContent && watch.expectWithin(limits.idleMs),
    // The SDK ends an aborted stream as if it were complete: the watch must be asked before the end is believed.
    onEnd: () => watch.throwIfOver(),
  });
}

const chatApis: Readonly<Record<Api, ChatApi>> = { 'chat-completions': chatCompletionsApi, responses: responsesApi, completions: completionsApi };
