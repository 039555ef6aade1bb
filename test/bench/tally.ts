/**
 * Why exchanges did not count. `wrong`: another text than the script expects. `double`: one message answered more than once.
 * `missing`: no answer in time. `refused`: the HTTP answer was not 2xx, or there was none.
 */
export type Fault = 'wrong' | 'double' | 'missing' | 'refused';

export interface LoadResult {
  /** Messages answered once and rightly; faulty ones are left out of every number. */
  readonly messages: number;
  readonly wallMs: number;
  /** From sending the message to the reply's arrival at the connector. */
  readonly replyMs: readonly number[];
  /** From sending the message to the end of the HTTP answer. */
  readonly ackMs: readonly number[];
  readonly connectorCalls: number;
  readonly faults: Readonly<Record<Fault, number>>;
}

interface Timing {
  readonly replyMs: number;
  readonly ackMs: number;
}

/** What one run counted, by message. A message with a fault is not counted, also when the fault shows later. */
export class Tally {
  private readonly faults: Record<Fault, number> = { wrong: 0, double: 0, missing: 0, refused: 0 };
  private readonly timings = new Map<string, Timing>();
  private readonly faulty = new Set<string>();

  add(activityId: string, timing: Timing): void {
    if (!this.faulty.has(activityId)) this.timings.set(activityId, timing);
  }

  fault(fault: Fault, activityId: string): void {
    this.faults[fault] += 1;
    this.faulty.add(activityId);
    this.timings.delete(activityId);
  }

  /** A second answer to an earlier message; the first, late answer to one that was given up is no second one. */
  answeredAgain(activityId: string | undefined): void {
    if (activityId !== undefined && this.timings.has(activityId)) this.fault('double', activityId);
  }

  faultCount(): number {
    return Object.values(this.faults).reduce((sum, count) => sum + count, 0);
  }

  result(): Pick<LoadResult, 'messages' | 'replyMs' | 'ackMs' | 'faults'> {
    const timings = [...this.timings.values()];
    return {
      messages: timings.length,
      replyMs: timings.map((timing) => timing.replyMs),
      ackMs: timings.map((timing) => timing.ackMs),
      faults: this.faults,
    };
  }
}
