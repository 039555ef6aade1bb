import { AIError } from './error';
import type { ModelRequest, ModelResult } from './model';

/**
 * Asks, and where a schema was given parses the answer. An answer that is not JSON is sent back once to be mended;
 * one that was cut at the limit is not, since it would be cut again. Throws AIError `invalid-response`.
 */
export async function askForJson(ask: (request: ModelRequest) => Promise<ModelResult>, request: ModelRequest): Promise<ModelResult> {
  const result = await ask(request);
  if (!request.schema || result.finishReason === 'tool-calls') return result;
  const json = parseAnswer(result) ?? parseAnswer(await ask(repairOf(request, result.text)));
  if (json === undefined) throw new AIError('invalid-response', `The model gave no JSON for the schema "${request.schema.name}", even when asked again.`);
  return { ...result, json };
}

function parseAnswer(result: ModelResult): unknown {
  if (result.finishReason === 'length') throw new AIError('invalid-response', `The model's JSON was cut at its limit of output, after ${result.text.length} characters.`);
  // Models without structured output like to wrap JSON in a code fence.
  const text = result.text.trim().replace(/^```(?:json)?\s*/i, '').replace(/\s*```$/, '');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const repairOf = (request: ModelRequest, brokenText: string): ModelRequest => ({
  ...request,
  messages: [
    ...request.messages,
    { role: 'assistant', content: brokenText },
    { role: 'user', content: 'This is not valid JSON. Please send the same content again as one valid JSON object.' },
  ],
});
