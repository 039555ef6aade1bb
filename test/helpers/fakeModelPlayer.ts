import type { ServerResponse } from 'node:http';
import type { ModelCall } from './fakeModelServer';
import type { Script } from './fakeModelScript';
import { voiceOf, type Voice } from './fakeModelVoices';

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
type Broken = Extract<Script, { kind: 'broken' }>;

function playWhole(script: Answer | Broken, call: ModelCall, response: ServerResponse): void {
  if (script.kind === 'broken') throw new Error('A broken stream was scripted for a call that does not stream.');
  const message = { role: 'assistant', content: script.text ?? null, refusal: null, ...(script.kind === 'tools' && { tool_calls: toolCalls(script) }) };
  const usage = usageOf(script, call);
  const body = {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: call.body.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(script) }],
    ...(usage && { usage: { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output } }),
    ...(call.flavor === 'azure' && { prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] }),
  };
  answerWhole(response, 200, JSON.stringify(body));
}

async function openStream(script: Answer | Broken, call: ModelCall, response: ServerResponse): Promise<void> {
  const voice = voiceOf(call);
  const { filters, headers, opensAfter } = script.kind === 'text' ? script : {};
  await opensAfter?.turn();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
  send(response, voice.open(filters?.prompt));
  if (script.kind === 'broken') playBroken(script, voice, response);
  else await playStream(script, call, voice, response);
}

async function playStream(script: Answer, call: ModelCall, voice: Voice, response: ServerResponse): Promise<void> {
  for (const piece of piecesOf(script.text ?? '')) {
    if (script.kind === 'text') await script.pace?.turn();
    send(response, voice.text(piece));
  }
  if (script.kind === 'tools') script.calls.forEach((toolCall, index) => send(response, voice.toolCall(toolCall, index)));
  const usage = usageOf(script, call);
  const filters = script.kind === 'text' ? script.filters?.answer : undefined;
  send(response, voice.end({ reason: finishReason(script), ...(usage && { usage }), ...(filters && { filters }) }));
  response.end(voice.tail);
}

function playBroken({ pieces, how }: Broken, voice: Voice, response: ServerResponse): void {
  for (const piece of pieces) send(response, voice.text(piece));
  if (how === 'end') response.end();
  if (how === 'cut') response.write('data: {"id":', () => response.destroy());
  if (how === 'bad-json') response.end('data: {"choices": [{"delta": {"conte\n\ndata: [DONE]\n\n');
  if (how === 'error-event') response.end('data: {"error":{"message":"The server had an error while processing your request.","type":"server_error","code":null}}\n\n');
}

/** Words with the space before them, as models stream. */
const piecesOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? [];

const toolCalls = ({ calls }: Extract<Script, { kind: 'tools' }>): readonly object[] =>
  calls.map(({ name, arguments: values }, index) => ({ id: `call_${index}`, type: 'function', function: { name, arguments: JSON.stringify(values) } }));

const finishReason = (script: Answer): 'stop' | 'length' | 'content_filter' | 'tool_calls' => (script.kind === 'tools' ? 'tool_calls' : (script.finishReason ?? 'stop'));

function usageOf(script: Answer, call: ModelCall): { readonly input: number; readonly output: number } | undefined {
  if (script.kind === 'text' && script.usage === false) return undefined;
  return { input: Math.ceil(JSON.stringify(call.body.messages).length / 4), output: Math.ceil((script.text ?? '').length / 4) };
}

const send = (response: ServerResponse, events: readonly object[]): void => {
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
};
