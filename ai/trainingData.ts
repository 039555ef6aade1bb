import { z } from 'zod';
import { estimateTokens } from './tokens';

/** Fewer are refused by the services (learn.microsoft.com, "Customize a model with fine-tuning"). */
export const MIN_EXAMPLES = 10;
/** What goes beyond is cut off in training (platform.openai.com, "Supervised fine-tuning", for models since gpt-4o). */
export const MAX_EXAMPLE_TOKENS = 65_536;

/** What is wrong with one example. `detail` names the place: a role, a field, another line. */
export interface TrainingProblem {
  /** From 1. */
  readonly line: number;
  readonly code: 'not-json' | 'no-messages' | 'role' | 'content' | 'name' | 'tool-call' | 'tool-answer' | 'weight' | 'order' | 'last' | 'no-user' | 'unknown-field' | 'too-long';
  readonly detail: string;
}

export interface TrainingCheck {
  readonly examples: number;
  readonly problems: readonly TrainingProblem[];
  /** Lines that say the same as an earlier one. */
  readonly duplicates: readonly { readonly line: number; readonly first: number }[];
  /** About; the services count exactly. */
  readonly tokens: { readonly total: number; readonly average: number; readonly largest: number; readonly smallest: number };
  readonly hasEnough: boolean;
}

/** Checks a data set of conversations, one JSON object a line, as fine-tuning takes them. */
export function checkTrainingData(text: string, maxExampleTokens = MAX_EXAMPLE_TOKENS): TrainingCheck {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).map((json, index) => ({ json, line: index + 1 })).filter(({ json }) => json.trim() !== '');
  const checked = lines.map(({ json, line }) => ({ line, ...checkExample(json, line, maxExampleTokens) }));
  const tokens = checked.map((example) => example.tokens);
  const total = tokens.reduce((sum, count) => sum + count, 0);
  return {
    examples: lines.length,
    problems: checked.flatMap(({ problems }) => problems),
    duplicates: repetitionsIn(checked),
    tokens: { total, average: Math.round(total / Math.max(1, tokens.length)), largest: tokens.reduce((most, count) => Math.max(most, count), 0), smallest: tokens.length > 0 ? tokens.reduce((least, count) => Math.min(least, count), Infinity) : 0 },
    hasEnough: lines.length >= MIN_EXAMPLES,
  };
}

const toolCall = z.object({ id: z.string().min(1), type: z.literal('function'), function: z.object({ name: z.string().regex(/^[\w.-]{1,64}$/), arguments: z.string() }) });

const messageShape = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() })).min(1)]).nullish(),
  name: z.string().regex(/^[\w-]{1,64}$/).optional(),
  tool_calls: z.array(toolCall).min(1).optional(),
  tool_call_id: z.string().optional(),
  refusal: z.string().nullish(),
  weight: z.union([z.literal(0), z.literal(1)]).optional(),
});
type Message = z.infer<typeof messageShape>;

const exampleShape = z.looseObject({ messages: z.array(z.looseObject({ role: z.unknown() })).min(1), tools: z.array(z.looseObject({ type: z.literal('function') })).optional() });

const knownFields: readonly string[] = ['messages', 'tools', 'parallel_tool_calls'];
const knownMessageFields: readonly string[] = Object.keys(messageShape.shape);

interface Checked {
  readonly problems: readonly TrainingProblem[];
  readonly tokens: number;
  /** The same for examples that say the same. */
  readonly content: string;
}

