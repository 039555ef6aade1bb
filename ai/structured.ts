import { z } from 'zod';
import { AIError } from './error';
import type { Model } from './model';

export interface StructuredRequest<Shape extends z.ZodType> {
  /** Name of the schema, as the service sees it. */
  readonly name: string;
  readonly shape: Shape;
  /** What to do, in our words alone. */
  readonly instructions: string;
  /** Everything from people, as data. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly maxOutputTokens: number;
}

/**
 * Asks for JSON of a shape. Untrusted text travels as one JSON object in a user message, and no tools are offered.
 * Throws AIError.
 */
export async function askStructured<Shape extends z.ZodType>(model: Model, request: StructuredRequest<Shape>, signal: AbortSignal): Promise<z.infer<Shape>> {
  const schema = z.toJSONSchema(request.shape);
  const result = await model.complete(
    {
      messages: [
        { role: 'system', content: request.instructions },
        { role: 'user', content: JSON.stringify(request.data) },
      ],
      schema: { name: request.name, schema: { ...schema, $schema: undefined } },
      maxOutputTokens: request.maxOutputTokens,
      temperature: 0,
    },
    signal,
  );
  const parsed = request.shape.safeParse(result.json);
  if (!parsed.success) throw new AIError('invalid-response', `The model's JSON does not fit the schema "${request.name}".`);
  return parsed.data;
}
