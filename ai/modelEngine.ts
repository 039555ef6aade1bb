import { answer } from './answer';
import type { Capability } from './capability';
import { writeCode } from './code';
import { compact } from './compact';
import { embed } from './embeddings';
import type { Engine } from './engine';
import type { CallOrigin, Gateway } from './gateway';
import { mediaTasks, type MediaOptions } from './mediaTasks';
import type { Model } from './model';
import { createModel } from './openai';
import { promptBudget, type PromptBudget } from './promptBudget';
import { tellSentiment } from './sentiment';
import { summarize } from './summarize';
import { translate } from './translate';

export interface ModelEngineOptions extends MediaOptions {
  /** How much of a conversation one request may carry; less for a local model with a small context. */
  readonly budget?: PromptBudget;
}

/**
 * The engine of one turn, on the deployments that `gateway` knows: one for chat at least. Languages are detected
 * offline: quicker, and free.
 */
export function createModelEngine(gateway: Gateway, origin: CallOrigin, offline: Pick<Engine, 'detectLanguage'>, options: ModelEngineOptions = {}): Engine {
  const model = (capability: Capability): Model => createModel(gateway, capability, origin);
  const { budget = promptBudget(gateway.contextTokens('chat')) } = options;
  const embeddingsModel = gateway.nameOf('embeddings');
  return {
    modelName: gateway.nameOf('chat'),
    budget,
    converse: (request, signal, onText) => answer(model('chat'), request, signal, onText, budget),
    summarize: (thread, options, signal, hooks) => summarize(model('summarize'), thread, options, signal, hooks, { chunkTokens: budget.sources }),
    translate: async (text, to, signal) => {
      const translation = await translate(model('translate'), text, to, signal);
      return translation.from === 'und' ? { ...translation, from: (await offline.detectLanguage(text)) ?? translation.from } : translation;
    },
    detectLanguage: (text) => offline.detectLanguage(text),
    writeCode: (request, signal, onText) => writeCode(model('code'), request, budget, signal, onText),
    tellSentiment: (thread, signal, onProgress) => tellSentiment(model('chat'), thread, signal, onProgress, { chunkTokens: budget.sources }),
    compact: (request, signal) => compact(model('summarize'), request, signal),
    ...(embeddingsModel !== undefined && {
      embeddings: { model: embeddingsModel, embed: (texts: readonly string[], signal: AbortSignal) => embed(gateway, origin, texts, signal) },
    }),
    ...mediaTasks(gateway, origin, options),
  };
}
