import { isHosted, type Api, type Deployment } from './deployments';
import { readFailure } from './openaiFailure';

/** How far a service understands chat completions. Every refusal takes one step down, never up: learning ends. */
export interface Dialect {
  /** Names for the output limit, still to be tried; the first is sent. */
  readonly limitNames: readonly ('max_completion_tokens' | 'max_tokens' | 'max_output_tokens')[];
  /** False for reasoning models: they refuse it, and count their thinking as output. */
  readonly temperature: boolean;
  /** Ways to ask for JSON, still to be tried; none: by words alone. */
  readonly jsonFormats: readonly ('json_schema' | 'json_object')[];
  readonly streamUsage: boolean;
  /** True where the service keeps what it is asked unless it is told not to (OpenAI: chat completions of new accounts). */
  readonly storesUnlessTold: boolean;
}

/** OpenAI and Azure know the new name of the limit; a compatible server may ignore it silently, so it gets the old one. */
export function firstDialect({ place, api }: Pick<Deployment, 'place' | 'api'>): Dialect {
  const both = ['max_completion_tokens', 'max_tokens'] as const;
  return {
    limitNames: isHosted(place) ? both : both.toReversed(),
    temperature: true,
    jsonFormats: ['json_schema', 'json_object'],
    streamUsage: true,
    storesUnlessTold: isHosted(place),
    ...dialectsOf[api],
  };
}

/** What the other APIs have one word for, or none. */
const dialectsOf: Readonly<Record<Api, Partial<Dialect>>> = {
  'chat-completions': {},
  responses: { limitNames: ['max_output_tokens'], streamUsage: false },
  completions: { limitNames: ['max_tokens'], jsonFormats: [], storesUnlessTold: false },
};

/** The dialect to try after this error; undefined where the error is not the refusal of a parameter that was sent. */
export function nextDialect(sent: Dialect, error: unknown): Dialect | undefined {
  const failure = readFailure(error);
  if (failure.status !== 400 && failure.status !== 422) return undefined;
  if (failure.isFiltered || failure.isTooLong) return undefined;
  const names = (name: string): boolean => (failure.param ? failure.param.startsWith(name) : failure.message.includes(name));
  const [limitName] = sent.limitNames;
  if (limitName && names(limitName)) return { ...sent, limitNames: sent.limitNames.slice(1) };
  if (sent.temperature && names('temperature')) return { ...sent, temperature: false };
  if (sent.jsonFormats.length > 0 && (names('response_format') || names('json_schema') || names('text.format'))) return { ...sent, jsonFormats: sent.jsonFormats.slice(1) };
  if (sent.streamUsage && names('stream_options')) return { ...sent, streamUsage: false };
  if (sent.storesUnlessTold && (failure.param ? failure.param === 'store' : /\bstore\b/.test(failure.message))) return { ...sent, storesUnlessTold: false }; // versions of before it
  return undefined;
}
