import type { CallReport } from './call';
import { AIError, type AIErrorCode } from './error';
import { mergeVerdicts } from './filters';
import type { GatewayCall } from './gateway';

/** What an attempt tells of itself; what it told before stays, but for what is told again. Without it a call counts as answered, at no cost. */
export interface CallUse {
  readonly outcome?: CallReport['outcome'];
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly estimated?: boolean;
  readonly filters?: CallReport['filters'];
}

export type NoteUse = (use: CallUse) => void;

/** Takes down what one call comes to. */
export interface CallRecord {
  readonly note: NoteUse;
  /** A request goes out. */
  sent(target: NonNullable<CallReport['target']>): void;
  /** A request came to nothing; perhaps another one follows. */
  refused(code: AIErrorCode): void;
  yielded(): void;
  failed(error: unknown): void;
  report(): CallReport;
}

export function startCallRecord({ capability, operation }: GatewayCall): CallRecord {
  const startedAt = Date.now();
  const startedTicks = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedTicks);
  let use: Required<CallUse> = { outcome: 'stop', inputTokens: 0, outputTokens: 0, estimated: false, filters: [] };
  let target: CallReport['target'];
  let firstMs: number | undefined;
  let [attempts, rateLimited, events] = [0, 0, 0];
  const note: NoteUse = (added) => (use = { ...use, ...added, filters: mergeVerdicts(use.filters, added.filters ?? []) });
  return {
    note,
    sent: (next) => {
      target = next;
      attempts += 1;
    },
    refused: (code) => {
      if (code === 'rate-limited') rateLimited += 1;
    },
    yielded: () => {
      firstMs ??= elapsedMs();
      events += 1;
    },
    failed: (error) => note(error instanceof AIError ? { outcome: error.code, filters: error.filters } : { outcome: 'unexpected' }),
    report: () => ({
      capability,
      operation,
      ...(target && { target }),
      startedAt,
      durationMs: elapsedMs(),
      // what gives everything at once has no first text
      ...(firstMs !== undefined && events > 1 && { firstTextMs: firstMs }),
      attempts,
      ...(rateLimited > 0 && { rateLimited }),
      ...use,
    }),
  };
}
