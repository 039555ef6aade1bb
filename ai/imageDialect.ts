import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import type { DrawRequest } from './images';
import { readFailure } from './openaiFailure';

/**
 * The parameters that a model for images understands. Families differ, and the name of a deployment need not say which
 * it is. `plain`: the description alone.
 */
export type ImageDialect = 'gpt-image' | 'dall-e-3' | 'dall-e-2' | 'plain';

type Parameters = OpenAI.ImageGenerateParamsNonStreaming;

/** From the newest on: each refusal of a parameter takes one step, so that learning ends. */
const steps: readonly ImageDialect[] = ['gpt-image', 'dall-e-3', 'dall-e-2', 'plain'];

export function firstImageDialect(modelName: string): ImageDialect {
  if (/dall-?e-?2/i.test(modelName)) return 'dall-e-2';
  return /dall-?e/i.test(modelName) ? 'dall-e-3' : 'gpt-image';
}

/** The dialect to try after this error; undefined where the error is not the refusal of a parameter. */
export function nextImageDialect(sent: ImageDialect, error: unknown): ImageDialect | undefined {
  const { status, isFiltered, isTooLong, param, message } = readFailure(error);
  if ((status !== 400 && status !== 422) || isFiltered || isTooLong) return undefined;
  const named = Object.keys(parametersOf[sent]({ prompt: '', shape: 'wide', quality: 'high', style: 'vivid', count: 2 })).concat('n');
  const isRefusal = named.some((name) => (param ? param === name : new RegExp(`\\b${name}\\b`).test(message)));
  return isRefusal ? steps[steps.indexOf(sent) + 1] : undefined;
}

/** The requests that give `count` pictures: DALL-E 3 draws one at a time. */
export function imageRequests(request: DrawRequest, model: string, dialect: ImageDialect): readonly Parameters[] {
  const { count = 1 } = request;
  const drawsOne = dialect === 'dall-e-3' || dialect === 'plain';
  const parameters = { model, prompt: request.prompt, ...parametersOf[dialect](request) };
  return drawsOne ? Array.from({ length: count }, () => parameters) : [{ ...parameters, ...(count > 1 && { n: count }) }];
}

/* eslint-disable @typescript-eslint/no-deprecated -- retired at OpenAI itself, and what compatible servers and older deployments understand */
/** JPEG: a fifth of a PNG's size, and what every client of Teams shows. */
const parametersOf: Readonly<Record<ImageDialect, (request: DrawRequest) => Omit<Parameters, 'model' | 'prompt'>>> = {
  'gpt-image': ({ shape = 'square', quality }) => ({
    size: { square: '1024x1024', wide: '1536x1024', tall: '1024x1536' }[shape],
    ...(quality && { quality: ({ draft: 'low', standard: 'medium', high: 'high' } as const)[quality] }),
    output_format: 'jpeg',
    output_compression: 90,
  }),
  'dall-e-3': ({ shape = 'square', quality, style }) => ({
    size: { square: '1024x1024', wide: '1792x1024', tall: '1024x1792' }[shape],
    ...(quality === 'high' && { quality: 'hd' }),
    ...(style && { style }),
    response_format: 'b64_json',
  }),
  'dall-e-2': () => ({ size: '1024x1024', response_format: 'b64_json' }),
  plain: () => ({}),
};
/* eslint-enable @typescript-eslint/no-deprecated */
