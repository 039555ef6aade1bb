import pino from 'pino';
import type { Clock } from '../../../bot/connector/retry';
import { createConnectors, type ConnectorOptions, type Connectors } from '../../../bot/connector/httpConnector';

/** A clock that waits in no time, and remembers how long it was asked to wait. */
export interface FakeClock {
  readonly waitsMs: readonly number[];
  readonly retry: ConnectorOptions['retry'];
  readonly clock: Clock;
}

/** Without jitter; `during` runs in each wait (a service comes back, somebody closes the pool). */
export function fakeClock(during: (waitMs: number, signal: AbortSignal) => unknown = () => undefined): FakeClock {
  const waitsMs: number[] = [];
  let nowMs = 0;
  const wait = async (waitMs: number, signal: AbortSignal): Promise<void> => {
    waitsMs.push(waitMs);
    nowMs += waitMs;
    await new Promise(setImmediate); // what is on the wire may go on meanwhile
    await during(waitMs, signal);
  };
  const clock: Clock = { wait, now: () => nowMs, random: () => 0 };
  return { waitsMs, retry: clock, clock };
}

/** Our client without a token and a log, as `options` change it. */
export const testConnectors = (options: Partial<ConnectorOptions> = {}): Connectors =>
  createConnectors({ token: async () => undefined, log: pino({ enabled: false }), ...options });
