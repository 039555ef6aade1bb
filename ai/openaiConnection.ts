import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import type { Api, Deployment } from './deployments';
import { createClient, type ClientOptions } from './openaiClient';
import { firstDialect, type Dialect } from './openaiDialect';

/** What a model call may take. */
export interface ModelLimits {
  /** One call with all its retries. */
  readonly deadlineMs: number;
  /** Until a stream answers at all, while another deployment could do it. */
  readonly startMs: number;
  /** From a stream's request to its first text: reasoning models think before they write. */
  readonly firstTokenMs: number;
  /** Between two pieces of a stream once text has come. */
  readonly idleMs: number;
  /** Attempts after the first, where a deployment has no capacity or stands alone. One: in a storm of 429 the calls stay under twice the turns. */
  readonly maxRetries: number;
  /** All pauses of one turn together: for capacity, or for a service that asks to be left alone. */
  readonly maxWaitMs: number;
}

/** One deployment: its client, and what it was found to understand. */
export interface Connection {
  /** As reports name it. */
  readonly name: string;
  readonly region?: string;
  /** As the service knows it. */
  readonly modelName: string;
  readonly api: Api;
  readonly limits: ModelLimits;
  client(): Promise<OpenAI>;
  dialect(): Dialect;
  /** Keeps what a refusal taught: the name of a deployment does not say what its model understands. */
  learn(dialect: Dialect): void;
}

export const defaultLimits: ModelLimits = { deadlineMs: 60_000, startMs: 6_000, firstTokenMs: 30_000, idleMs: 12_000, maxRetries: 1, maxWaitMs: 15_000 };

export function connectOpenAI(deployment: Deployment, limits: ModelLimits, options: Omit<ClientOptions, 'timeoutMs'> = {}): Connection {
  const { name, region, place, api } = deployment;
  let client: Promise<OpenAI> | undefined;
  let dialect = firstDialect(deployment);
  return {
    name,
    ...(region !== undefined && { region }),
    modelName: place.kind === 'azure' ? place.deployment : place.model,
    api,
    limits,
    client: () => (client ??= createClient(deployment, { ...options, timeoutMs: limits.deadlineMs })),
    dialect: () => dialect,
    learn: (learned) => {
      dialect = learned;
    },
  };
}
