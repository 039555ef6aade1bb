import { connectOpenAI, type Connection, type ModelLimits } from './openaiConnection';
import type { ModelService } from './openaiClient';
import { askForJson } from './openaiJson';
import { toParameters } from './openaiDialect';
import { readCompletion, readStream } from './openaiResponse';
import type { Model, ModelEvent, ModelRequest, ModelResult } from './model';
import { attemptUntilAnswered } from './retry';
import { startWatch, type Watch } from './watch';

export interface OpenAIModelOptions {
  readonly service: ModelService;
  readonly limits?: Partial<ModelLimits>;
}

/**
 * A model behind Azure OpenAI's v1 API, OpenAI, or a server that speaks the same chat completions
 * (Ollama, llama.cpp, LM Studio, vLLM). Nothing is loaded or sent before the first call. When the caller's signal
 * aborts, a call ends with AIError `timeout`, the signal's reason as its cause.
 */
export function createOpenAIModel({ service, limits }: OpenAIModelOptions): Model {
  const connection = connectOpenAI(service, limits);
  return {
    name: connection.modelName,
    complete: (request, signal) => complete(connection, request, signal),
    stream: (request, signal) => stream(connection, request, signal),
  };
}

async function complete(connection: Connection, request: ModelRequest, signal: AbortSignal): Promise<ModelResult> {
  const watch = startWatch(connection.limits.deadlineMs, signal);
  try {
    return await askForJson((wanted) => completeOnce(connection, wanted, watch), request);
  } finally {
    watch.stop();
  }
}

/** One answer, with the retries that it takes; no repair. */
async function completeOnce(connection: Connection, request: ModelRequest, watch: Watch): Promise<ModelResult> {
  for await (const event of attemptUntilAnswered(connection, watch, () => attempt(connection, request, watch))) {
    if (event.type === 'done') return event.result;
  }
  throw new Error('An attempt ended without an answer or an error: a mistake in readCompletion.');
}

async function* attempt(connection: Connection, request: ModelRequest, watch: Watch): AsyncGenerator<ModelEvent> {
  const client = await connection.client();
  const parameters = toParameters(request, connection.modelName, connection.dialect());
  const completion: unknown = await client.chat.completions.create({ ...parameters, stream: false }, { signal: watch.signal });
  yield { type: 'done', result: readCompletion(completion, request) };
}

async function* stream(connection: Connection, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  const watch = startWatch(connection.limits.deadlineMs, signal);
  try {
    yield* attemptUntilAnswered(connection, watch, () => attemptStream(connection, request, watch));
  } finally {
    watch.stop();
  }
}

async function* attemptStream(connection: Connection, request: ModelRequest, watch: Watch): AsyncGenerator<ModelEvent> {
  const { limits } = connection;
  const client = await connection.client();
  const dialect = connection.dialect();
  const usage = dialect.streamUsage ? { stream_options: { include_usage: true } } : {};
  watch.expectWithin(limits.firstTokenMs);
  const chunks: AsyncIterable<unknown> = await client.chat.completions.create(
    { ...toParameters(request, connection.modelName, dialect), ...usage, stream: true },
    { signal: watch.signal },
  );
  // The SDK ends an aborted stream as if it were complete: the watch must be asked before the end is believed.
  yield* readStream(chunks, request, { chunk: (hasContent) => hasContent && watch.expectWithin(limits.idleMs), ended: () => watch.throwIfOver() });
}
