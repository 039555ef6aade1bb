import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { Logger } from 'pino';

interface Exporter<Items> {
  export(items: Items, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

/** Tells the log when what was to be delivered could not be, and when it can be again: once each, for logs are delivered too. */
export class ExportHealth {
  private log: Logger | undefined;
  private readonly failing = new Set<string>();

  reportTo(log: Logger): void {
    this.log = log;
  }

  /** The same exporter, whose results are heard of. */
  watch<Items>(kind: string, exporter: Exporter<Items>): Required<Exporter<Items>> {
    return {
      export: (items, done) => exporter.export(items, (result) => {
        this.note(kind, result);
        done(result);
      }),
      shutdown: () => exporter.shutdown(),
      forceFlush: async () => exporter.forceFlush?.(),
    };
  }

  private note(kind: string, { code, error }: ExportResult): void {
    const hasFailed = code !== ExportResultCode.SUCCESS;
    if (hasFailed === this.failing.has(kind)) return;
    if (hasFailed) {
      this.failing.add(kind);
      this.log?.warn({ kind, err: error }, 'telemetry could not be delivered');
    } else {
      this.failing.delete(kind);
      this.log?.info({ kind }, 'telemetry is delivered again');
    }
  }
}
