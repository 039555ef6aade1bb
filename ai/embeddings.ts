import { z } from 'zod';
import { AIError } from './error';
import type { CallOrigin, Gateway } from './gateway';
import { estimateTokens } from './tokens';

/** Where a text stands in the space of one embeddings model: one signed byte for each dimension, of a vector of length 127. */
export type Vector = Uint8Array;

/** Texts of one request. Services take more, but then one slow request holds up much. */
export const TEXTS_AT_ONCE = 64;

/** Characters: a token each at worst, and models take about 8,000 (https://platform.openai.com/docs/guides/embeddings). */
const MAX_TEXT_LENGTH = 8_000;

const shape = z.object({
  data: z.array(z.object({ index: z.number().int().nonnegative(), embedding: z.array(z.number()) })),
  usage: z.object({ prompt_tokens: z.number() }).optional().catch(undefined),
});

/**
 * The vectors of at most TEXTS_AT_ONCE texts, in their order; long ones count by their beginning. Throws AIError;
 * `invalid-response` where one is missing, or is not as wide as the others.
 */
export async function embed(gateway: Gateway, origin: CallOrigin, texts: readonly string[], signal: AbortSignal): Promise<readonly Vector[]> {
  const input = texts.map((text) => text.slice(0, MAX_TEXT_LENGTH).toWellFormed() || ' '); // an empty one is refused
  const tokens = input.reduce((sum, text) => sum + estimateTokens(text), 0);
  const call = { ...origin, capability: 'embeddings', operation: 'embed', tokens, restarts: true, answersWithinMs: 10_000 } as const;
  const answers = gateway.call<unknown>(call, async function* (connection, watch, note) {
    const client = await connection.client();
    // Without the format the SDK asks for base64, which not every compatible server knows.
    const answer: unknown = await client.embeddings.create({ model: connection.modelName, input, encoding_format: 'float' }, { signal: watch.signal });
    const counted = shape.safeParse(answer).data?.usage?.prompt_tokens;
    note({ inputTokens: counted ?? tokens, outputTokens: 0, estimated: counted === undefined });
    yield answer;
  }, signal);
  for await (const answer of answers) return toVectors(answer, texts.length);
  throw new Error('A call ended without an answer or an error: a mistake in the gateway.');
}

function toVectors(answer: unknown, count: number): readonly Vector[] {
  const { data = [] } = shape.safeParse(answer).data ?? {};
  const vectors = Array.from({ length: count }, (_, wanted) => data.find(({ index }) => index === wanted)?.embedding ?? []);
  const width = vectors[0]?.length ?? 0;
  if (width === 0 || vectors.some(({ length }) => length !== width)) throw new AIError('invalid-response', 'The embeddings are not one for each text, all of one width.');
  return vectors.map(toBytes);
}

/** A byte for each dimension is enough to tell what is near: a quarter of the space, and quicker to compare. */
function toBytes(embedding: readonly number[]): Vector {
  const length = Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0)) || 1;
  return new Uint8Array(Int8Array.from(embedding, (value) => Math.round((value / length) * 127)).buffer);
}

/** How near two texts are in meaning: 1 the same, 0 nothing in common. 0 for vectors of different models. */
export function similarity(one: Vector, other: Vector): number {
  if (one.length !== other.length) return 0;
  const [a, b] = [one, other].map(({ buffer, byteOffset, length }) => new Int8Array(buffer, byteOffset, length));
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += (a?.[index] ?? 0) * (b?.[index] ?? 0);
  return sum / (127 * 127);
}
