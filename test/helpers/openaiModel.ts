import type { Capability } from '../../ai/capability';
import type { TokenProvider } from '../../ai/credential';
import { noLimits, usualContextTokens, type Deployment, type Place } from '../../ai/deployments';
import { createGateway, type CallOrigin, type Gateway } from '../../ai/gateway';
import type { Model } from '../../ai/model';
import { createModel } from '../../ai/openai';
import type { ModelLimits } from '../../ai/openaiConnection';

/** A service with one deployment. */
export type TestService =
  | { readonly kind: 'azure'; readonly endpoint: string; readonly deployment: string; readonly apiVersion?: string; readonly apiKey: string }
  | { readonly kind: 'azure'; readonly endpoint: string; readonly deployment: string; readonly apiVersion?: string; readonly token: TokenProvider }
  | { readonly kind: 'openai'; readonly baseUrl: string; readonly apiKey?: string; readonly model: string };

export interface OpenAIModelOptions {
  readonly service: TestService;
  /** `chat` when absent. */
  readonly capability?: Capability;
  readonly api?: Deployment['api'];
  readonly limits?: Partial<ModelLimits>;
  readonly onReport?: CallOrigin['onReport'];
}

/** Somebody who asks. */
export const asker = { userKey: 'user', tenantKey: '', conversationKey: 'conversation', activityId: 'activity' };

/** The deployment that a service has, as the settings would name it. */
export function deploymentOf(service: TestService, more: Partial<Deployment> = {}): Deployment {
  const place: Place = service.kind === 'azure' ? { ...service, apiVersion: service.apiVersion ?? 'v1' } : service;
  const contextTokens = usualContextTokens(place);
  const key = 'apiKey' in service ? service.apiKey : undefined;
  return {
    name: service.kind === 'azure' ? service.deployment : service.model,
    place,
    access: key !== undefined ? { kind: 'key', key } : { kind: service.kind === 'azure' ? 'entra' : 'none' },
    api: 'chat-completions',
    ...(contextTokens !== undefined && { contextTokens }),
    limits: noLimits,
    priority: 1,
    weight: 1,
    ...more,
  };
}

/** The real gateway, with one deployment. */
export const openAIGateway = ({ service, capability = 'chat', api = 'chat-completions', limits }: OpenAIModelOptions): Gateway =>
  createGateway({
    deployments: { [capability]: [deploymentOf(service, { api })] },
    tokenFor: () => ('token' in service ? service.token : undefined),
    ...(limits && { limits }),
  });

/** A model behind that gateway. */
export const createOpenAIModel = (options: OpenAIModelOptions): Model =>
  createModel(openAIGateway(options), 'chat', { asker, ...(options.onReport && { onReport: options.onReport }) });
