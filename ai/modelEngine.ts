import { answer } from './answer';
import type { Capability } from './capability';
import type { Engine } from './engine';
import type { CallOrigin, Gateway } from './gateway';
import { mediaTasks, type MediaOptions } from './mediaTasks';
import type { Model } from './model';
import { createModel } from './openai';
import { summarize } from './summarize';
import { translate } from './translate';

/** How much text one request may carry, less for a local model with a small context; and what pictures and voices need. */
export interface ModelEngineLimits extends MediaOptions {
  /** Of a thread that is summarized. */
  readonly chunkTokens?: number;
  /** Of documents that a question is answered from. */
  readonly sourceTokens?: number;
}

/**
 * The engine of one turn, on the deployments that `gateway` knows: one for chat at least. Languages are detected
 * offline: quicker, and free.
 */
export function createModelEngine(gateway: Gateway, origin: CallOrigin, offline: Pick<Engine, 'detectLanguage'>, limits: ModelEngineLimits = {}): Engine {
  const model = (capability: Capability): Model => createModel(gateway, capability, origin);
  return {
    modelName: gateway.nameOf('chat'),
    converse: (request, signal, onText) => answer(model('chat'), request, signal, onText, limits),
    summarize: (thread, options, signal, onProgress) => summarize(model('summarize'), thread, options, signal, onProgress, limits),
    translate: async (text, to, signal) => {
      const translation = await translate(model('translate'), text, to, signal);
      return translation.from === 'und' ? { ...translation, from: (await offline.detectLanguage(text)) ?? translation.from } : translation;
    },
    detectLanguage: (text) => offline.detectLanguage(text),
    ...mediaTasks(gateway, origin, limits),
  };
}
