import type { FilterVerdict } from './call';
import { AIError } from './error';
import { mergeVerdicts } from './filters';
import type { ModelEvent, ModelRequest, ModelResult, ModelUsage, ToolCall } from './model';
import { estimateTokens } from './tokens';

/** What one event of a stream adds to the answer, whatever API it is of. */
export interface AnswerPiece {
  readonly text?: string;
  readonly refusal?: string;
  /** Name and arguments come in parts; those of one `index` belong together. */
  readonly toolCalls?: readonly { readonly index: number; readonly id?: string; readonly name?: string; readonly arguments?: string }[];
  /** `stop`, `length`, `content_filter`; anything else counts as `stop`. */
  readonly finishReason?: string;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  readonly filters?: readonly FilterVerdict[];
}

interface ToolCallText { id: string; name: string; arguments: string }

/** What has come so far of one answer. */
interface Answer {
  text: string;
  refusal: string;
  finishReason: string | undefined;
  usage: AnswerPiece['usage'];
  filters: readonly FilterVerdict[];
  readonly toolCalls: Map<number, ToolCallText>;
}

export interface StreamReader {
  /** Throws AIError where an event is none of the API. */
  readonly read: (raw: unknown) => AnswerPiece;
  /** Hears of each event; `hasContent`: the answer has begun. */
  readonly onEvent: (hasContent: boolean) => void;
  /** May object to the end. */
  readonly onEnd: () => void;
}

/** Reads the events of a stream into an answer. Throws AIError. */
export async function* readAnswer(stream: AsyncIterable<unknown>, request: ModelRequest, { read, onEvent, onEnd }: StreamReader): AsyncGenerator<ModelEvent> {
  const answer: Answer = { text: '', refusal: '', finishReason: undefined, usage: undefined, filters: [], toolCalls: new Map() };
  for await (const raw of stream) {
    const piece = read(raw);
    add(answer, piece);
    onEvent(answer.text !== '' || answer.toolCalls.size > 0);
    if (piece.text) yield { type: 'text', text: piece.text };
    if (isEndless(answer, request)) break; // leaving the loop closes the stream
  }
  onEnd();
  yield { type: 'done', result: toResult(answer, request) };
}

function add(answer: Answer, { text = '', refusal = '', toolCalls = [], finishReason, usage, filters = [] }: AnswerPiece): void {
  answer.text += text;
  answer.refusal += refusal;
  answer.finishReason = finishReason ?? answer.finishReason;
  answer.usage = usage ?? answer.usage;
  if (filters.length > 0) answer.filters = mergeVerdicts(answer.filters, filters);
  for (const { index, id, name = '', arguments: values = '' } of toolCalls) {
    const call = answer.toolCalls.get(index) ?? { id: '', name: '', arguments: '' };
    call.id ||= id ?? `call-${index}`;
    call.name += name;
    call.arguments += values;
    answer.toolCalls.set(index, call);
  }
}

/** Longer than any token but those of white space; a server that does not keep to the limit is cut there. */
const MAX_CHARACTERS_PER_TOKEN = 16;

/** "Repeat this for ever": the answer counts as one that reached the limit. */
function isEndless(answer: Answer, { maxOutputTokens }: ModelRequest): boolean {
  if (answer.text.length <= maxOutputTokens * MAX_CHARACTERS_PER_TOKEN) return false;
  answer.finishReason = 'length';
  return true;
}

function toResult(answer: Answer, request: ModelRequest): ModelResult {
  const { finishReason, filters } = answer;
  // A proxy that cuts a stream leaves a clean end without a reason: what came is not the whole answer.
  if (!finishReason) throw new AIError('unavailable', 'The answer of the model ended before it was complete.');
  if (finishReason === 'content_filter') throw new AIError('content-filtered', "The content filter stopped the model's answer.", { filters });
  if (answer.refusal && !answer.text) throw new AIError('content-filtered', 'The model refused to answer.', { filters });
  const toolCalls = [...answer.toolCalls.values()].map(toToolCall);
  return {
    text: answer.text,
    toolCalls,
    // some compatible servers say "stop" after tool calls
    finishReason: finishReason === 'length' ? 'length' : toolCalls.length > 0 ? 'tool-calls' : 'stop',
    usage: toUsage(answer, request),
    filters,
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
  if (counted) return { ...counted, estimated: false };
  const input = request.messages.map(({ content }) => content).join('\n');
  return { inputTokens: estimateTokens(input), outputTokens: estimateTokens(text), estimated: true };
}
