import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../bench/statistics';
import { askAbout, isAttentive } from './attentiveModel';
import { closeAfterwards } from './closing';
import { startCluster, type Cluster } from './cluster';
import { countFindings } from './history';
import { atPace } from './load';
import type { ReplicaUsage } from './replica';

const TURNS = 24_000;
const PER_SECOND = 20;
const CONVERSATIONS = 400;
const SAMPLE_MS = 5_000;
/** Caches fill, code is compiled. */
const WARM_MS = 5 * 60_000;
const WINDOW_MS = 60_000;
const MAX_SLOPE_MB = 1;

interface Sample extends ReplicaUsage {
  readonly atMs: number;
}

const closing = closeAfterwards();
let cluster: Cluster;
beforeAll(async () => {
  const isAnswer = (text: string): boolean => isAttentive(text) || !text.startsWith('About');
  cluster = closing(await startCluster({ name: 'soak', withModel: true, isAnswer }));
});

test('soak: 20 turns a second for 20 minutes without an error, without more memory and without more handles', async () => {
  const { channel } = cluster;
  const samples: Sample[] = [];
  const isOver = new AbortController();
  const sampling = sample(samples, isOver.signal);
  const startedAtMs = performance.now();
  const deliveries = await atPace(TURNS, PER_SECOND, (index) => channel.say(`soak-${index % CONVERSATIONS}`, index % 2 === 0 ? askAbout : 'help'));
  isOver.abort();
  await sampling;
  await channel.allAnswered(30_000);
  await cluster.settled();

  const warm = samples.filter(({ atMs }) => atMs - startedAtMs > WARM_MS);
  const [first = NaN, last = NaN] = [warm[0]?.atMs, warm.at(-1)?.atMs];
  const fewest = (from: number, to: number): number => Math.min(...warm.filter(({ atMs }) => atMs >= from && atMs <= to).map(({ handles }) => handles));
  const handles = [fewest(first, first + WINDOW_MS), fewest(last - WINDOW_MS, last)] as const;
  const slopeMB = slopePerMinute(warm.map(({ atMs, rssBytes }) => [atMs, rssBytes / 1_048_576]));
  const ackMs = deliveries.map(({ ackMs: ms = Infinity }) => ms);
  const errors = deliveries.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome !== 200);
  const findings = countFindings(channel.check());
  console.log(toTable(samples, startedAtMs, {
    turns: String(deliveries.length),
    errors: String(errors.length),
    'lost, doubled, out of order, stale': [findings.lost, findings.doubled, findings['re-ordered'], findings.stale].join(', '),
    'ack p50, p95, p99': [0.5, 0.95, 0.99].map((part) => `${percentile(ackMs, part).toFixed(1)} ms`).join(', '),
    'memory after 5 minutes': `${slopeMB.toFixed(2)} MB/min`,
    'handles in the 6th and the last minute': handles.join(', '),
    'event loop held at most': `${Math.max(...warm.map(({ loopDelayMs }) => loopDelayMs)).toFixed(0)} ms`,
  }));
  expect(errors).toEqual([]);
  expect(findings).toEqual({ lost: 0, doubled: 0, 're-ordered': 0, stale: 0, unasked: 0 });
  expect(slopeMB).toBeLessThan(MAX_SLOPE_MB);
  expect(handles[1]).toBeLessThanOrEqual(handles[0]);
});

async function sample(samples: Sample[], isOver: AbortSignal): Promise<void> {
  while (!isOver.aborted) {
    const usage = await cluster.replicas[0]?.usage();
    if (usage) samples.push({ ...usage, atMs: performance.now() });
    await sleep(SAMPLE_MS, undefined, { signal: isOver }).catch(() => undefined);
  }
}

/** Of the straight line that comes closest to the points; x in milliseconds, y in units. */
function slopePerMinute(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const variance = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return (covariance / variance) * 60_000;
}

/** A line for each minute, and then the figures. */
function toTable(samples: readonly Sample[], startedAtMs: number, figures: Readonly<Record<string, string>>): string {
  const minutes = Map.groupBy(samples, ({ atMs }) => Math.floor((atMs - startedAtMs) / 60_000) + 1);
  const lines = [...minutes].map(([minute, within]) => {
    const mean = (value: (of: Sample) => number): number => within.reduce((sum, one) => sum + value(one), 0) / within.length;
    return `${String(minute).padStart(6)} | ${(mean(({ rssBytes }) => rssBytes) / 1_048_576).toFixed(1).padStart(6)} | ${mean(({ handles }) => handles).toFixed(1).padStart(7)} | ${Math.max(...within.map(({ loopDelayMs }) => loopDelayMs)).toFixed(0).padStart(7)}`;
  });
  return ['minute | RSS MB | handles | loop ms', '-------|--------|---------|--------', ...lines, '', ...Object.entries(figures).map(([name, figure]) => `${name}: ${figure}`)].join('\n');
}
