import type { OpenAI } from 'openai' with { 'resolution-mode': 'import' };
import type { ModelRequest } from './model';
import type { Dialect } from './openaiDialect';
import type { AnswerPiece } from './readAnswer';

export interface ChatApiRequest {
  readonly request: ModelRequest;
  readonly modelName: string;
  readonly dialect: Dialect;
  readonly signal: AbortSignal;
}

/** One of the ways to ask a model that chats. */
export interface ChatApi {
  /** Opens a stream of events. Errors of the SDK pass as they are. */
  readonly open: (client: OpenAI, request: ChatApiRequest) => Promise<AsyncIterable<unknown>>;
  /** What one event adds. Throws AIError where it is none of this API. */
  readonly read: (raw: unknown) => AnswerPiece;
}

/** Reasoning counts against the limit before any text is written. */
export const REASONING_RESERVE_TOKENS = 4_000;

/** Models that refuse a temperature think before they write, and count that as output. */
export const outputLimit = ({ maxOutputTokens }: ModelRequest, dialect: Dialect): number =>
  maxOutputTokens + (dialect.temperature ? 0 : REASONING_RESERVE_TOKENS);

/** The temperature, where the model takes one. */
export const temperatureOf = ({ temperature }: ModelRequest, dialect: Dialect): { readonly temperature?: number } =>
  (temperature !== undefined && dialect.temperature ? { temperature } : {});

/** Asks for JSON in words, where the service has no better way. */
export const schemaInWords = ({ schema }: NonNullable<ModelRequest['schema']>): string =>
  `Answer with one JSON object, and nothing else, that fits this JSON schema: ${JSON.stringify(schema)}`;
