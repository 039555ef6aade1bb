import { Counter, Gauge, Histogram, Registry, type OpenMetricsContentType } from 'prom-client';

export type MetricsRegistry = Registry<OpenMetricsContentType>;

export function createRegistry(): MetricsRegistry {
  const registry: MetricsRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/** `buckets`: upper bounds, in the unit that the name ends with. */
export function histogram<Label extends string>(registry: MetricsRegistry, name: string, help: string, labelNames: readonly Label[], buckets: number[]): Histogram<Label> {
  return new Histogram({ name, help, labelNames, buckets, registers: [registry] });
}

export function counter<Label extends string>(registry: MetricsRegistry, name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}

/** Gauges by name, with their help. Their values, in the same order, are read together when somebody looks. */
export function gauges(registry: MetricsRegistry, help: Readonly<Record<string, string>>, read: () => readonly number[]): void {
  const made: Gauge[] = Object.entries(help).map(([name, text], index) =>
    new Gauge({
      name,
      help: text,
      registers: [registry],
      // They are collected in the order in which they were made: the first one sets all.
      ...(index === 0 && { collect: () => read().forEach((value, position) => made[position]?.set(value)) }),
    }));
}

/** A counter whose total somebody else keeps. */
export function total(registry: MetricsRegistry, name: string, help: string, read: () => number): void {
  const made: Counter = new Counter({
    name,
    help,
    registers: [registry],
    collect: () => {
      made.reset();
      made.inc(read());
    },
  });
}
