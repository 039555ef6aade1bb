import { median, percentile } from './statistics';
import type { Fault, LoadResult } from './tally';

/** What a peer, and the database server beside it, used of the machine since their start. */
export interface Reading {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** 0 where there is no database server. */
  readonly storeCpuMs: number;
}

/** One peer under one load. Times in milliseconds. */
export interface Measurement {
  /** User and system time of the server process. */
  readonly cpuMsPerMessage: number;
  /** The same of the database server's processes; 0 where there is none. */
  readonly storeCpuMsPerMessage: number;
  readonly messagesPerSecond: number;
  readonly replyP50Ms: number;
  readonly replyP95Ms: number;
  readonly replyP99Ms: number;
  readonly ackP50Ms: number;
  readonly ackP95Ms: number;
  readonly ackP99Ms: number;
  readonly connectorCallsPerMessage: number;
  /** Share of one core that the server used. Well under 1: the load could not keep it busy, and messages/s say little. */
  readonly serverBusy: number;
}

/** What a load cost between two readings. */
export function toMeasurement(load: LoadResult, before: Reading, after: Reading): Measurement {
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    cpuMsPerMessage: cpuMs / load.messages,
    storeCpuMsPerMessage: (after.storeCpuMs - before.storeCpuMs) / load.messages,
    messagesPerSecond: load.messages / (load.wallMs / 1_000),
    replyP50Ms: percentile(load.replyMs, 0.5),
    replyP95Ms: percentile(load.replyMs, 0.95),
    replyP99Ms: percentile(load.replyMs, 0.99),
    ackP50Ms: percentile(load.ackMs, 0.5),
    ackP95Ms: percentile(load.ackMs, 0.95),
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
