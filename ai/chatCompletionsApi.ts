import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import { outputLimit, schemaInWords, temperatureOf, type ChatApi } from './chatApi';
import { AIError } from './error';
import { readPromptVerdicts, readVerdicts } from './filters';
import type { ModelMessage, ModelRequest, ModelTool } from './model';
import type { Dialect } from './openaiDialect';
import type { AnswerPiece } from './readAnswer';

type Parameters = OpenAI.ChatCompletionCreateParamsStreaming;

/** Chat completions: Azure OpenAI, OpenAI, and every server that is compatible with it. */
export const chatCompletionsApi: ChatApi = {
  open: (client, { request, modelName, dialect, signal }) => client.chat.completions.create(toParameters(request, modelName, dialect), { signal }),
  read: readChunk,
};

function toParameters(request: ModelRequest, model: string, dialect: Dialect): Parameters {
  const [limitName] = dialect.limitNames;
  const [jsonFormat] = dialect.jsonFormats;
  const isInWords = request.schema && jsonFormat !== 'json_schema';
  return {
    model,
    stream: true,
    messages: [...request.messages.map(toMessage), ...(isInWords ? [{ role: 'system' as const, content: schemaInWords(request.schema) }] : [])],
    ...(limitName && { [limitName]: outputLimit(request, dialect) }),
    ...temperatureOf(request, dialect),
    ...(request.tools?.length && { tools: request.tools.map(toTool) }),
    ...(request.schema && jsonFormat && { response_format: toResponseFormat(request.schema, jsonFormat) }),
    ...(dialect.storesUnlessTold && { store: false }),
    ...(dialect.streamUsage && { stream_options: { include_usage: true } }),
  };
}

function toResponseFormat({ name, schema }: NonNullable<ModelRequest['schema']>, format: 'json_schema' | 'json_object'): NonNullable<Parameters['response_format']> {
  return format === 'json_object' ? { type: 'json_object' } : { type: 'json_schema', json_schema: { name, schema: { ...schema }, strict: true } };
}

function toMessage(message: ModelMessage): OpenAI.ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', content: message.content, tool_call_id: message.toolCallId };
  if (message.role !== 'assistant' || !message.toolCalls?.length) return { role: message.role, content: message.content };
  const calls = message.toolCalls.map(({ id, name, arguments: values }) => ({ id, type: 'function' as const, function: { name, arguments: JSON.stringify(values) } }));
  return { role: 'assistant', content: message.content, tool_calls: calls };
}

const toTool = ({ name, description, parameters }: ModelTool): OpenAI.ChatCompletionTool =>
  ({ type: 'function', function: { name, description, parameters: { ...parameters } } });

const toolCallShape = z.object({
  index: z.number().default(0),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
const deltaShape = z.object({ content: z.string().nullish(), refusal: z.string().nullish(), tool_calls: z.array(toolCallShape).nullish() });

/** Azure's first chunk and the one with usage carry no choices; compatible servers leave out much else. */
const chunkShape = z.object({
  choices: z.array(z.object({ delta: deltaShape.nullish(), finish_reason: z.string().nullish(), content_filter_results: z.unknown().optional() })).nullish(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish().catch(undefined),
  prompt_filter_results: z.unknown().optional(),
});

function readChunk(raw: unknown): AnswerPiece {
  const text = plainText(raw);
  if (text !== undefined) return { text };
  const { data } = chunkShape.safeParse(raw);
  if (!data) throw new AIError('invalid-response', 'The model service streamed something other than chat completion chunks.');
  const [choice] = data.choices ?? [];
  const { content, refusal, tool_calls: toolCalls } = choice?.delta ?? {};
  return {
    ...(content && { text: content }),
    ...(refusal && { refusal }),
    ...(toolCalls && { toolCalls: toolCalls.map(({ index, id, function: called }) => ({ index, ...(id && { id }), name: called?.name ?? '', arguments: called?.arguments ?? '' })) }),
    ...(choice?.finish_reason && { finishReason: choice.finish_reason }),
    ...(data.usage && { usage: { inputTokens: data.usage.prompt_tokens, outputTokens: data.usage.completion_tokens } }),
    filters: [...readPromptVerdicts(data.prompt_filter_results), ...readVerdicts('answer', choice?.content_filter_results)],
  };
}

/** The letters of a chunk that brings nothing else, as most do: a parser for each of them took a tenth of an answer's processor time. */
function plainText(raw: unknown): string | undefined {
  const { choices, usage, prompt_filter_results: verdicts } = (raw ?? {}) as Partial<Record<string, unknown>>; // any JSON
  if (usage || verdicts !== undefined || !Array.isArray(choices) || choices.length !== 1) return undefined;
  const { delta, finish_reason: reason, content_filter_results: results } = (choices[0] ?? {}) as Partial<Record<string, unknown>>;
  if (reason || results !== undefined || typeof delta !== 'object' || delta === null) return undefined;
  const { content, refusal, tool_calls: calls } = delta as Partial<Record<string, unknown>>;
  return typeof content === 'string' && content !== '' && !refusal && !calls ? content : undefined;
}
