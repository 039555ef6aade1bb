import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { destination, pino } from 'pino';
import { createApp } from '../../bot/app';
import { loadConfig } from '../../bot/config';
import { TurnPoints, type PointSignal, type TurnPoint } from './turnPoints';

/** What a replica is told at its start, as JSON in its first argument. */
export interface ReplicaSettings {
  /** As index.ts has them in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly openIdMetadataUrl: string;
  /** Lines of its log are appended here. */
  readonly logFile: string;
}

export type ReplicaOrder = { readonly kind: 'signal'; readonly point: TurnPoint; readonly signal: PointSignal } | { readonly kind: 'usage' };

/** What a replica uses of the machine. The event loop's delay is the longest since it was last asked. */
export interface ReplicaUsage {
  readonly rssBytes: number;
  /** Sockets, timers, files and the like that are open. */
  readonly handles: number;
  readonly loopDelayMs: number;
  readonly cpuMs: number;
}

export type ReplicaMessage =
  | { readonly kind: 'listening' }
  | { readonly kind: 'armed' }
  | { readonly kind: 'usage'; readonly usage: ReplicaUsage };

void main();

/**
 * Parley as index.ts runs it, in a process that can be told to end or to pause at a point of a turn. Only the places outside are
 * replaced: where the channel's keys are, and Entra ID. It ends with whoever started it.
 */
async function main(): Promise<void> {
  // Written by replicaProcess.ts.
  const settings = JSON.parse(process.argv[2] ?? '{}') as ReplicaSettings;
  process.once('disconnect', () => process.exit(0));
  const points = new TurnPoints();
  const config = loadConfig(settings.env);
  const log = pino({ level: config.logLevel }, destination({ dest: settings.logFile, sync: true })); // a killed process has said everything
  const app = await createApp(config, join(__dirname, '..', 'web'), log, {
    openIdMetadataUrl: settings.openIdMetadataUrl,
    connectorToken: async () => 'reliability',
    turnStore: points.turnStore,
    connectorFor: points.connectorFor,
  });
  await app.listen();
  obey(points);
  process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
  tell({ kind: 'listening' });
}

function obey(points: TurnPoints): void {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  process.on('message', (order: ReplicaOrder) => {
    if (order.kind === 'signal') {
      points.arm(order.point, order.signal);
      tell({ kind: 'armed' });
    } else {
      tell({ kind: 'usage', usage: usageWith(delay.max / 1e6) });
      delay.reset();
    }
  });
}

function usageWith(loopDelayMs: number): ReplicaUsage {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), handles: process.getActiveResourcesInfo().length, loopDelayMs, cpuMs: (user + system) / 1_000 };
}

function tell(message: ReplicaMessage): void {
  process.send?.(message);
}
