import type { CallReport } from '../ai/call';
import type { Capability } from '../ai/capability';
import { counter, createRegistry, gauges, histogram, type MetricsRegistry } from './instruments';
import { watchProcess } from './processMetrics';

/** answered: what came of it is committed. apologized: the bot failed, and said so. superseded: another process has the conversation. failed: nothing could be committed, it is tried again. */
export type TurnOutcome = 'answered' | 'apologized' | 'stopped' | 'superseded' | 'failed';

/** What was accepted and is not answered and delivered yet. */
export interface Backlog {
  readonly turns: number;
  readonly deliveries: number;
  /** Of the turn that waits longest; 0 where none waits. */
  readonly oldestAgeMs: number;
}

/** One metric with all that was counted of it, as prom-client tells it. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** `metricName`: of a histogram, which of its series: `_bucket` (label `le`: the bound), `_sum` or `_count`. */
  readonly values: readonly { readonly metricName?: string; readonly value: number; readonly labels: Readonly<Record<string, string | number>> }[];
}

/**
 * Counts what happens, for `GET /metrics`. Labels are words of ours from short lists: never an id, a name or text.
 * Every application has its own, so that two in one process do not count each other's turns.
 */
export interface Metrics {
  /** `area`: which part of the host was asked; of `/api/messages` the time is that of the acknowledgement. `status`: of HTTP, or `cut`. */
  requestAnswered(request: { readonly area: string; readonly status: string; readonly durationMs: number }): void;
  /** A message was not read, because this `person` or `conversation` had sent too many. */
  flooded(limit: 'person' | 'conversation'): void;
  turnFinished(turn: { readonly outcome: TurnOutcome; readonly durationMs: number }): void;
  /** `read` is asked whenever somebody reads the metrics. */
  backlog(read: () => Backlog): void;
  /** A reply left the outbox (`delivered`, `given-up`), or waits there for the next start (`interrupted`). */
  sent(message: { readonly outcome: string; readonly durationMs: number }): void;
  /** A call to a channel is made again. `code`: why, as in ConnectorError. */
  callRepeated(code: string): void;
  /** `outcome`: `committed`, or the code of a StateError. */
  transactionFinished(transaction: { readonly outcome: string; readonly durationMs: number }): void;
  /** A read or write outside a transaction failed. `code`: as in StateError. */
  queryFailed(code: string): void;
  modelCalled(call: Pick<CallReport, 'capability' | 'target' | 'operation' | 'outcome' | 'durationMs' | 'attempts' | 'rateLimited' | 'inputTokens' | 'outputTokens'>): void;
  /** A call was not made, because a budget of the day had too little left. */
  budgetSpent(capability: Capability): void;
  /** Milliseconds since the keys that check callers were fetched; undefined before that. Asked as `backlog` is. */
  signingKeyAge(read: () => number | undefined): void;
  /** Memory, processor time and delays of the event loop too. Gives the end of watching. */
  watchProcess(): () => void;
  /** What `text` says, as data. */
  families(): Promise<readonly MetricFamily[]>;
  /** OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Seconds. Up to the turn's deadline; most take milliseconds without a model and seconds with one. */
const TURN_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 100];
/** Seconds. Channels give up after 15. */
const CALL_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const MODEL_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60];

