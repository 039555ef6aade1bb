import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import { outputLimit, schemaInWords, temperatureOf, type ChatApi } from './chatApi';
import { AIError } from './error';
import { readPromptVerdicts, readVerdicts } from './filters';
import type { ModelRequest } from './model';
import type { Dialect } from './openaiDialect';
import type { AnswerPiece } from './readAnswer';

/**
 * The completions of before 2023: a model that goes on with a text. The conversation is written out for it; it knows no
 * tools, and JSON only by words.
 */
export const completionsApi: ChatApi = {
  open: (client, { request, modelName, dialect, signal }) => client.completions.create(toParameters(request, modelName, dialect), { signal }),
  read: readChunk,
};

/** Where the model would begin to speak for the person. */
const NEXT_TURN = '\n### user:';

function toParameters(request: ModelRequest, model: string, dialect: Dialect): OpenAI.CompletionCreateParamsStreaming {
  return {
    model,
    stream: true,
    prompt: toPrompt(request),
    max_tokens: outputLimit(request, dialect),
    stop: [NEXT_TURN],
    ...temperatureOf(request, dialect),
    ...(dialect.streamUsage && { stream_options: { include_usage: true } }),
  };
}

function toPrompt({ messages, schema }: ModelRequest): string {
  const turns = messages.map(({ role, content }) => `### ${role}:\n${content.replaceAll('\n### ', '\n ### ')}`); // nobody opens a turn from within another
  return [...turns, ...(schema ? [`### system:\n${schemaInWords(schema)}`] : []), '### assistant:\n'].join('\n\n');
}

const chunkShape = z.object({
  choices: z.array(z.object({ text: z.string().nullish(), finish_reason: z.string().nullish(), content_filter_results: z.unknown().optional() })).nullish(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish().catch(undefined),
  prompt_filter_results: z.unknown().optional(),
});

function readChunk(raw: unknown): AnswerPiece {
  const { data } = chunkShape.safeParse(raw);
  if (!data) throw new AIError('invalid-response', 'The model service streamed something other than completions.');
  const [choice] = data.choices ?? [];
  return {
    ...(choice?.text && { text: choice.text }),
    ...(choice?.finish_reason && { finishReason: choice.finish_reason }),
    ...(data.usage && { usage: { inputTokens: data.usage.prompt_tokens, outputTokens: data.usage.completion_tokens } }),
    filters: [...readPromptVerdicts(data.prompt_filter_results), ...readVerdicts('answer', choice?.content_filter_results)],
  };
}
