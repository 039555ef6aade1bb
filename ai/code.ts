import type { ConverseRequest, OnText } from './engine';
import { AIError } from './error';
import { languageName } from './languageName';
import type { Model, ModelMessage } from './model';
import { withinBudget, type PromptBudget } from './promptBudget';
import { windowOf } from './promptWindow';

/** What is to be written, with what was said before. */
export interface CodeRequest extends Pick<ConverseRequest, 'text' | 'history' | 'notes' | 'language'> {
  /** Programming language, as the person named it. */
  readonly codeLanguage?: string;
}

export interface CodeAnswer {
  /** Markdown; each piece of code in a fence that names its language. */
  readonly text: string;
  /** The model came to its limit in the middle: not to be shown as the whole answer. */
  readonly isCutOff?: true;
}

const OUTPUT_SHARE = 2; // code is longer than talk

/** Writes or explains code. Throws AIError. */
export const writeCode = (model: Model, request: CodeRequest, budget: PromptBudget, signal: AbortSignal, onText?: OnText): Promise<CodeAnswer> =>
  withinBudget(budget, (within) => write(model, request, within, signal, onText));

async function write(model: Model, request: CodeRequest, budget: PromptBudget, signal: AbortSignal, onText?: OnText): Promise<CodeAnswer> {
  const messages = toMessages(request, budget);
  let raw = '';
  const textSoFar = (): string => namedFences(raw, request.codeLanguage);
  for await (const event of model.stream({ messages, maxOutputTokens: budget.output * OUTPUT_SHARE }, signal)) {
    if (event.type === 'text') {
      raw += event.text;
      onText?.(textSoFar);
    } else {
      const text = namedFences(event.result.text.trim(), request.codeLanguage);
      if (text === '') throw new AIError('invalid-response', 'The model gave no code and no answer.');
      return { text, ...(event.result.finishReason === 'length' && { isCutOff: true }) };
    }
  }
  throw new AIError('invalid-response', 'The stream of the model had no end.');
}

function toMessages({ text, history, notes, language, codeLanguage }: CodeRequest, budget: PromptBudget): readonly ModelMessage[] {
  return [
    { role: 'system', content: instructionsFor(language, codeLanguage !== undefined) },
    ...(notes === undefined || budget.notes === 0 ? [] : [{ role: 'user' as const, content: JSON.stringify({ notes }) }]),
    ...windowOf(history, budget.history).map(({ role, text: said }) => ({ role, content: said })),
    { role: 'user', content: codeLanguage === undefined ? text : `${text}\n\n(${codeLanguage})` },
  ];
}

const instructionsFor = (language: string, isNamed: boolean): string =>
  [
    'You write and explain code for people in a chat. Put every piece of code into a fenced block that opens with ``` and the name of its language, such as ```python.',
    isNamed ? 'The last message names the programming language in brackets.' : '',
    `First the code, complete and ready to run, then what has to be known about it in a few plain sentences in ${languageName(language)}. Markdown without images. You cannot run code: never say that you did. Say so when something is missing or unsure.`,
  ].filter(Boolean).join(' ');

const FENCE = /^( {0,3})(`{3,}|~{3,})([^`\n]*)$/;
const NO_LANGUAGE = 'text';

/** The same text, in which every fence that opens names a language. */
export function namedFences(text: string, codeLanguage = NO_LANGUAGE): string {
  const name = /^[\w+#.-]{1,30}$/.test(codeLanguage) ? codeLanguage.toLowerCase() : NO_LANGUAGE;
  let open = '';
  return text.split('\n').map((line) => {
    const [, space = '', signs = '', info = ''] = FENCE.exec(line) ?? [];
    if (signs === '') return line;
    if (open !== '') {
      if (signs.startsWith(open) && info.trim() === '') open = '';
      return line;
    }
    open = signs;
    return info.trim() === '' ? `${space}${signs}${name}` : line;
  }).join('\n');
}
