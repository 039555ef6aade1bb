import type { ServerResponse } from 'node:http';
import { answerWhole } from './fakeModelPlayer';

/** An embeddings request as it came; checked against OpenAI's own schema. */
export interface EmbeddingCall {
  readonly model: string;
  readonly input: readonly string[];
  readonly encoding_format?: string;
}

/** What is sent for a call: an answer, or a refusal by its status. */
export type EmbeddingAnswerer = (call: EmbeddingCall) => object | { readonly status: number };

const WIDTH = 64;

/** Words that mean the same, so that what is near in meaning can differ in words. */
const meanings: readonly (readonly string[])[] = [['car', 'automobile', 'vehicle'], ['money', 'budget', 'euros'], ['doctor', 'physician']];

/** One vector for each text: texts that share words or meanings are near. */
export function fakeEmbeddings({ model, input }: EmbeddingCall): object {
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
  const tokens = input.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  return { object: 'list', model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

export function playEmbeddings(answer: ReturnType<EmbeddingAnswerer>, response: ServerResponse): void {
  if ('status' in answer && typeof answer.status === 'number') answerWhole(response, answer.status, JSON.stringify({ error: { message: 'Refused.', code: String(answer.status) } }));
  else answerWhole(response, 200, JSON.stringify(answer));
}

function vectorOf(text: string): number[] {
  const vector = new Array<number>(WIDTH).fill(0);
  for (const word of text.toLowerCase().match(/\p{L}{3,}/gu) ?? []) {
    const meant = meanings.find((words) => words.includes(word))?.[0] ?? word;
    const place = Array.from(meant).reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 1_000_003, 7) % WIDTH;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}
