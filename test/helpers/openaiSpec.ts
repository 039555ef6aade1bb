import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import specification from '../fixtures/openai-api.json';

/** What is wrong with a chat completions request by OpenAI's own description; undefined where nothing is. */
export const chatRequestProblem = (body: unknown): string | undefined => problem('CreateChatCompletionRequest', body, true);

export const responseRequestProblem = (body: unknown): string | undefined => problem('CreateResponse', body, true);

export const chatResponseProblem = (body: unknown): string | undefined => problem('CreateChatCompletionResponse', body, false);

export const chatChunkProblem = (body: unknown): string | undefined => problem('CreateChatCompletionStreamResponse', body, false);

export const embeddingRequestProblem = (body: unknown): string | undefined => problem('CreateEmbeddingRequest', body, true);

export const embeddingResponseProblem = (body: unknown): string | undefined => problem('CreateEmbeddingResponse', body, false);

export const imageRequestProblem = (body: unknown): string | undefined => problem('CreateImageRequest', body, true);

export const imageResponseProblem = (body: unknown): string | undefined => problem('ImagesResponse', body, false);

/** Of the fields of its form; a file is any string. */
export const transcriptionRequestProblem = (fields: unknown): string | undefined => problem('CreateTranscriptionRequest', fields, true);

export const transcriptResponseProblem = (body: unknown, form: 'Json' | 'VerboseJson' | 'DiarizedJson'): string | undefined => problem(`CreateTranscriptionResponse${form}`, body, false);

export const speechRequestProblem = (body: unknown): string | undefined => problem('CreateSpeechRequest', body, true);

export const moderationRequestProblem = (body: unknown): string | undefined => problem('CreateModerationRequest', body, true);

export const moderationResponseProblem = (body: unknown): string | undefined => problem('CreateModerationResponse', body, false);

/** Of the fields of its form; a file is any string. */
export const fileRequestProblem = (fields: unknown): string | undefined => problem('CreateFileRequest', fields, true);

export const fileResponseProblem = (body: unknown): string | undefined => problem('OpenAIFile', body, false);

export const jobRequestProblem = (body: unknown): string | undefined => problem('CreateFineTuningJobRequest', body, true);

export const jobResponseProblem = (body: unknown): string | undefined => problem('FineTuningJob', body, false);

export const jobsResponseProblem = (body: unknown): string | undefined => problem('ListPaginatedFineTuningJobsResponse', body, false);

export const jobEventsResponseProblem = (body: unknown): string | undefined => problem('ListFineTuningJobEventsResponse', body, false);

const validators = new Map<string, ValidateFunction>();
let ajv: Ajv2020 | undefined;

function problem(schema: string, body: unknown, isClosed: boolean): string | undefined {
  const validate = validators.get(schema) ?? compile(schema, isClosed);
  validators.set(schema, validate);
  return validate(body) ? undefined : specificationText(validate);
}

/** `isClosed`: parameters that the description does not name are refused, as the service does. */
function compile(schema: string, isClosed: boolean): ValidateFunction {
  ajv ??= createAjv();
  const reference = { $ref: `openai#/components/schemas/${schema}` };
  return ajv.compile(isClosed ? { allOf: [reference], unevaluatedProperties: false } : reference);
}

function createAjv(): Ajv2020 {
  const created = new Ajv2020({ strict: false, logger: false });
  addFormats(created);
  created.addSchema(withoutNullable(specification) as object, 'openai'); // an object in, an object out
  return created;
}

const specificationText = (validate: ValidateFunction): string =>
  (validate.errors ?? []).slice(0, 3).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`).join('; ');

/** The file says OpenAPI 3.1 but still uses 3.0's `nullable`, which ajv takes only next to a `type`, and its `exclusiveMinimum: true`. */
function withoutNullable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutNullable);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...given } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutNullable(value)]));
  const { exclusiveMinimum, minimum, ...others } = given;
  const rest = exclusiveMinimum === true ? { ...others, exclusiveMinimum: minimum } : given;
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}
