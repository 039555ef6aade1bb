import { createGateway, type CallOrigin, type Gateway } from '../../ai/gateway';
import type { Model } from '../../ai/model';
import { createModel } from '../../ai/openai';
import type { ModelService } from '../../ai/openaiClient';
import { connectOpenAI, type ModelLimits } from '../../ai/openaiConnection';

export interface OpenAIModelOptions {
  readonly service: ModelService;
  readonly limits?: Partial<ModelLimits>;
  readonly onReport?: CallOrigin['onReport'];
}

/** Somebody who asks. */
export const asker = { userKey: 'user', tenantKey: '', conversationKey: 'conversation', activityId: 'activity' };

/** The real gateway, with one deployment, for everything that chats. */
export const openAIGateway = ({ service, limits }: OpenAIModelOptions): Gateway => createGateway({ connections: { chat: connectOpenAI(service, limits) } });

/** A model behind that gateway. */
export const createOpenAIModel = (options: OpenAIModelOptions): Model =>
  createModel(openAIGateway(options), 'chat', { asker, ...(options.onReport && { onReport: options.onReport }) });
