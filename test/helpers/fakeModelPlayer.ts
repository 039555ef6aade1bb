import type { ServerResponse } from 'node:http';
import type { ModelCall } from './fakeModelServer';
import type { Script } from './fakeModelScript';

/** Plays a script on one response, in the shape that the call asked for. */
export async function play(script: Script, call: ModelCall, response: ServerResponse): Promise<void> {
  if (script.kind === 'hang') return;
  if (script.kind === 'drop') {
    response.destroy();
    return;
  }
  if (script.kind === 'refusal') refuse(script, response);
  else if (!call.body.stream) playWhole(script, call, response);
  else await openStream(script, call, response);
}

function refuse({ status, headers, body }: Extract<Script, { kind: 'refusal' }>, response: ServerResponse): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  answerWhole(response, status, text, headers);
}

/** Two statements: restify, once loaded, replaces writeHead of every server in the process by one that returns nothing. */
export function answerWhole(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

type Answer = Extract<Script, { kind: 'text' | 'tools' }>;

function playWhole(script: Answer | Extract<Script, { kind: 'broken' }>, call: ModelCall, response: ServerResponse): void {
  if (script.kind === 'broken') throw new Error('A broken stream was scripted for a call that does not stream.');
  const message = { role: 'assistant', content: script.text ?? null, refusal: null, ...(script.kind === 'tools' && { tool_calls: toolCalls(script) }) };
  const body = {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: call.body.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(script) }],
    ...(countsUsage(script) && { usage: usage(script, call) }),
    ...(call.flavor === 'azure' && { prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] }),
  };
  answerWhole(response, 200, JSON.stringify(body));
}

async function openStream(script: Answer | Extract<Script, { kind: 'broken' }>, call: ModelCall, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  // Azure opens with a chunk that has no choices at all.
  if (call.flavor === 'azure') send(response, { ...chunk(call), choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] });
  sendDelta(response, call, { role: 'assistant', content: '' });
  if (script.kind === 'broken') playBroken(script, call, response);
  else await playStream(script, call, response);
}

async function playStream(script: Answer, call: ModelCall, response: ServerResponse): Promise<void> {
  for (const piece of piecesOf(script.text ?? '')) {
    if (script.kind === 'text') await script.pace?.turn();
    sendDelta(response, call, { content: piece });
  }
  if (script.kind === 'tools') for (const delta of toolDeltas(script)) sendDelta(response, call, delta);
  sendDelta(response, call, {}, finishReason(script));
  const options = call.body['stream_options'] as { include_usage?: boolean } | undefined; // checked by the schema
  if (countsUsage(script) && options?.include_usage) send(response, { ...chunk(call), choices: [], usage: usage(script, call) });
  response.end('data: [DONE]\n\n');
}

function playBroken({ pieces, how }: Extract<Script, { kind: 'broken' }>, call: ModelCall, response: ServerResponse): void {
  for (const piece of pieces) sendDelta(response, call, { content: piece });
  if (how === 'end') response.end();
  if (how === 'cut') response.write('data: {"id":', () => response.destroy());
  if (how === 'bad-json') response.end('data: {"choices": [{"delta": {"conte\n\ndata: [DONE]\n\n');
  if (how === 'error-event') response.end('data: {"error":{"message":"The server had an error while processing your request.","type":"server_error","code":null}}\n\n');
}

/** Words with the space before them, as models stream. */
const piecesOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? [];

const toolCalls = ({ calls }: Extract<Script, { kind: 'tools' }>): readonly object[] =>
  calls.map(({ name, arguments: values }, index) => ({ id: `call_${index}`, type: 'function', function: { name, arguments: JSON.stringify(values) } }));

/** The name first, then the arguments in two pieces. */
function toolDeltas({ calls }: Extract<Script, { kind: 'tools' }>): readonly object[] {
  return calls.flatMap(({ name, arguments: values }, index) => {
    const text = JSON.stringify(values);
    const half = Math.ceil(text.length / 2);
    const rest = [text.slice(0, half), text.slice(half)].map((part) => ({ tool_calls: [{ index, function: { arguments: part } }] }));
    return [{ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] }, ...rest];
  });
}

const finishReason = (script: Answer): string => (script.kind === 'tools' ? 'tool_calls' : (script.finishReason ?? 'stop'));

const countsUsage = (script: Answer): boolean => script.kind === 'tools' || script.usage !== false;

function usage(script: Answer, call: ModelCall): object {
  const prompt = Math.ceil(JSON.stringify(call.body.messages).length / 4);
  const completion = Math.ceil((script.text ?? '').length / 4);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

const chunk = (call: ModelCall): object => ({ id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: 1_790_000_000, model: call.body.model });

const sendDelta = (response: ServerResponse, call: ModelCall, delta: object, reason: string | null = null): void =>
  send(response, { ...chunk(call), choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] });

const send = (response: ServerResponse, data: object): void => void response.write(`data: ${JSON.stringify(data)}\n\n`);
