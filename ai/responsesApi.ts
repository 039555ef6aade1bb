import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import type { FilterVerdict } from './call';
import { outputLimit, schemaInWords, temperatureOf, type ChatApi } from './chatApi';
import { AIError } from './error';
import { readVerdicts } from './filters';
import type { ModelMessage, ModelRequest, ModelTool } from './model';
import type { Dialect } from './openaiDialect';
import type { AnswerPiece } from './readAnswer';

type Parameters = OpenAI.Responses.ResponseCreateParamsStreaming;

const LEAST_OUTPUT_TOKENS = 16; // the API refuses less

/** The Responses API of OpenAI and Azure OpenAI. Nothing is kept there: conversations live in our own store. */
export const responsesApi: ChatApi = {
  open: (client, { request, modelName, dialect, signal }) => client.responses.create(toParameters(request, modelName, dialect), { signal }),
  read: readEvent,
};

function toParameters(request: ModelRequest, model: string, dialect: Dialect): Parameters {
  const [jsonFormat] = dialect.jsonFormats;
  const isInWords = request.schema && jsonFormat !== 'json_schema';
  return {
    model,
    stream: true,
    store: false,
    input: [...request.messages.flatMap(toItems), ...(isInWords ? [{ role: 'system' as const, content: schemaInWords(request.schema) }] : [])],
    max_output_tokens: Math.max(LEAST_OUTPUT_TOKENS, outputLimit(request, dialect)),
    ...temperatureOf(request, dialect),
    ...(request.tools?.length && { tools: request.tools.map(toTool) }),
    ...(request.schema && jsonFormat && { text: { format: toFormat(request.schema, jsonFormat) } }),
  };
}

function toFormat({ name, schema }: NonNullable<ModelRequest['schema']>, format: 'json_schema' | 'json_object'): OpenAI.Responses.ResponseFormatTextConfig {
  return format === 'json_object' ? { type: 'json_object' } : { type: 'json_schema', name, schema: { ...schema }, strict: true };
}

function toItems(message: ModelMessage): OpenAI.Responses.ResponseInputItem[] {
  if (message.role === 'tool') return [{ type: 'function_call_output', call_id: message.toolCallId, output: message.content }];
  const said = message.content === '' ? [] : [{ role: message.role, content: message.content }];
  if (message.role !== 'assistant') return said;
  return [...said, ...(message.toolCalls ?? []).map(({ id, name, arguments: values }) => ({ type: 'function_call' as const, call_id: id, name, arguments: JSON.stringify(values) }))];
}

/** Not strict: the arguments of our skills may be left out. */
const toTool = ({ name, description, parameters }: ModelTool): OpenAI.Responses.FunctionTool =>
  ({ type: 'function', name, description, parameters: { ...parameters }, strict: false });

const responseShape = z.object({
  error: z.object({ code: z.string().nullish() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }).nullish().catch(undefined),
  // Azure's own (Learn, "Content filtering": the annotations of responses)
  content_filters: z.array(z.object({ source_type: z.string().catch(''), content_filter_results: z.unknown().optional() })).nullish().catch(undefined),
});

const eventShape = z.object({
  type: z.string(),
  delta: z.string().optional().catch(undefined),
  output_index: z.number().optional().catch(undefined),
  item: z.object({ type: z.string(), call_id: z.string().optional(), name: z.string().optional() }).optional().catch(undefined),
  response: responseShape.optional().catch(undefined),
  code: z.string().nullish().catch(undefined),
});
type Event = z.infer<typeof eventShape>;

function readEvent(raw: unknown): AnswerPiece {
  const { data } = eventShape.safeParse(raw);
  if (!data) throw new AIError('invalid-response', 'The model service streamed something other than events of a response.');
  return events.get(data.type)?.(data) ?? {}; // there are many more, and new ones will come
}

const events: ReadonlyMap<string, (event: Event) => AnswerPiece> = new Map<string, (event: Event) => AnswerPiece>([
  ['response.output_text.delta', ({ delta = '' }) => ({ text: delta })],
  ['response.refusal.delta', ({ delta = '' }) => ({ refusal: delta })],
  ['response.output_item.added', ({ item, output_index: index = 0 }) => (item?.type === 'function_call' ? { toolCalls: [{ index, ...(item.call_id && { id: item.call_id }), name: item.name ?? '' }] } : {})],
  ['response.function_call_arguments.delta', ({ delta = '', output_index: index = 0 }) => ({ toolCalls: [{ index, arguments: delta }] })],
  ['response.completed', ({ response }) => ({ finishReason: 'stop', ...endOf(response) })],
  ['response.incomplete', ({ response }) => ({ finishReason: reasons[response?.incomplete_details?.reason ?? ''] ?? 'length', ...endOf(response) })],
  ['response.failed', ({ response }) => fail(response?.error?.code)],
  ['error', ({ code }) => fail(code)],
]);

const reasons: Readonly<Record<string, string>> = { max_output_tokens: 'length', content_filter: 'content_filter' };

function endOf(response: Event['response']): AnswerPiece {
  const { usage, content_filters: filters } = response ?? {};
  return {
    ...(usage && { usage: { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens } }),
    filters: (filters ?? []).flatMap(({ source_type: source, content_filter_results: results }): readonly FilterVerdict[] => readVerdicts(source === 'prompt' ? 'prompt' : 'answer', results)),
  };
}

function fail(code: string | null | undefined): never {
  if (code?.startsWith('rate_limit')) throw new AIError('rate-limited', 'The model had no capacity left in the middle of an answer.');
  if (code?.startsWith('content_filter')) throw new AIError('content-filtered', "The content filter stopped the model's answer.");
  throw new AIError('unavailable', 'The model service failed in the middle of an answer.');
}
