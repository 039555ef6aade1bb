import type { Logger } from 'pino';
import type { Asker, CallReport, Gate } from '../ai/call';
import { createTokenProvider } from '../ai/credential';
import type { Engine } from '../ai/engine';
import { createGateway, type Gateway } from '../ai/gateway';
import type { MediaOptions } from '../ai/mediaTasks';
import { createModelEngine } from '../ai/modelEngine';
import { createOfflineEngine } from '../ai/offline/engine';
import type { ModelService } from '../ai/openaiClient';
import { connectOpenAI, type ModelLimits } from '../ai/openaiConnection';
import type { ModelConfig } from './config';
import type { Metrics } from './metrics';
import { soundEngine } from './soundEngine';

export interface EngineOptions {
  /** Gets one debug line a call: sizes and times, never text. */
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'modelCalled'>;
  /** Lets every call through when absent. */
  readonly gate?: Gate;
  readonly limits?: Partial<ModelLimits>;
  readonly media?: MediaOptions;
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

/** Nothing is sent or loaded before the first use, but for a token of Entra ID. */
export function createEngines(config: ModelConfig, { log, metrics, gate, limits, media, signal }: EngineOptions): Engines {
  const offline = createOfflineEngine();
  if (config.kind === 'offline') return { gateway: undefined, modelName: undefined, engineFor: () => offline };
  const gateway = createGateway({
    connections: { chat: connectOpenAI(toService(config, log, signal), limits) },
    ...(gate && { gate }),
    onReport: (report) => {
      metrics?.modelCalled(report);
      log.debug(report, 'model call finished');
    },
  });
  return {
    gateway,
    modelName: gateway.nameOf('chat'),
    engineFor: (asker, onReport) => soundEngine(createModelEngine(gateway, { asker, ...(onReport && { onReport }) }, offline, media)),
  };
}

function toService(config: Exclude<ModelConfig, { kind: 'offline' }>, log: Logger, signal: AbortSignal | undefined): ModelService {
  if (config.kind === 'openai') {
    return {
      kind: 'openai',
      model: config.model,
      ...(config.baseUrl !== undefined && { baseUrl: config.baseUrl }),
      ...(config.apiKey !== undefined && { apiKey: config.apiKey }),
    };
  }
  const { endpoint, deployment, apiKey, managedIdentityClientId: clientId } = config;
  if (apiKey !== undefined) return { kind: 'azure', endpoint, deployment, apiKey };
  const token = createTokenProvider(clientId === undefined ? { kind: 'azure-cli' } : { kind: 'managed-identity', clientId }, {
    onFailure: (error, validForMs) => log.warn({ err: error, code: error.code, validForMs }, 'the token for the model could not be fetched'),
    ...(signal && { signal }),
  });
  return { kind: 'azure', endpoint, deployment, token };
}
