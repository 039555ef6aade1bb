import type { Identity } from '../ai/credential';
import type { Settings } from './config';
import type { TelemetryConfig, TelemetryTarget } from './telemetry/telemetry';

/** Where OpenTelemetry goes: to a collector, to Application Insights, to both, or (neither is set) nowhere. */
export function telemetryOf(env: Settings, identity: Identity): TelemetryConfig {
  return { serviceName: env.OTEL_SERVICE_NAME, traceShare: env.OTEL_TRACES_SAMPLER_ARG, targets: [...otlp(env), ...azureMonitor(env, identity)] };
}

function otlp({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers }: Settings): TelemetryTarget[] {
  return endpoint === undefined ? [] : [{ kind: 'otlp', endpoint, headers }];
}

/** The public cloud's; other clouds name theirs in the connection string. */
const AUDIENCE = 'https://monitor.azure.com';

function azureMonitor({ APPLICATIONINSIGHTS_CONNECTION_STRING: connection }: Settings, identity: Identity): TelemetryTarget[] {
  if (!connection) return [];
  const { InstrumentationKey: instrumentationKey, IngestionEndpoint: endpoint, AADAudience: audience = AUDIENCE } = connection;
  const shown = identity.kind === 'azure-cli' ? {} : { identity }; // nobody has logged in on a server
  return [{ kind: 'azure-monitor', ingestionUrl: withoutSlash(endpoint), instrumentationKey, audience: withoutSlash(audience), ...shown }];
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