export function createMetrics(): Metrics {
  const registry = createRegistry();
  return {
    ...hostMetrics(registry),
    ...turnMetrics(registry),
    ...edgeMetrics(registry),
    watchProcess: () => watchProcess(registry),
    families: async () => (await registry.getMetricsAsJSON()) as unknown as readonly MetricFamily[], // its types know no name of a series
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function hostMetrics(registry: MetricsRegistry): Pick<Metrics, 'requestAnswered' | 'flooded' | 'signingKeyAge'> {
  const requests = histogram(registry, 'parley_request_seconds', 'Time until a request is answered.', ['area', 'status'], CALL_BUCKETS);
  const flooded = counter(registry, 'parley_floods_total', 'Messages over the limit for one sender.', ['limit']);
  return {
    requestAnswered: ({ area, status, durationMs }) => requests.observe({ area: word(area), status: word(status) }, durationMs / 1000),
    flooded: (limit) => flooded.inc({ limit }),
    signingKeyAge: (read) => gauges(registry, { parley_signing_key_age_seconds: 'Time since the keys that check callers were fetched; 0 before that.' }, () => [seconds(read() ?? 0)]),
  };
}

function turnMetrics(registry: MetricsRegistry): Pick<Metrics, 'turnFinished' | 'backlog' | 'transactionFinished' | 'queryFailed'> {
  const turns = histogram(registry, 'parley_turn_seconds', 'Turns, from their start to their commit.', ['outcome'], TURN_BUCKETS);
  const transactions = histogram(registry, 'parley_store_transaction_seconds', 'Transactions of the store.', ['outcome'], CALL_BUCKETS);
  const failures = counter(registry, 'parley_store_query_failures_total', 'Reads and writes outside transactions that failed.', ['code']);
  return {
    turnFinished: ({ outcome, durationMs }) => turns.observe({ outcome }, durationMs / 1000),
    backlog: (read) => gauges(registry, {
      parley_backlog_turns: 'Accepted activities that are not answered.',
      parley_backlog_deliveries: 'Committed replies that are not delivered.',
      parley_backlog_oldest_seconds: 'Age of the oldest activity that is not answered.',
    }, () => {
      const { turns: waiting, deliveries, oldestAgeMs } = read();
      return [waiting, deliveries, seconds(oldestAgeMs)];
    }),
    transactionFinished: ({ outcome, durationMs }) => transactions.observe({ outcome: word(outcome) }, durationMs / 1000),
    queryFailed: (code) => failures.inc({ code: word(code) }),
  };
}

function edgeMetrics(registry: MetricsRegistry): Pick<Metrics, 'sent' | 'callRepeated' | 'modelCalled' | 'budgetSpent'> {
  const sends = histogram(registry, 'parley_send_seconds', 'Messages brought to their channel, waits and repetitions included.', ['outcome'], TURN_BUCKETS);
  const repeated = counter(registry, 'parley_channel_retries_total', 'Calls to a channel that were made again.', ['code']);
  const calls = histogram(registry, 'parley_model_call_seconds', 'Calls to the model, retries included.', ['operation', 'outcome'], MODEL_BUCKETS);
  const tokens = counter(registry, 'parley_model_tokens_total', 'Tokens that the model read (input) and wrote (output).', ['operation', 'direction']);
  const usage = counter(registry, 'parley_model_usage_tokens_total', 'Tokens read and written, by what was asked for and of whom.', ['capability', 'target']);
  const requests = counter(registry, 'parley_model_requests_total', 'Requests to models; a call sends more than one where it tries again.', ['target']);
  const rateLimited = counter(registry, 'parley_model_rate_limited_total', 'Of them, those that were refused because there were too many (429).', ['target']);
  const refusals = counter(registry, 'parley_budget_refusals_total', 'Calls that were not made, because a budget of the day had too little left.', ['capability']);
  return {
    budgetSpent: (capability) => refusals.inc({ capability }),
    sent: ({ outcome, durationMs }) => sends.observe({ outcome: word(outcome) }, durationMs / 1000),
    callRepeated: (code) => repeated.inc({ code: word(code) }),
    modelCalled: ({ capability, target, operation, outcome, durationMs, attempts, rateLimited: refused = 0, inputTokens, outputTokens }) => {
      const asked = word(target?.name ?? 'none');
      usage.inc({ capability, target: asked }, inputTokens + outputTokens);
      requests.inc({ target: asked }, attempts);
      rateLimited.inc({ target: asked }, refused);
      calls.observe({ operation: word(operation), outcome: word(outcome) }, durationMs / 1000);
      tokens.inc({ operation: word(operation), direction: 'input' }, inputTokens);
      tokens.inc({ operation: word(operation), direction: 'output' }, outputTokens);
    },
  };
}

const seconds = (milliseconds: number): number => milliseconds / 1000;

/** Codes are words of ours. What is none, by a mistake, must not fill the metrics with somebody's text. */
const word = (label: string): string => (/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(label) ? label : 'other');
