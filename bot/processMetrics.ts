import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gauges, total, type MetricsRegistry } from './instruments';

/**
 * Milliseconds between two looks at the event loop: of what blocks for less, as much is seen as falls on one. Each look
 * wakes the process: one every 20 ms woke it as often as the words of an answer do.
 */
const RESOLUTION_MS = 100;

/** Memory, processor time and the delay of the event loop, under the names that dashboards for Node know. Gives the end of watching. */
export function watchProcess(registry: MetricsRegistry): () => void {
  const startedAt = Date.now() / 1000 - process.uptime();
  gauges(registry, {
    process_start_time_seconds: 'Start of the process, in seconds since 1970.',
    process_resident_memory_bytes: 'Memory of the process.',
    nodejs_heap_size_used_bytes: 'Memory that objects take.',
  }, () => {
    const { rss, heapUsed } = process.memoryUsage();
    return [startedAt, rss, heapUsed];
  });
  total(registry, 'process_cpu_seconds_total', 'Processor time of the process.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  return watchEventLoop(registry);
}

function watchEventLoop(registry: MetricsRegistry): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  gauges(registry, {
    nodejs_eventloop_lag_mean_seconds: 'Mean delay of the event loop since the last reading.',
    nodejs_eventloop_lag_p99_seconds: '99th percentile of the delay of the event loop since the last reading.',
    nodejs_eventloop_lag_max_seconds: 'Longest delay of the event loop since the last reading.',
  }, () => {
    const nanoseconds = delay.count === 0 ? [0, 0, 0] : [delay.mean, delay.percentile(99), delay.max];
    delay.reset();
    return nanoseconds.map((value) => Math.max(0, value / 1e9 - RESOLUTION_MS / 1e3)); // what it measures holds its own pause
  });
  return () => void delay.disable();
}
