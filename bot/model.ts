import type { Logger } from 'pino';
import type { Asker, CallReport, Gate } from '../ai/call';
import { createTokenProvider, scopeOf, type TokenProvider } from '../ai/credential';
import type { Deployment } from '../ai/deployments';
import type { Engine } from '../ai/engine';
import { createGateway, type Gateway } from '../ai/gateway';
import type { MediaOptions } from '../ai/mediaTasks';
import { createModelEngine } from '../ai/modelEngine';
import { createOfflineEngine } from '../ai/offline/engine';
import { defaultLimits, type ModelLimits } from '../ai/openaiConnection';
import { createPatience } from '../ai/patience';
import type { Config } from './config';
import type { Metrics } from './metrics';
import { soundEngine } from './soundEngine';
import { traceGateway } from './telemetry/tracedGateway';
import type { Tracing } from './telemetry/tracing';

export interface EngineOptions {
  /** Gets one debug line a call: sizes and times, never text. */
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'modelCalled'>;
  /** Lets every call through when absent. */
  readonly gate?: Gate;
  readonly limits?: Partial<ModelLimits>;
  readonly media?: MediaOptions;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing;
  /** Ends the renewals of the model's token. */
  readonly signal?: AbortSignal;
}

/** What the settings ask for: models, or quotes of the source. */
export interface Engines {
  /** The way to the models; undefined offline. */
  readonly gateway: Gateway | undefined;
  /** Of the model that chats; undefined offline. */
  readonly modelName: string | undefined;
  /** The engine of one turn; `onReport` hears of each call that it makes. */
  readonly engineFor: (asker: Asker, onReport?: (report: CallReport) => void) => Engine;
}

type EngineConfig = Pick<Config, 'deployments' | 'azureIdentity'>;

/** Nothing is sent or loaded before the first use, but for tokens of Entra ID. */
export function createEngines(config: EngineConfig, options: EngineOptions): Engines {
  const offline = createOfflineEngine();
  if (!config.deployments.chat) return { gateway: undefined, modelName: undefined, engineFor: () => offline };
  const { log, metrics, gate, limits, media, tracing } = options;
  const { maxWaitMs } = { ...defaultLimits, ...limits };
  const untraced = createGateway({
    deployments: config.deployments,
    tokenFor: tokensOf(config, options),
    ...(limits && { limits }),
    ...(gate && { gate }),
    onReport: (report) => {
      metrics?.modelCalled(report);
      log.debug(logLine(report), 'model call finished');
    },
    onChange: ({ name, isOpen, code }) => (isOpen ? log.warn({ deployment: name, code }, 'a deployment is left alone for a while') : log.info({ deployment: name }, 'a deployment answers again')),
  });
  const gateway = tracing ? traceGateway(untraced, tracing) : untraced;
  return {
    gateway,
    modelName: gateway.nameOf('chat'),
    engineFor: (asker, onReport) => soundEngine(createModelEngine(gateway, { asker, patience: createPatience(maxWaitMs), ...(onReport && { onReport }) }, offline, media)),
  };
}

/** The log knows no objects in its lines. */
function logLine({ target, filters, ...report }: CallReport): object {
  const stopped = filters.filter(({ isFiltered }) => isFiltered).length;
  return { ...report, deployment: target?.name, region: target?.region, ...(stopped > 0 && { filters: stopped }) };
}

/** One token for all deployments of one audience, fetched and renewed in the background from now on. */
export function tokensOf({ azureIdentity }: Pick<Config, 'azureIdentity'>, { log, signal }: Pick<EngineOptions, 'log' | 'signal'>): (deployment: Deployment) => TokenProvider | undefined {
  const providers = new Map<string, TokenProvider>();
  return ({ access, place }) => {
    if (access.kind !== 'entra' || place.kind !== 'azure') return undefined;
    const scope = scopeOf(place);
    const provider = providers.get(scope) ?? createTokenProvider(azureIdentity, scope, {
      onFailure: (error, validForMs) => log.warn({ err: error, code: error.code, validForMs }, 'the token for the model could not be fetched'),
      ...(signal && { signal }),
    });
    providers.set(scope, provider);
    return provider;
  };
}
