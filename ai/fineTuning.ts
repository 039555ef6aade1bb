import { z } from 'zod';
import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import { createClient } from './openaiClient';
import type { TokenProvider } from './credential';
import type { Deployment } from './deployments';
import { AIError } from './error';
import { readFailure } from './openaiFailure';

export const tuningStates = ['validating_files', 'queued', 'pending', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type TuningState = (typeof tuningStates)[number];

/** A job of fine-tuning, as the service tells of it. Times in milliseconds since 1970. */
export interface TuningJob {
  readonly id: string;
  /** A state that we do not know counts as running. */
  readonly state: TuningState;
  readonly baseModel: string;
  readonly createdAt: number;
  readonly finishedAt?: number;
  readonly estimatedFinish?: number;
  readonly trainedTokens?: number;
  /** What it made; once it has succeeded. */
  readonly model?: string;
  /** Why it failed, in the service's words. */
  readonly failure?: string;
}

export interface TuningEvent {
  readonly id: string;
  readonly at: number;
  readonly level: string;
  /** The service's words. */
  readonly message: string;
  /** Of how many, where it tells a step. */
  readonly step?: { readonly done: number; readonly of?: number; readonly loss?: number };
}

export interface TuningFile {
  readonly id: string;
  /** `ready` for training, still being looked at, or refused. */
  readonly state: 'ready' | 'waiting' | 'refused';
  readonly detail: string;
}

export interface TuningRequest {
  readonly model: string;
  readonly trainingFile: string;
  readonly validationFile?: string;
  /** Part of the new model's name: 18 characters at Azure, 64 at OpenAI. */
  readonly suffix?: string;
  readonly epochs?: number;
  readonly seed?: number;
}

/** Fine-tuning where a deployment is. All methods throw FineTuningError, or AIError where no token came. */
export interface FineTuning {
  upload(file: { readonly name: string; readonly bytes: Uint8Array }): Promise<TuningFile>;
  file(id: string): Promise<TuningFile>;
  start(request: TuningRequest): Promise<TuningJob>;
  job(id: string): Promise<TuningJob>;
  /** Oldest first. */
  events(id: string): Promise<readonly TuningEvent[]>;
  cancel(id: string): Promise<TuningJob>;
  /** Newest first. */
  list(limit: number): Promise<readonly TuningJob[]>;
}

/** `refused`: the service understood and does not do it. `message` is the service's own, for whoever administers it. */
export class FineTuningError extends Error {
  override readonly name = 'FineTuningError';

  constructor(readonly code: 'not-found' | 'unauthorized' | 'refused' | 'busy' | 'unavailable' | 'invalid-response', message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}

/** Uploads of hundreds of megabytes take minutes. */
const CALL_LIMIT_MS = 10 * 60_000;
const MAX_EVENTS = 100;

/** Azure OpenAI's v1 API has it under `/openai/v1/`, versions with a date beside the deployments, OpenAI under `/v1/`. */
export function createFineTuning(deployment: Deployment, token?: TokenProvider): FineTuning {
  let client: Promise<OpenAI> | undefined;
  const ask = async <Answer>(shape: z.ZodType<Answer>, work: (client: OpenAI) => Promise<unknown>): Promise<Answer> => {
    try {
      client ??= createClient({ ...deployment, api: 'responses' }, { ...(token && { token }), timeoutMs: CALL_LIMIT_MS }); // beside the deployments
      return shape.parse(await work(await client));
    } catch (error) {
      throw toTuningError(error);
    }
  };
  return {
    upload: ({ name, bytes }) => ask(fileShape, async ({ files }) => files.create({ purpose: 'fine-tune', file: new File([new Uint8Array(bytes)], name, { type: 'application/jsonl' }) })),
    file: (id) => ask(fileShape, ({ files }) => files.retrieve(id)),
    start: (request) => ask(jobShape, ({ fineTuning }) => fineTuning.jobs.create(toBody(request))),
    job: (id) => ask(jobShape, ({ fineTuning }) => fineTuning.jobs.retrieve(id)),
    events: async (id) => (await ask(z.array(eventShape), async ({ fineTuning }) => (await fineTuning.jobs.listEvents(id, { limit: MAX_EVENTS })).data)).toReversed(),
    cancel: (id) => ask(jobShape, ({ fineTuning }) => fineTuning.jobs.cancel(id)),
    list: (limit) => ask(z.array(jobShape), async ({ fineTuning }) => (await fineTuning.jobs.list({ limit })).data),
  };
}

const toBody = ({ model, trainingFile, validationFile, suffix, epochs, seed }: TuningRequest) => ({
  model,
  training_file: trainingFile,
  ...(validationFile !== undefined && { validation_file: validationFile }),
  ...(suffix !== undefined && { suffix }),
  ...(seed !== undefined && { seed }),
  ...(epochs !== undefined && { method: { type: 'supervised' as const, supervised: { hyperparameters: { n_epochs: epochs } } } }),
});

const seconds = z.number().transform((value) => value * 1_000);
const text = z.string().nullish().transform((value) => value ?? undefined);

const fileShape = z.object({ id: z.string(), status: z.string().catch('uploaded'), status_details: text }).transform(({ id, status, status_details: detail = '' }): TuningFile => ({
  id,
  state: status === 'processed' ? 'ready' : ['error', 'failed', 'deleted'].includes(status) ? 'refused' : 'waiting', // Azure has pending and running too
  detail,
}));

const jobShape = z.object({
  id: z.string(),
  status: z.enum(tuningStates).catch('running'),
  model: z.string(),
  created_at: seconds,
  finished_at: seconds.nullish(),
  estimated_finish: seconds.nullish(),
  trained_tokens: z.number().nullish(),
  fine_tuned_model: text,
  error: z.object({ message: text, code: text }).nullish().catch(undefined),
}).transform((job): TuningJob => {
  const failure = job.error?.message ?? job.error?.code;
  return {
    id: job.id,
    state: job.status,
    baseModel: job.model,
    createdAt: job.created_at,
    ...(job.finished_at && { finishedAt: job.finished_at }),
    ...(job.estimated_finish && { estimatedFinish: job.estimated_finish }),
    ...(job.trained_tokens && { trainedTokens: job.trained_tokens }),
    ...(job.fine_tuned_model && { model: job.fine_tuned_model }),
    ...(failure && { failure }),
  };
});

const metrics = z.object({ step: z.number(), total_steps: z.number().optional().catch(undefined), train_loss: z.number().optional().catch(undefined) });

const eventShape = z.object({ id: z.string(), created_at: seconds, level: z.string(), message: z.string(), data: z.unknown().optional() }).transform(({ id, created_at: at, level, message, data }): TuningEvent => {
  const step = metrics.safeParse(data).data;
  return { id, at, level, message, ...(step && { step: { done: step.step, ...(step.total_steps !== undefined && { of: step.total_steps }), ...(step.train_loss !== undefined && { loss: step.train_loss }) } }) };
});

function toTuningError(error: unknown): FineTuningError | AIError {
  const own = ownError(error);
  if (own) return own;
  if (error instanceof z.ZodError) return new FineTuningError('invalid-response', 'The service answered in a form that is not known here.', { cause: error });
  const { status, message, code } = readFailure(error);
  return new FineTuningError(codeOf(status), message || code, { cause: error });
}

/** The token's own error comes back as the cause of the SDK's. */
function ownError(error: unknown): AIError | undefined {
  if (error instanceof AIError) return error;
  return typeof error === 'object' && error !== null && 'cause' in error ? ownError(error.cause) : undefined;
}

function codeOf(status: number | undefined): FineTuningError['code'] {
  if (status === undefined || status === 408 || status >= 500) return 'unavailable';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'not-found';
  return status === 429 ? 'busy' : 'refused';
}
