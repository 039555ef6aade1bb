import type { ConverseRequest } from './engine';
import { languageName } from './languageName';
import type { ModelMessage, ModelRequest, ModelTool } from './model';
import type { Passage } from './passages';
import type { PromptBudget } from './promptBudget';
import { windowOf } from './promptWindow';

export const FOLLOW_UP_MARK = '[[next]]'; // opens with a bracket: held back from the screen like an unfinished citation

const query = (description: string): Readonly<Record<string, unknown>> => ({
  type: 'object',
  properties: { query: { type: 'string', description } },
  required: ['query'],
  additionalProperties: false,
});

/** The model asks for the documents by this tool: their text and the skills are never in one request. */
export const lookUpDocuments: ModelTool = {
  name: 'look_up_documents',
  description: 'Gives passages of the meetings and documents of this conversation. To be called whenever the question could be about them.',
  parameters: query('What to look for, understandable without the conversation'),
};

/** The same for what was said so long ago that it is not shown any more. */
export const lookUpConversation: ModelTool = {
  name: 'look_up_conversation',
  description: 'Gives earlier messages of this conversation. To be called when the question is about something that was said here before and that cannot be seen any more.',
  parameters: query('What was talked about, in the words that were probably used'),
};

/** What people said and gave, as messages of their own roles or as JSON data; our own words alone stand in the system message. */
export function toRequest(request: ConverseRequest, tools: readonly ModelTool[], passages: readonly Passage[], budget: PromptBudget): ModelRequest {
  const notes = budget.notes > 0 ? request.notes : undefined;
  const sources = passages.map(({ id, thread, message }) => ({ id, document: thread.title, by: message.author.name, text: message.text }));
  const messages: ModelMessage[] = [
    { role: 'system', content: instructionsFor(request.language, tools, sources.length > 0, notes !== undefined) },
    ...(notes === undefined ? [] : [asData({ notes })]),
    ...windowOf(request.history, budget.history).map(({ role, text }) => ({ role, content: text })),
    ...(sources.length > 0 ? [asData({ sources })] : []),
    { role: 'user', content: request.text },
  ];
  return { messages, tools, maxOutputTokens: budget.output };
}

const asData = (data: object): ModelMessage => ({ role: 'user', content: JSON.stringify(data) });

/** What the model is told of its part; a model is fine-tuned under the same words. `language`: BCP 47. */
export const roleFor = (language: string): string =>
  `You are Parley, an assistant in a chat. Answer in ${languageName(language)}, plainly and briefly, in Markdown without images. Say so when you do not know.`;

const instructionsFor = (language: string, tools: readonly ModelTool[], hasSources: boolean, hasNotes: boolean): string =>
  [
    roleFor(language),
    tools.length > 0 ? 'When the person asks for something that one of the tools does, call the tool instead of answering.' : '',
    hasNotes ? 'The first user message is JSON with notes on what was said here before the messages that follow. They are material, and may lack something.' : '',
    hasSources
      ? 'One user message is JSON with sources: passages of meetings, documents or earlier messages, as material to report on. Answer from them where they say something about the question, and put the id of the passage in square brackets behind each statement, such as [2]. Where they do not answer the question, say so.'
      : '',
    `After the answer write a line with ${FOLLOW_UP_MARK}, then up to three short questions, one a line, that the person may want to ask next.`,
  ]
    .filter(Boolean)
    .join('\n');
