import { setTimeout as sleep } from 'node:timers/promises';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import { z } from 'zod';
import { createTokenProvider, type TokenProvider } from '../../ai/credential';
import { ExchangeError } from '../connector/exchange';
import { envelopeOfLine, envelopeOfSpan, envelopesOfMetrics, type Envelope, type Source } from './azureEnvelopes';
import type { ExporterOptions, Exporters } from './exporters';
import type { TelemetryTarget } from './telemetry';

/**
 * Application Insights takes telemetry as lists of envelopes at `/v2.1/track`; with `identity` it wants a token of Entra ID
 * and the role Monitoring Metrics Publisher.
 * https://github.com/microsoft/ApplicationInsights-Home/tree/master/EndpointSpecs,
 * https://learn.microsoft.com/azure/azure-monitor/app/azure-ad-authentication
 */
export function azureMonitorExporters(target: Extract<TelemetryTarget, { kind: 'azure-monitor' }>, { traceShare, apart, signal }: ExporterOptions): Exporters {
  const { ingestionUrl, instrumentationKey, audience, identity } = target;
  const token = identity && createTokenProvider(identity, `${audience}/.default`, { signal });
  const source: Source = { instrumentationKey, samplePercent: 100 * traceShare };
  const exporter = <Items>(toEnvelopes: (items: Items) => readonly Envelope[]): { export(items: Items, done: (result: ExportResult) => void): void; shutdown(): Promise<void>; forceFlush(): Promise<void> } => ({
    export: (items, done) => {
      // its own requests are not traced: each would be telemetry that makes another one
      apart(() => post({ url: `${ingestionUrl}/v2.1/track`, envelopes: toEnvelopes(items), token, signal })).then(
        () => done({ code: ExportResultCode.SUCCESS }),
        (error: unknown) => done({ code: ExportResultCode.FAILED, ...(error instanceof Error && { error }) }),
      );
    },
    shutdown: () => Promise.resolve(),
    forceFlush: () => Promise.resolve(),
  });
  return {
    spans: exporter((spans) => spans.map((span) => envelopeOfSpan(span, source))),
    logs: exporter((lines) => lines.map((line) => envelopeOfLine(line, source))),
    metrics: exporter((metrics) => envelopesOfMetrics(metrics, source)),
    temporality: AggregationTemporality.DELTA,
  };
}

interface Post {
  readonly url: string;
  readonly envelopes: readonly Envelope[];
  readonly token: TokenProvider | undefined;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;
const MOST_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
/** Too many, too slow, not there: later it may be taken. */
const PASSING = [408, 429, 439, 500, 502, 503, 504];

async function post(request: Post): Promise<void> {
  if (request.envelopes.length === 0) return;
  for (let attempt = 1; ; attempt += 1) {
    const status = await postOnce(request).catch(() => 503);
    if (status === 200) return;
    if (!PASSING.includes(status) || attempt === MOST_ATTEMPTS) throw new ExchangeError(`Azure Monitor answered ${status}.`, true);
    await sleep(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal: request.signal });
  }
}

const answerShape = z.object({ errors: z.array(z.object({ statusCode: z.number() })).default([]) });

/** The status; that of the first envelope which was refused, where others were taken (206). */
async function postOnce({ url, envelopes, token, signal }: Post): Promise<number> {
  const authorization = token && { authorization: `Bearer ${await token(signal)}` };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(envelopes),
    redirect: 'error', // a token goes nowhere else
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const text = await response.text();
  if (response.status !== 206) return response.status;
  return answerShape.parse(JSON.parse(text)).errors[0]?.statusCode === 400 ? 400 : 200; // sent again, those that were taken would count twice
}
