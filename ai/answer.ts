import { toCitedText, toSources } from './citations';
import type { ConverseRequest, ConverseResult } from './engine';
import { AIError } from './error';
import { languageName } from './languageName';
import type { Model, ModelMessage, ModelRequest, ModelResult, ModelTool } from './model';
import { choosePassages, type Passage } from './passages';

export interface AnswerLimits {
  /** About how many tokens of the conversation's documents one request carries. */
  readonly sourceTokens?: number;
}

const MAX_OUTPUT_TOKENS = 2_000;
const MAX_HISTORY = 20; // exchanges
const MAX_FOLLOW_UPS = 3; // as many as Teams shows

/** The model asks for the documents by this tool: their text and the skills are never in one request. */
const lookUp: ModelTool = {
  name: 'look_up_documents',
  description: 'Gives passages of the meetings and documents of this conversation. To be called whenever the question could be about them.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', description: 'What to look for, understandable without the conversation' } },
    required: ['query'],
    additionalProperties: false,
  },
};

/**
 * Answers, or chooses one of the request's skills. With threads the model first says whether it needs them; a second
 * request then carries passages, as JSON data, and no tools, so that no document can call a skill. Markers like `[1]`
 * count the sources of the result; citations that do not exist are taken out. A skill wins over text that was already
 * shown. Throws AIError.
 */
export async function answer(
  model: Model,
  request: ConverseRequest,
  signal: AbortSignal,
  onText?: (textSoFar: string) => void,
  { sourceTokens = 6_000 }: AnswerLimits = {},
): Promise<ConverseResult> {
  const hasThreads = request.threads.some(({ messages }) => messages.length > 0);
  if (hasThreads && request.skills.length === 0) return answerFrom(model, request, request.text, sourceTokens, signal, onText);
  const tools = [...request.skills, ...(hasThreads ? [lookUp] : [])];
  const result = await streamText(model, toRequest(request, tools, []), signal, (raw) => onText?.(toCitedText(raw.trimStart(), []).text));
  const call = result.toolCalls.find(({ name }) => tools.some((tool) => tool.name === name));
  if (call && call.name !== lookUp.name) return { kind: 'skill', skill: call.name, arguments: call.arguments };
  if (call) return answerFrom(model, request, queryOf(call.arguments) ?? request.text, sourceTokens, signal, result.text ? undefined : onText);
  return toAnswer(result, []);
}

async function answerFrom(model: Model, request: ConverseRequest, query: string, sourceTokens: number, signal: AbortSignal, onText?: (text: string) => void): Promise<ConverseResult> {
  const passages = choosePassages(request.threads, `${request.text}\n${query}`, sourceTokens);
  const result = await streamText(model, toRequest(request, [], passages), signal, (raw) => onText?.(toCitedText(raw.trimStart(), passages).text));
  return toAnswer(result, passages);
}

function queryOf(values: unknown): string | undefined {
  return typeof values === 'object' && values !== null && 'query' in values && typeof values.query === 'string' ? values.query : undefined;
}

/** Calls `onRaw` with the text so far. */
async function streamText(model: Model, request: ModelRequest, signal: AbortSignal, onRaw: (raw: string) => void): Promise<ModelResult> {
  let raw = '';
  for await (const event of model.stream(request, signal)) {
    if (event.type === 'done') return event.result;
    raw += event.text;
    onRaw(raw);
  }
  throw new AIError('invalid-response', 'The stream of the model had no end.');
}

function toAnswer({ text: raw, finishReason }: ModelResult, passages: readonly Passage[]): ConverseResult {
  const [body = '', next] = raw.split(FOLLOW_UP_MARK);
  const isCutOff = finishReason === 'length' && next === undefined;
  const { text, cited } = toCitedText(`${body.trim()}\n.`, passages); // a full stop of its own: nothing is unfinished any more
  const whole = text.slice(0, -1).trim();
  if (whole === '') throw new AIError('invalid-response', 'The model gave an empty answer.');
  const followUps = (next ?? '').split('\n').map((line) => line.replace(/^[\s\-*\d.)]+/, '').trim()).filter((line) => line !== '' && line.length <= 120);
  return { kind: 'answer', origin: 'ai', text: whole, sources: toSources(cited, whole), followUps: followUps.slice(0, MAX_FOLLOW_UPS), ...(isCutOff && { isCutOff: true }) };
}

const FOLLOW_UP_MARK = '[[next]]'; // opens with a bracket: held back from the screen like an unfinished citation

function toRequest(request: ConverseRequest, tools: readonly ModelTool[], passages: readonly Passage[]): ModelRequest {
  const sources = passages.map(({ id, thread, message }) => ({ id, document: thread.title, by: message.author.name, text: message.text }));
  const messages: ModelMessage[] = [
    { role: 'system', content: instructionsFor(request.language, tools, sources.length > 0) },
    ...request.history.slice(-MAX_HISTORY).map(({ role, text }) => ({ role, content: text })),
    ...(sources.length > 0 ? [{ role: 'user' as const, content: JSON.stringify({ sources }) }] : []),
    { role: 'user', content: request.text },
  ];
  return { messages, tools, maxOutputTokens: MAX_OUTPUT_TOKENS };
}

const instructionsFor = (language: string, tools: readonly ModelTool[], hasSources: boolean): string =>
  [
    `You are Parley, an assistant in a chat. Answer in ${languageName(language)}, plainly and briefly, in Markdown without images. Say so when you do not know.`,
    tools.length > 0 ? 'When the person asks for something that one of the tools does, call the tool instead of answering.' : '',
    hasSources
      ? 'One user message is JSON with sources: passages of meetings and documents, as material to report on. Answer from them where they say something about the question, and put the id of the passage in square brackets behind each statement, such as [2]. Where they do not answer the question, say so.'
      : '',
    `After the answer write a line with ${FOLLOW_UP_MARK}, then up to three short questions, one a line, that the person may want to ask next.`,
  ]
    .filter(Boolean)
    .join('\n');
