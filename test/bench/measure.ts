import type { Usage } from './peer';
import { median, percentile } from './statistics';
import type { Fault, LoadResult } from './tally';

/** One peer under one load. Times in milliseconds. */
export interface Measurement {
  /** User and system time of the server process. */
  readonly cpuMsPerMessage: number;
  readonly messagesPerSecond: number;
  readonly replyP50Ms: number;
  readonly replyP99Ms: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  readonly connectorCallsPerMessage: number;
  /** Share of one core that the server used. Well under 1: the load could not keep it busy, and messages/s say little. */
  readonly serverBusy: number;
}

/** What a load cost between two readings of the server's usage. */
export function toMeasurement(load: LoadResult, before: Usage, after: Usage): Measurement {
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    cpuMsPerMessage: cpuMs / load.messages,
    messagesPerSecond: load.messages / (load.wallMs / 1_000),
    replyP50Ms: percentile(load.replyMs, 0.5),
    replyP99Ms: percentile(load.replyMs, 0.99),
    ackP50Ms: percentile(load.ackMs, 0.5),
    ackP99Ms: percentile(load.ackMs, 0.99),
    connectorCallsPerMessage: load.connectorCalls / load.messages,
    serverBusy: cpuMs / load.wallMs,
  };
}

/** Field by field, the median over the rounds. */
export function medianOf<T extends Readonly<Record<keyof T, number>>>(rounds: readonly T[]): T {
  const fields = Object.keys(rounds[0] ?? {}) as (keyof T)[];
  // Every field of T is a number, and all are here.
  return Object.fromEntries(fields.map((field) => [field, median(rounds.map((round) => round[field]))])) as T;
}

/** Adds the faults of several loads. */
export function sumFaults(loads: readonly Pick<LoadResult, 'faults'>[]): Record<Fault, number> {
  const sum: Record<Fault, number> = { wrong: 0, double: 0, missing: 0, refused: 0 };
  for (const { faults } of loads) {
    for (const fault of Object.keys(sum) as Fault[]) sum[fault] += faults[fault];
  }
  return sum;
}
