import { z } from 'zod';
import type { FilterVerdict } from './call';
import { AIError } from './error';
import type { Attempt, CallOrigin, Gateway } from './gateway';
import { estimateTokens } from './tokens';

/** What moderation says of a text. */
export interface Judgement {
  readonly isFlagged: boolean;
  /** The service's names of what it found, such as `hate/threatening`. */
  readonly categories: readonly string[];
}

const PART_LENGTH = 8_000; // characters; a long text is judged in parts, all in one request

/** Judges a text. `on`: whether a person or a model wrote it. Throws AIError. */
export async function moderate(gateway: Gateway, origin: CallOrigin, text: string, on: FilterVerdict['on'], signal: AbortSignal): Promise<Judgement> {
  const call = { capability: 'moderate', operation: 'moderation', tokens: estimateTokens(text), answersWithinMs: 10_000, ...origin } as const;
  for await (const judgement of gateway.call(call, attempt(text, on), signal)) return judgement;
  throw new AIError('invalid-response', 'The moderation had no end.');
}

const responseShape = z.object({ results: z.array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean().nullable()).catch({}) })).min(1) });

const attempt = (text: string, on: FilterVerdict['on']): Attempt<Judgement> => async function* (connection, watch, note) {
  const client = await connection.client();
  const parts = partsOf(text);
  const response: unknown = await client.moderations.create({ model: connection.modelName, input: parts }, { signal: watch.signal });
  const { data } = responseShape.safeParse(response);
  if (data?.results.length !== parts.length) throw new AIError('invalid-response', 'The moderation did not judge every part of the text.');
  const categories = [...new Set(data.results.flatMap((result) => Object.keys(result.categories).filter((name) => result.categories[name])))];
  note({ inputTokens: estimateTokens(text), estimated: true, filters: categories.map((category) => ({ on, category, isFiltered: true, isDetected: true })) });
  yield { isFlagged: data.results.some(({ flagged }) => flagged), categories };
};

const partsOf = (text: string): string[] => Array.from({ length: Math.max(1, Math.ceil(text.length / PART_LENGTH)) }, (_, index) => text.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH).toWellFormed());
