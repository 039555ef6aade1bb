import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import { createClient, modelNameOf, type ModelService } from './openaiClient';
import { firstDialect, type Dialect } from './openaiDialect';

/** What a model call may take. */
export interface ModelLimits {
  /** One call with all its retries and repairs. */
  readonly deadlineMs: number;
  /** From a stream's request to its first text: reasoning models think before they write. */
  readonly firstTokenMs: number;
  /** Between two pieces of a stream once text has come. */
  readonly idleMs: number;
  /** Attempts after the first. One: in a storm of 429 the calls stay under twice the turns. */
  readonly maxRetries: number;
  /** A service that asks for a longer pause is not waited for. */
  readonly maxRetryWaitMs: number;
}

/** One model service: its client, and what it was found to understand. */
export interface Connection {
  readonly modelName: string;
  readonly limits: ModelLimits;
  client(): Promise<OpenAI>;
  dialect(): Dialect;
  /** Keeps what a refusal taught: the name of a deployment does not say what its model understands. */
  learn(dialect: Dialect): void;
}

const defaultLimits: ModelLimits = { deadlineMs: 60_000, firstTokenMs: 30_000, idleMs: 15_000, maxRetries: 1, maxRetryWaitMs: 20_000 };

export function connectOpenAI(service: ModelService, limits: Partial<ModelLimits> = {}): Connection {
  const complete = { ...defaultLimits, ...limits };
  let client: Promise<OpenAI> | undefined;
  let dialect = firstDialect(service);
  return {
    modelName: modelNameOf(service),
    limits: complete,
    client: () => (client ??= createClient(service, complete.deadlineMs)),
    dialect: () => dialect,
    learn: (learned) => {
      dialect = learned;
    },
  };
}
