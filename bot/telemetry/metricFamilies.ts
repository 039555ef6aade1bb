import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api';
import { hrTime, timeInputToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type CollectionResult, type DataPoint, type Histogram, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics';
import type { MetricFamily, Metrics } from '../metrics';

type Sample = MetricFamily['values'][number];

/**
 * What `/metrics` shows, for OpenTelemetry: counted once, told twice, under the same names.
 * `DELTA`: what has been added since the last reading, for services that add up themselves.
 */
export class MetricFamilies implements MetricProducer {
  private readonly startedAt = timeInputToHrTime(Date.now());
  private readAt = this.startedAt;
  private readonly before = new Map<string, number>();

  constructor(private readonly metrics: Pick<Metrics, 'families'>, private readonly temporality: AggregationTemporality) {}

  async collect(): Promise<CollectionResult> {
    const families = await this.metrics.families();
    const now = hrTime();
    const span: Span = { startTime: this.isDelta ? this.readAt : this.startedAt, endTime: now };
    this.readAt = now;
    const metrics = families.map((family) => this.toMetric(family, span));
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: { name: 'parley' }, metrics }] }, errors: [] };
  }

  private get isDelta(): boolean {
    return this.temporality === AggregationTemporality.DELTA;
  }

  private toMetric(family: MetricFamily, span: Span): MetricData {
    const { name, help: description, type, values } = family;
    const base = { descriptor: { name, description, unit: unitOf(name), valueType: ValueType.DOUBLE }, aggregationTemporality: this.temporality };
    if (type === 'histogram') return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: this.histograms(name, values, span) };
    if (type === 'gauge') return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: values.map(({ labels, value }) => ({ ...span, attributes: labels, value })) };
    const dataPoints = values.map(({ labels, value }) => ({ ...span, attributes: labels, value: this.added(keyOf(name, labels), value) }));
    return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  }

  /** prom-client tells the buckets of a histogram one by one, each with all that is below it. */
  private histograms(name: string, samples: readonly Sample[], span: Span): DataPoint<Histogram>[] {
    const series = Map.groupBy(samples, ({ labels }) => keyOf(name, withoutBound(labels)));
    return [...series.values()].map((own) => {
      const added = ({ metricName = '', labels, value }: Sample): number => this.added(keyOf(metricName, labels), value);
      const upTo = own.filter(({ metricName }) => metricName === `${name}_bucket`).map((sample) => ({ bound: Number(sample.labels['le']), count: added(sample) }));
      const [sum = 0, count = 0] = ['_sum', '_count'].map((end) => own.filter(({ metricName }) => metricName === name + end).map(added)[0]);
      const bounds = upTo.filter(({ bound }) => Number.isFinite(bound));
      const counts = [...bounds.map(({ count: below }, index) => below - (bounds[index - 1]?.count ?? 0)), count - (bounds.at(-1)?.count ?? 0)];
      return { ...span, attributes: withoutBound(own[0]?.labels ?? {}), value: { buckets: { boundaries: bounds.map(({ bound }) => bound), counts }, sum, count } };
    });
  }

  private added(key: string, value: number): number {
    if (!this.isDelta) return value;
    const before = this.before.get(key) ?? 0;
    this.before.set(key, value);
    return value - before;
  }
}

interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

const withoutBound = (labels: Sample['labels']): Sample['labels'] => Object.fromEntries(Object.entries(labels).filter(([label]) => label !== 'le'));

const keyOf = (name: string, labels: Attributes): string => JSON.stringify([name, Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1))]);

const unitOf = (name: string): string => (/_seconds(_total)?$/.test(name) ? 's' : /_bytes$/.test(name) ? 'By' : '');
