import { z } from 'zod';
import { AIError } from './error';
import { readVerdicts } from './filters';
import type { Attempt, CallOrigin, Gateway } from './gateway';
import { firstImageDialect, imageRequests, nextImageDialect, type ImageDialect } from './imageDialect';
import { pictureTypeOf } from './mediaType';
import type { Connection } from './openaiConnection';
import { estimateTokens } from './tokens';

export type PictureShape = 'square' | 'wide' | 'tall';
export type PictureQuality = 'draft' | 'standard' | 'high';

export interface DrawRequest {
  /** What the picture shows, as the person said it. */
  readonly prompt: string;
  readonly shape?: PictureShape;
  /** The model's own choice when absent. */
  readonly quality?: PictureQuality;
  /** Of DALL-E 3; others read it in the prompt. */
  readonly style?: 'vivid' | 'natural';
  /** 1 when absent. */
  readonly count?: number;
}

export interface Drawing {
  readonly bytes: Uint8Array;
  /** By the bytes themselves. */
  readonly contentType: string;
  /** What the service made of the prompt, where it says so. */
  readonly revisedPrompt?: string;
}

/** The bytes behind an address that a service gave; the host decides where it fetches from. */
export type FetchImage = (url: string, maxBytes: number, signal: AbortSignal) => Promise<Uint8Array>;

const MAX_PICTURE_BYTES = 10 * 1024 * 1024;

/** Tokens of one picture in the widest form (OpenAI, "Image generation", "Cost and latency"). */
const tokensByQuality: Readonly<Record<PictureQuality, number>> = { draft: 410, standard: 1_600, high: 6_300 };

/** Draws what the prompt says. Throws AIError; `content-filtered` where the service refuses prompt or picture. */
export async function draw(gateway: Gateway, origin: CallOrigin, request: DrawRequest, fetchImage: FetchImage | undefined, signal: AbortSignal): Promise<readonly Drawing[]> {
  const tokens = estimateTokens(request.prompt) + (request.count ?? 1) * tokensByQuality[request.quality ?? 'standard'];
  const call = { capability: 'images', operation: 'image', tokens, ...origin } as const;
  const pictures: Picture[] = [];
  for await (const answered of gateway.call(call, attempt(request), signal)) pictures.push(...answered);
  if (pictures.length === 0) throw new AIError('invalid-response', 'The model gave no picture.');
  return Promise.all(pictures.map((picture) => toDrawing(picture, fetchImage, signal)));
}

const pictureShape = z.object({
  b64_json: z.string().nullish(),
  url: z.string().nullish(),
  revised_prompt: z.string().nullish(),
  content_filter_results: z.unknown().optional(),
  prompt_filter_results: z.unknown().optional(),
});
type Picture = z.infer<typeof pictureShape>;

const responseShape = z.object({
  data: z.array(pictureShape),
  usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }).nullish().catch(undefined),
});

/** What a deployment was found to understand, for as long as this process lives. */
const learned = new WeakMap<Connection, ImageDialect>();

const attempt = (request: DrawRequest): Attempt<readonly Picture[]> => async function* (connection, watch, note) {
  const responses = await generate(connection, request, watch.signal);
  const pictures = responses.flatMap(({ data }) => data);
  const filters = pictures.flatMap((picture) => [...readVerdicts('prompt', picture.prompt_filter_results), ...readVerdicts('answer', picture.content_filter_results)]);
  const used = responses.map(({ usage }) => usage);
  note({
    inputTokens: used.reduce((sum, usage) => sum + (usage?.input_tokens ?? estimateTokens(request.prompt)), 0),
    outputTokens: used.reduce((sum, usage) => sum + (usage?.output_tokens ?? tokensByQuality[request.quality ?? 'standard']), 0),
    estimated: used.some((usage) => !usage),
    filters,
  });
  if (filters.some(({ isFiltered }) => isFiltered)) throw new AIError('content-filtered', 'The content filter stopped a picture.', { filters });
  yield pictures;
};

/** All responses that the request takes; a parameter that is refused is left out from then on. */
async function generate(connection: Connection, request: DrawRequest, signal: AbortSignal): Promise<readonly z.infer<typeof responseShape>[]> {
  const client = await connection.client();
  for (let dialect = learned.get(connection) ?? firstImageDialect(connection.modelName); ;) {
    try {
      const responses: z.infer<typeof responseShape>[] = [];
      for (const parameters of imageRequests(request, connection.modelName, dialect)) {
        responses.push(readResponse(await client.images.generate(parameters, { signal })));
      }
      return responses;
    } catch (error) {
      const next = nextImageDialect(dialect, error);
      if (!next) throw error;
      learned.set(connection, next);
      dialect = next;
    }
  }
}

function readResponse(response: unknown): z.infer<typeof responseShape> {
  const { data } = responseShape.safeParse(response);
  if (!data) throw new AIError('invalid-response', 'The answer is no list of pictures.');
  return data;
}

async function toDrawing({ b64_json: encoded, url, revised_prompt: revisedPrompt }: Picture, fetchImage: FetchImage | undefined, signal: AbortSignal): Promise<Drawing> {
  const bytes = encoded ? decode(encoded) : await fetchPicture(url ?? '', fetchImage, signal);
  const contentType = pictureTypeOf(bytes);
  if (!contentType) throw new AIError('invalid-response', 'What the model gave is no picture.');
  return { bytes, contentType, ...(revisedPrompt && { revisedPrompt }) };
}

function decode(encoded: string): Uint8Array {
  if (encoded.length > (MAX_PICTURE_BYTES * 4) / 3 + 4) throw new AIError('invalid-response', 'The picture is too large.');
  return Buffer.from(encoded, 'base64');
}

async function fetchPicture(url: string, fetchImage: FetchImage | undefined, signal: AbortSignal): Promise<Uint8Array> {
  if (!fetchImage || !url) throw new AIError('invalid-response', 'The model gave no picture, or an address where none may be fetched.');
  try {
    return await fetchImage(url, MAX_PICTURE_BYTES, signal);
  } catch (error) {
    throw new AIError('unavailable', 'The picture could not be fetched from where the model put it.', { cause: error });
  }
}