function checkExample(json: string, line: number, maxTokens: number): Checked {
  const nothing = { tokens: 0, content: json };
  const value = parseJson(json);
  if (value === undefined) return { ...nothing, problems: [{ line, code: 'not-json', detail: '' }] };
  const example = exampleShape.safeParse(value);
  if (!example.success) return { ...nothing, problems: [{ line, code: 'no-messages', detail: String(example.error.issues[0]?.path[0] ?? '') }] };
  const { messages, ...rest } = example.data;
  const problems: Omit<TrainingProblem, 'line'>[] = Object.keys(rest).filter((field) => !knownFields.includes(field)).map((field) => ({ code: 'unknown-field', detail: field }));
  const read = messages.map((message) => messageShape.safeParse(message));
  read.forEach((result, index) => {
    if (!result.success) problems.push({ code: problemCode(String(result.error.issues[0]?.path[0])), detail: `messages[${index}]` });
    for (const field of Object.keys(messages[index] ?? {})) if (!knownMessageFields.includes(field)) problems.push({ code: 'unknown-field', detail: `messages[${index}].${field}` });
  });
  const valid = read.flatMap(({ data }) => (data ? [data] : []));
  if (valid.length === read.length) problems.push(...conversationProblems(valid));
  const tokens = tokensOf(value);
  if (tokens > maxTokens) problems.push({ code: 'too-long', detail: `${tokens}` });
  return { problems: problems.map((problem) => ({ line, ...problem })), tokens, content: JSON.stringify([messages.map(({ role, content, tool_calls: calls }) => [role, typeof content === 'string' ? content.trim() : content, calls])]) };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const problemCode = (field: string): TrainingProblem['code'] =>
  new Map<string, TrainingProblem['code']>([['role', 'role'], ['name', 'name'], ['tool_calls', 'tool-call'], ['tool_call_id', 'tool-answer'], ['weight', 'weight']]).get(field) ?? 'content';

/** What no message shows by itself: who follows whom, and what answers what. */
function conversationProblems(messages: readonly Message[]): readonly Omit<TrainingProblem, 'line'>[] {
  const problems: Omit<TrainingProblem, 'line'>[] = messages.flatMap((message, index) => messageProblems(message, index, messages));
  if (!messages.some(({ role }) => role === 'user')) problems.push({ code: 'no-user', detail: '' });
  const last = messages.at(-1);
  if (last?.role !== 'assistant') problems.push({ code: 'last', detail: last?.role ?? '' });
  if (messages.every(({ role, weight }) => role !== 'assistant' || weight === 0)) problems.push({ code: 'weight', detail: '0' });
  return problems;
}

function messageProblems(message: Message, index: number, messages: readonly Message[]): readonly Omit<TrainingProblem, 'line'>[] {
  const detail = `messages[${index}]`;
  const { role, content, tool_calls: calls = [], weight, refusal } = message;
  const problems: Omit<TrainingProblem, 'line'>[] = [];
  if (isEmpty(content) && calls.length === 0 && !refusal) problems.push({ code: 'content', detail });
  if (weight !== undefined && role !== 'assistant') problems.push({ code: 'weight', detail });
  if (calls.length > 0 && role !== 'assistant') problems.push({ code: 'tool-call', detail });
  if (calls.some((call) => !isObject(parseJson(call.function.arguments)))) problems.push({ code: 'tool-call', detail });
  if (role === 'system' && index > 0) problems.push({ code: 'order', detail });
  const isLast = index === messages.length - 1;
  const answers = messages.slice(index + 1, index + 1 + calls.length).map(({ tool_call_id: id }) => id);
  if (calls.length > 0 && !isLast && calls.some(({ id }) => !answers.includes(id))) problems.push({ code: 'tool-answer', detail });
  if (role === 'tool' && !answersCall(message, index, messages)) problems.push({ code: 'tool-answer', detail });
  return problems;
}

const isEmpty = (content: Message['content']): boolean => content === undefined || content === null || (typeof content === 'string' && content.trim() === '');

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The nearest message before it that is no answer of a tool has called it. */
function answersCall({ tool_call_id: id }: Message, index: number, messages: readonly Message[]): boolean {
  const asking = messages.slice(0, index).findLast(({ role }) => role !== 'tool');
  return id !== undefined && (asking?.tool_calls ?? []).some((call) => call.id === id);
}

/** Each message costs three tokens beside its words, and the answer's beginning three (cookbook of OpenAI, "How to count tokens"). */
const TOKENS_BESIDE = 3;

function tokensOf(example: unknown): number {
  const { messages = [], tools } = example as { readonly messages?: readonly Readonly<Record<string, unknown>>[]; readonly tools?: unknown }; // the caller has checked its form
  const inMessages = messages.reduce((sum, { role, content, name, tool_calls: calls }) => sum + TOKENS_BESIDE + estimateTokens([role, textOf(content), name, calls && JSON.stringify(calls)].filter(Boolean).join(' ')), 0);
  return inMessages + TOKENS_BESIDE + (tools === undefined ? 0 : estimateTokens(JSON.stringify(tools)));
}

const textOf = (content: unknown): string => (typeof content === 'string' ? content : content === undefined || content === null ? '' : JSON.stringify(content));

function repetitionsIn(examples: readonly { readonly line: number; readonly content: string }[]): TrainingCheck['duplicates'] {
  const seen = new Map<string, number>();
  return examples.flatMap(({ line, content }) => {
    const first = seen.get(content);
    if (first === undefined) seen.set(content, line);
    return first === undefined ? [] : [{ line, first }];
  });
}
