import { z } from 'zod';
import type { FilterVerdict } from './call';
import { AIError } from './error';
import { mergeVerdicts, readPromptVerdicts, readVerdicts } from './filters';
import type { ModelEvent, ModelRequest, ModelResult, ModelUsage, ToolCall } from './model';
import { estimateTokens } from './tokens';

const toolCallPiece = z.object({
  index: z.number().default(0),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
const piece = z.object({ content: z.string().nullish(), refusal: z.string().nullish(), tool_calls: z.array(toolCallPiece).nullish() });
const usage = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() });

/** Azure's first chunk and the one with usage carry no choices; compatible servers leave out much else. */
const chunkShape = z.object({
  choices: z.array(z.object({ delta: piece.nullish(), finish_reason: z.string().nullish(), content_filter_results: z.unknown().optional() })).nullish(),
  usage: usage.nullish().catch(undefined),
  prompt_filter_results: z.unknown().optional(),
});

type Piece = z.infer<typeof piece>;
interface ToolCallText { id: string; name: string; arguments: string }

/** What has come so far of one answer. */
interface Answer {
  text: string;
  refusal: string;
  finishReason: string | undefined;
  usage: z.infer<typeof usage> | undefined;
  filters: readonly FilterVerdict[];
  readonly toolCalls: Map<number, ToolCallText>;
}

/** Reads a stream of chunks into events; `chunk` hears of each, `ended` may object to the end. Throws AIError. */
export async function* readStream(
  chunks: AsyncIterable<unknown>,
  request: ModelRequest,
  watcher: { readonly chunk: (hasContent: boolean) => void; readonly ended: () => void },
): AsyncGenerator<ModelEvent> {
  const answer = emptyAnswer();
  for await (const raw of chunks) {
    const text = take(answer, raw);
    watcher.chunk(answer.text !== '' || answer.toolCalls.size > 0);
    if (text) yield { type: 'text', text };
    if (isEndless(answer, request)) break; // leaving the loop closes the stream
  }
  watcher.ended();
  yield { type: 'done', result: toResult(answer, request) };
}

/** Longer than any token but those of white space; a server that does not keep to the limit is cut there. */
const MAX_CHARACTERS_PER_TOKEN = 16;

/** "Repeat this for ever": the answer counts as one that reached the limit. */
function isEndless(answer: Answer, { maxOutputTokens }: ModelRequest): boolean {
  if (answer.text.length <= maxOutputTokens * MAX_CHARACTERS_PER_TOKEN) return false;
  answer.finishReason = 'length';
  return true;
}

const emptyAnswer = (): Answer => ({ text: '', refusal: '', finishReason: undefined, usage: undefined, filters: [], toolCalls: new Map() });

/** Adds a chunk to the answer and gives the text it brought. */
function take(answer: Answer, raw: unknown): string {
  const chunk = chunkShape.safeParse(raw);
  if (!chunk.success) throw new AIError('invalid-response', 'The model service streamed something other than chat completion chunks.');
  answer.usage = chunk.data.usage ?? answer.usage;
  const choice = chunk.data.choices?.[0];
  answer.filters = mergeVerdicts(answer.filters, [...readPromptVerdicts(chunk.data.prompt_filter_results), ...readVerdicts('answer', choice?.content_filter_results)]);
  answer.finishReason = choice?.finish_reason ?? answer.finishReason;
  return choice?.delta ? add(answer, choice.delta) : '';
}

function add(answer: Answer, { content, refusal, tool_calls: toolCalls }: Piece): string {
  answer.text += content ?? '';
  answer.refusal += refusal ?? '';
  for (const { index, id, function: called } of toolCalls ?? []) {
    const call = answer.toolCalls.get(index) ?? { id: '', name: '', arguments: '' };
    call.id ||= id ?? `call-${index}`;
    call.name += called?.name ?? '';
    call.arguments += called?.arguments ?? '';
    answer.toolCalls.set(index, call);
  }
  return content ?? '';
}

function toResult(answer: Answer, request: ModelRequest): ModelResult {
  const { finishReason } = answer;
  // A proxy that cuts a stream leaves a clean end without a reason: what came is not the whole answer.
  if (!finishReason) throw new AIError('unavailable', 'The answer of the model ended before it was complete.');
  if (finishReason === 'content_filter') throw new AIError('content-filtered', "The content filter stopped the model's answer.", { filters: answer.filters });
  if (answer.refusal && !answer.text) throw new AIError('content-filtered', 'The model refused to answer.');
  const toolCalls = [...answer.toolCalls.values()].map(toToolCall);
  return {
    text: answer.text,
    toolCalls,
    // some compatible servers say "stop" after tool calls
    finishReason: finishReason === 'length' ? 'length' : toolCalls.length > 0 ? 'tool-calls' : 'stop',
    usage: toUsage(answer, request),
    filters: answer.filters,
  };
}

function toToolCall({ id, name, arguments: text }: ToolCallText): ToolCall {
  try {
    return { id, name, arguments: JSON.parse(text || '{}') as unknown };
  } catch {
    throw new AIError('invalid-response', 'The arguments of a tool call were not JSON.');
  }
}

function toUsage({ usage: counted, text }: Answer, request: ModelRequest): ModelUsage {
  if (counted) return { inputTokens: counted.prompt_tokens, outputTokens: counted.completion_tokens, estimated: false };
  const input = request.messages.map(({ content }) => content).join('\n');
  return { inputTokens: estimateTokens(input), outputTokens: estimateTokens(text), estimated: true };
}
