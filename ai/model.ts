import type { FilterVerdict } from './call';

/** A message to a model. Untrusted text goes into `user` messages as JSON data, never into `system`. */
export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string };

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON schema of the arguments, an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** Parsed JSON, not yet checked against the tool's schema. */
  readonly arguments: unknown;
}

export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  /** Asks for JSON of this schema (every property required, `additionalProperties: false`). */
  readonly schema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  readonly tools?: readonly ModelTool[];
  readonly maxOutputTokens: number;
  /** 0 for what must stay close to the source; the model's own choice when absent. Left out where a model refuses it. */
  readonly temperature?: number;
}

export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** True where the service did not say and we counted. */
  readonly estimated: boolean;
}

export interface ModelResult {
  readonly text: string;
  /** The parsed answer where a schema was asked for. */
  readonly json?: unknown;
  readonly toolCalls: readonly ToolCall[];
  /** `length`: cut at the limit. A filtered or broken end is an AIError, never a result. */
  readonly finishReason: 'stop' | 'length' | 'tool-calls';
  readonly usage: ModelUsage;
  /** What the service's filters said of request and answer; empty where it has none. */
  readonly filters: readonly FilterVerdict[];
}

/** What `stream` yields: pieces of text as they come, and at the very end exactly one `done`. */
export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'done'; readonly result: ModelResult };

/**
 * A language model. Both calls keep one deadline over all retries, and end early when `signal` aborts.
 * Throws AIError; nothing of a vendor's own errors passes.
 */
export interface Model {
  /** As shown to people: the deployment's or model's name. */
  readonly name: string;
  /** False for one that can only go on with a text: what needs tools has to do without. */
  readonly callsTools: boolean;
  complete(request: ModelRequest, signal: AbortSignal): Promise<ModelResult>;
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}
