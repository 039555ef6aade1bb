import pino from 'pino';
import { createConnectors, type ConnectorOptions, type Connectors } from '../../../bot/connector/httpConnector';

/** A clock that waits in no time, and remembers how long it was asked to wait. */
export interface FakeClock {
  readonly waitsMs: readonly number[];
  readonly retry: ConnectorOptions['retry'];
}

/** Without jitter; `during` runs in each wait (a service comes back, somebody closes the pool). */
export function fakeClock(during: (waitMs: number, signal: AbortSignal) => unknown = () => undefined): FakeClock {
  const waitsMs: number[] = [];
  let nowMs = 0;
  const wait = async (waitMs: number, signal: AbortSignal): Promise<void> => {
    waitsMs.push(waitMs);
    nowMs += waitMs;
    await during(waitMs, signal);
  };
  return { waitsMs, retry: { wait, now: () => nowMs, random: () => 0 } };
}

/** Our client without a token and a log, as `options` change it. */
export const testConnectors = (options: Partial<ConnectorOptions> = {}): Connectors =>
  createConnectors({ token: async () => undefined, log: pino({ enabled: false }), ...options });
