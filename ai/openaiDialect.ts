import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import { isHosted, type Api, type Deployment } from './deployments';
import { readFailure } from './openaiFailure';
import type { ModelMessage, ModelRequest, ModelTool } from './model';

/** How far a service understands chat completions. Every refusal takes one step down, never up: learning ends. */
export interface Dialect {
  /** Names for the output limit, still to be tried; the first is sent. */
  readonly limitNames: readonly ('max_completion_tokens' | 'max_tokens' | 'max_output_tokens')[];
  /** False for reasoning models: they refuse it, and count their thinking as output. */
  readonly temperature: boolean;
  /** Ways to ask for JSON, still to be tried; none: by words alone. */
  readonly jsonFormats: readonly ('json_schema' | 'json_object')[];
  readonly streamUsage: boolean;
}

type Parameters = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>;

const REASONING_RESERVE_TOKENS = 4_000; // reasoning counts against max_completion_tokens before any text is written

/** OpenAI and Azure know the new name of the limit; a compatible server may ignore it silently, so it gets the old one. */
export function firstDialect({ place, api }: Pick<Deployment, 'place' | 'api'>): Dialect {
  const both = ['max_completion_tokens', 'max_tokens'] as const;
  return {
    limitNames: isHosted(place) ? both : both.toReversed(),
    temperature: true,
    jsonFormats: ['json_schema', 'json_object'],
    streamUsage: true,
    ...dialectsOf[api],
  };
}

/** What the other APIs have one word for, or none. */
const dialectsOf: Readonly<Record<Api, Partial<Dialect>>> = {
  'chat-completions': {},
  responses: { limitNames: ['max_output_tokens'], streamUsage: false },
  completions: { limitNames: ['max_tokens'], jsonFormats: [] },
};

/** The request in the words of this service. */
export function toParameters(request: ModelRequest, model: string, dialect: Dialect): Parameters {
  const [limitName] = dialect.limitNames;
  const [jsonFormat] = dialect.jsonFormats;
  const limit = request.maxOutputTokens + (dialect.temperature ? 0 : REASONING_RESERVE_TOKENS);
  return {
    model,
    messages: [...request.messages.map(toMessage), ...(request.schema && jsonFormat !== 'json_schema' ? [schemaInWords(request.schema)] : [])],
    ...(limitName && { [limitName]: limit }),
    ...(request.temperature !== undefined && dialect.temperature && { temperature: request.temperature }),
    ...(request.tools?.length && { tools: request.tools.map(toTool) }),
    ...(request.schema && jsonFormat && { response_format: toResponseFormat(request.schema, jsonFormat) }),
  };
}

/** The dialect to try after this error; undefined where the error is not the refusal of a parameter that was sent. */
export function nextDialect(sent: Dialect, error: unknown): Dialect | undefined {
  const failure = readFailure(error);
  if (failure.status !== 400 && failure.status !== 422) return undefined;
  if (failure.isFiltered || failure.isTooLong) return undefined;
  const names = (name: string): boolean => (failure.param ? failure.param.startsWith(name) : failure.message.includes(name));
  const [limitName] = sent.limitNames;
  if (limitName && names(limitName)) return { ...sent, limitNames: sent.limitNames.slice(1) };
  if (sent.temperature && names('temperature')) return { ...sent, temperature: false };
  if (sent.jsonFormats.length > 0 && (names('response_format') || names('json_schema') || names('text.format'))) return { ...sent, jsonFormats: sent.jsonFormats.slice(1) };
  if (sent.streamUsage && names('stream_options')) return { ...sent, streamUsage: false };
  return undefined;
}

type Schema = NonNullable<ModelRequest['schema']>;

function toResponseFormat({ name, schema }: Schema, format: 'json_schema' | 'json_object'): Parameters['response_format'] {
  return format === 'json_object' ? { type: 'json_object' } : { type: 'json_schema', json_schema: { name, schema: { ...schema }, strict: true } };
}

const schemaInWords = ({ schema }: Schema): OpenAI.ChatCompletionSystemMessageParam => ({
  role: 'system',
  content: `Answer with one JSON object, and nothing else, that fits this JSON schema: ${JSON.stringify(schema)}`,
});

function toMessage(message: ModelMessage): OpenAI.ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', content: message.content, tool_call_id: message.toolCallId };
  if (message.role !== 'assistant' || !message.toolCalls?.length) return { role: message.role, content: message.content };
  const calls = message.toolCalls.map(({ id, name, arguments: values }) => ({ id, type: 'function' as const, function: { name, arguments: JSON.stringify(values) } }));
  return { role: 'assistant', content: message.content, tool_calls: calls };
}

const toTool = ({ name, description, parameters }: ModelTool): OpenAI.ChatCompletionTool =>
  ({ type: 'function', function: { name, description, parameters: { ...parameters } } });
