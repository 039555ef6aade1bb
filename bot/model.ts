import type { Logger } from 'pino';
import { createTokenProvider } from '../ai/credential';
import type { Engine } from '../ai/engine';
import { createModelEngine } from '../ai/modelEngine';
import { createOfflineEngine } from '../ai/offline/engine';
import { createOpenAIModel } from '../ai/openai';
import type { ModelService } from '../ai/openaiClient';
import type { ModelLimits } from '../ai/openaiConnection';
import { reportCalls } from '../ai/reportCalls';
import type { ModelConfig } from './config';
import type { Metrics } from './metrics';
import { soundEngine } from './soundEngine';

export interface EngineOptions {
  /** Gets one debug line a call: sizes and times, never text. */
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'modelCalled'>;
  readonly limits?: Partial<ModelLimits>;
  /** Ends the renewals of the model's token. */
  readonly signal?: AbortSignal;
}

/** The engine that the settings ask for: on a model, or offline. Nothing is sent or loaded before the first use, but for a token of Entra ID. */
export function createEngine(config: ModelConfig, { log, metrics, limits, signal }: EngineOptions): Engine {
  const offline = createOfflineEngine();
  if (config.kind === 'offline') return offline;
  const model = reportCalls(createOpenAIModel({ service: toService(config, log, signal), ...(limits && { limits }) }), (call) => {
    metrics?.modelCalled(call);
    log.debug({ ...call, durationMs: Math.round(call.durationMs) }, 'model call finished');
  });
  return soundEngine(createModelEngine(model, offline));
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
