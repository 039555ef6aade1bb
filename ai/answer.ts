import { FOLLOW_UP_MARK, lookUpConversation, lookUpDocuments, toRequest } from './answerPrompt';
import { toCitedText, toSources } from './citations';
import type { Answer, ConverseRequest, ConverseResult, OnText } from './engine';
import { AIError } from './error';
import type { Model, ModelRequest, ModelResult } from './model';
import { choosePassages, type Passage } from './passages';
import { promptBudget, withinBudget, type PromptBudget } from './promptBudget';

const MAX_FOLLOW_UPS = 3; // as many as Teams shows

interface Asking {
  readonly model: Model;
  readonly request: ConverseRequest;
  readonly budget: PromptBudget;
  readonly signal: AbortSignal;
  readonly onText: OnText | undefined;
}

/**
 * Answers, or chooses one of the request's skills. With threads, or more of the conversation than is shown, the model
 * first says whether it needs them; a second request then carries passages, as JSON data, and no tools, so that no text
 * can call a skill. Markers like `[1]` count the sources of the result; citations that do not exist are taken out. A
 * skill wins over text that was already shown. Where the service takes less text than it was thought to, a request goes
 * out once more with less around the question. Throws AIError.
 */
export async function answer(
  model: Model,
  request: ConverseRequest,
  signal: AbortSignal,
  onText?: OnText,
  budget: PromptBudget = promptBudget(),
): Promise<ConverseResult> {
  return withinBudget(budget, (within) => choose({ model, request, budget: within, signal, onText }));
}

async function choose(asking: Asking): Promise<ConverseResult> {
  const { model, request, budget, signal, onText } = asking;
  const hasThreads = request.threads.some(({ messages }) => messages.length > 0);
  if (hasThreads && (request.skills.length === 0 || !model.callsTools)) return answerFrom(asking, request.text);
  const tools = [...request.skills, ...(hasThreads ? [lookUpDocuments] : []), ...(request.recall ? [lookUpConversation] : [])];
  const result = await streamText(model, toRequest(request, tools, [], budget), signal, citing([], onText));
  const call = result.toolCalls.find(({ name }) => tools.some((tool) => tool.name === name));
  if (!call) return toAnswer(result, []);
  const isLookUp = call.name === lookUpDocuments.name || call.name === lookUpConversation.name;
  if (!isLookUp) return { kind: 'skill', skill: call.name, arguments: call.arguments };
  const query = queryOf(call.arguments) ?? request.text;
  const recalled = call.name === lookUpConversation.name ? await request.recall?.(query) : undefined;
  const threads = recalled ? [recalled] : request.threads;
  return answerFrom({ ...asking, request: { ...request, threads }, onText: result.text ? undefined : onText }, query);
}

async function answerFrom({ model, request, budget, signal, onText }: Asking, query: string): Promise<ConverseResult> {
  const passages = choosePassages(request.threads, `${request.text}\n${query}`, budget.sources);
  const result = await streamText(model, toRequest(request, [], passages, budget), signal, citing(passages, onText));
  const total = request.threads.flatMap(({ messages }) => messages).filter(({ text }) => text.trim() !== '').length;
  return { ...toAnswer(result, passages), ...(total > 0 && { consulted: { read: passages.length, total } }) };
}

function queryOf(values: unknown): string | undefined {
  return typeof values === 'object' && values !== null && 'query' in values && typeof values.query === 'string' ? values.query : undefined;
}

/** Hears of a model's raw text, and passes on what people see of it. */
const citing = (passages: readonly Passage[], onText: OnText | undefined): OnText | undefined =>
  onText && ((rawSoFar) => onText(() => toCitedText(rawSoFar().trimStart(), passages).text));

async function streamText(model: Model, request: ModelRequest, signal: AbortSignal, onRaw?: OnText): Promise<ModelResult> {
  let raw = '';
  const rawSoFar = (): string => raw;
  for await (const event of model.stream(request, signal)) {
    if (event.type === 'done') return event.result;
    raw += event.text;
    onRaw?.(rawSoFar);
  }
  throw new AIError('invalid-response', 'The stream of the model had no end.');
}

function toAnswer({ text: raw, finishReason }: ModelResult, passages: readonly Passage[]): Answer {
  const [body = '', next] = raw.split(FOLLOW_UP_MARK);
  const isCutOff = finishReason === 'length' && next === undefined;
  const { text, cited } = toCitedText(`${body.trim()}\n.`, passages); // a full stop of its own: nothing is unfinished any more
  const whole = text.slice(0, -1).trim();
  if (whole === '') throw new AIError('invalid-response', 'The model gave an empty answer.');
  const followUps = (next ?? '').split('\n').map((line) => line.replace(/^[\s\-*\d.)]+/, '').trim()).filter((line) => line !== '' && line.length <= 120);
  return { kind: 'answer', origin: 'ai', text: whole, sources: toSources(cited, whole), followUps: followUps.slice(0, MAX_FOLLOW_UPS), ...(isCutOff && { isCutOff: true }) };
}
