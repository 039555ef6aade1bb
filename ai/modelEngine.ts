import { answer } from './answer';
import type { Engine } from './engine';
import type { Model } from './model';
import { summarize } from './summarize';
import { translate } from './translate';

/** How much text one request may carry; less for a local model with a small context. */
export interface ModelEngineLimits {
  /** Of a thread that is summarized. */
  readonly chunkTokens?: number;
  /** Of documents that a question is answered from. */
  readonly sourceTokens?: number;
}

/** The engine that stands on a model. Languages are detected offline: quicker, and free. */
export function createModelEngine(model: Model, offline: Pick<Engine, 'detectLanguage'>, limits: ModelEngineLimits = {}): Engine {
  return {
    modelName: model.name,
    converse: (request, signal, onText) => answer(model, request, signal, onText, limits),
    summarize: (thread, options, signal, onProgress) => summarize(model, thread, options, signal, onProgress, limits),
    translate: async (text, to, signal) => {
      const translation = await translate(model, text, to, signal);
      return translation.from === 'und' ? { ...translation, from: (await offline.detectLanguage(text)) ?? translation.from } : translation;
    },
    detectLanguage: (text) => offline.detectLanguage(text),
  };
}
