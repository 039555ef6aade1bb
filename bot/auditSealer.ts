import type { Logger } from 'pino';
import { removeAuditBefore, sealAudit } from '../state/audit';
import type { AuditHead } from '../state/auditChain';
import type { Database } from '../state/database';

export interface AuditOptions {
  /** Seals what is written; absent: changes show only to those who wrote a head down. */
  readonly key?: string;
  /** What is older is removed; Infinity: nothing is. */
  readonly keptMs: number;
}

/** Longer than it takes to commit, shorter than anybody waits for it. */
const SEAL_EVERY_MS = 2_000;
const REMOVE_EVERY_MS = 6 * 60 * 60_000;
/** So that there is something to compare the store with, where logs go elsewhere. */
const TELL_EVERY_MS = 60 * 60_000;

/** Takes committed entries into the chain, behind the turns; any process on the store may do it. */
export class AuditSealer {
  private timers: NodeJS.Timeout[] = [];
  private working: Promise<void> | undefined;
  private toldAt = -Infinity;
  private isFailing = false;

  constructor(private readonly database: Database, private readonly options: AuditOptions, private readonly log: Logger) {}

  start(): void {
    this.timers = [setInterval(() => void this.work(), SEAL_EVERY_MS).unref(), setInterval(() => void this.remove(), REMOVE_EVERY_MS).unref()];
    void this.remove();
  }

  /** Seals what waits, as far as the store is there. */
  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.working;
    await this.work();
  }

  private async work(): Promise<void> {
    this.working ??= this.sealAll().then(
      () => void (this.isFailing = false),
      (error: unknown) => this.tellFailure(error),
    );
    await this.working;
    this.working = undefined;
  }

  private async sealAll(): Promise<void> {
    for (let head = await this.seal(); head; head = await this.seal()) this.tell(head);
  }

  private readonly seal = (): Promise<AuditHead | undefined> => sealAudit(this.database, this.options.key);

  private tell(head: AuditHead): void {
    if (performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = performance.now();
    this.log.info({ auditHead: `${head.sequence}:${head.hash}` }, 'the audit log has come this far');
  }

  private tellFailure(error: unknown): void {
    if (!this.isFailing) this.log.error({ err: error }, 'the audit log could not be sealed; it is tried again');
    this.isFailing = true;
  }

  private async remove(): Promise<void> {
    if (this.options.keptMs === Infinity) return;
    await removeAuditBefore(this.database, Date.now() - this.options.keptMs, this.options.key).catch((error: unknown) => {
      this.log.error({ err: error }, 'old audit entries could not be removed');
    });
  }
}
