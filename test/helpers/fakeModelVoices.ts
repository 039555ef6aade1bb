import type { ModelCall } from './fakeModelServer';

export interface ToolCallScript {
  readonly name: string;
  readonly arguments: unknown;
}

export interface AnswerEnd {
  readonly reason: 'stop' | 'length' | 'content_filter' | 'tool_calls';
  /** Absent: the service does not count. */
  readonly usage?: { readonly input: number; readonly output: number };
  /** What Azure's filters say of the answer. */
  readonly filters?: object;
}

/** How one API tells an answer as a stream: each function gives the events, in order. */
export interface Voice {
  open(promptFilters: object | undefined): readonly object[];
  text(piece: string): readonly object[];
  toolCall(call: ToolCallScript, index: number): readonly object[];
  end(end: AnswerEnd): readonly object[];
  /** What follows the last event. */
  readonly tail: string;
}

export const voiceOf = (call: ModelCall): Voice => voices[call.api](call);

const voices: Readonly<Record<ModelCall['api'], (call: ModelCall) => Voice>> = { 'chat-completions': chatVoice, responses: responsesVoice, completions: completionsVoice };

const CREATED = 1_790_000_000;

/** Azure opens with a chunk that has no choices at all. */
const promptResults = (filters: object | undefined): object => ({ prompt_filter_results: [{ prompt_index: 0, content_filter_results: filters ?? {} }] });

function chatVoice({ flavor, body }: ModelCall): Voice {
  const chunk = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: CREATED, model: body.model };
  const delta = (value: object, more: object = {}): object => ({ ...chunk, choices: [{ index: 0, delta: value, logprobs: null, finish_reason: null, ...more }] });
  const options = body['stream_options'] as { include_usage?: boolean } | undefined; // checked by the schema
  return {
    open: (filters) => [...(flavor === 'azure' ? [{ ...chunk, choices: [], ...promptResults(filters) }] : []), delta({ role: 'assistant', content: '' })],
    text: (piece) => [delta({ content: piece })],
    toolCall: ({ name, arguments: values }, index) => [
      delta({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] }),
      ...halves(values).map((part) => delta({ tool_calls: [{ index, function: { arguments: part } }] })),
    ],
    end: ({ reason, usage, filters }) => [
      delta({}, { finish_reason: reason, ...(filters && { content_filter_results: filters }) }),
      ...(usage && options?.include_usage ? [{ ...chunk, choices: [], usage: { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output } }] : []),
    ],
    tail: 'data: [DONE]\n\n',
  };
}

function completionsVoice({ flavor, body }: ModelCall): Voice {
  const chunk = { id: 'cmpl-fake', object: 'text_completion', created: CREATED, model: body.model };
  const choice = (text: string, more: object = {}): object => ({ ...chunk, choices: [{ index: 0, text, logprobs: null, finish_reason: null, ...more }] });
  const options = body['stream_options'] as { include_usage?: boolean } | undefined; // checked by the schema
  return {
    open: (filters) => (flavor === 'azure' ? [{ ...chunk, choices: [], ...promptResults(filters) }] : []),
    text: (piece) => [choice(piece)],
    toolCall: () => {
      throw new Error('A tool call was scripted for completions, which know none.');
    },
    end: ({ reason, usage, filters }) => [
      choice('', { finish_reason: reason, ...(filters && { content_filter_results: filters }) }),
      ...(usage && options?.include_usage ? [{ ...chunk, choices: [], usage: { prompt_tokens: usage.input, completion_tokens: usage.output } }] : []),
    ],
    tail: 'data: [DONE]\n\n',
  };
}

function responsesVoice({ flavor, body }: ModelCall): Voice {
  let number = 0;
  let prompt: object | undefined;
  const event = (type: string, more: object): object => ({ type, sequence_number: number++, ...more });
  const response = (status: string, more: object = {}): object => ({ id: 'resp_fake', object: 'response', created_at: CREATED, model: body.model, status, output: [], ...more });
  return {
    open: (filters) => {
      prompt = filters;
      return [event('response.created', { response: response('in_progress') })];
    },
    text: (piece) => [event('response.output_text.delta', { item_id: 'msg_fake', output_index: 0, content_index: 0, delta: piece })],
    toolCall: ({ name, arguments: values }, index) => [
      event('response.output_item.added', { output_index: index, item: { type: 'function_call', id: `fc_${index}`, call_id: `call_${index}`, name, arguments: '', status: 'in_progress' } }),
      ...halves(values).map((part) => event('response.function_call_arguments.delta', { item_id: `fc_${index}`, output_index: index, delta: part })),
    ],
    end: ({ reason, usage, filters }) => {
      const isWhole = reason === 'stop' || reason === 'tool_calls';
      const end = {
        ...(usage && { usage: { input_tokens: usage.input, output_tokens: usage.output, total_tokens: usage.input + usage.output } }),
        ...(!isWhole && { incomplete_details: { reason: reason === 'length' ? 'max_output_tokens' : 'content_filter' } }),
        ...(flavor === 'azure' && { content_filters: [{ source_type: 'prompt', blocked: false, content_filter_results: prompt ?? {} }, { source_type: 'completion', blocked: reason === 'content_filter', content_filter_results: filters ?? {} }] }),
      };
      return [event(isWhole ? 'response.completed' : 'response.incomplete', { response: response(isWhole ? 'completed' : 'incomplete', end) })];
    },
    tail: '',
  };
}

/** Arguments come in pieces. */
function halves(values: unknown): readonly string[] {
  const text = JSON.stringify(values);
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)];
}
