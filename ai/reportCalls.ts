import { AIError, type AIErrorCode } from './error';
import type { Model, ModelRequest, ModelResult } from './model';

/** What a call to a model cost, and how it ended: numbers and words of ours, no text. */
export interface ModelCall {
  /** The task: the name of the schema that was asked for, else `answer`. */
  readonly operation: string;
  readonly outcome: ModelResult['finishReason'] | AIErrorCode | 'unexpected';
  /** With all retries and repairs. */
  readonly durationMs: number;
  /** 0 where the call failed. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The same model; `report` hears of each of its calls when it ends. */
export function reportCalls(model: Model, report: (call: ModelCall) => void): Model {
  return {
    name: model.name,
    complete: async (request, signal) => {
      const call = startCall(request, report);
      const result = await model.complete(request, signal).catch(call.failed);
      call.ended(result);
      return result;
    },
    stream: async function* (request, signal) {
      const call = startCall(request, report);
      try {
        for await (const event of model.stream(request, signal)) {
          if (event.type === 'done') call.ended(event.result);
          yield event;
        }
      } catch (error) {
        call.failed(error);
      }
    },
  };
}

function startCall({ schema }: ModelRequest, report: (call: ModelCall) => void) {
  const startedAt = performance.now();
  const tell = (end: Pick<ModelCall, 'outcome' | 'inputTokens' | 'outputTokens'>): void =>
    report({ operation: schema?.name ?? 'answer', durationMs: performance.now() - startedAt, ...end });
  return {
    ended: ({ finishReason: outcome, usage: { inputTokens, outputTokens } }: ModelResult): void => tell({ outcome, inputTokens, outputTokens }),
    failed: (error: unknown): never => {
      tell({ outcome: error instanceof AIError ? error.code : 'unexpected', inputTokens: 0, outputTokens: 0 });
      throw error;
    },
  };
}
