import type { Engine } from '../engine';
import { answerByQuoting } from './answer';
import { detectLanguage } from './language';
import { summarizeByRules } from './summarize';
import type { Vocabulary } from './vocabulary';
import { loadVocabulary } from './vocabulary';

/**
 * The engine for runs without a model. It quotes and never writes: key sentences, decisions, tasks and open questions by
 * word rules, answers by passages that fit. Translating needs a model. Its word lists load at first use.
 */
export function createOfflineEngine(): Engine {
  const vocabularies = new Map<string, Promise<Vocabulary>>();
  const vocabularyOf = (language: string): Promise<Vocabulary> => {
    const known = vocabularies.get(language) ?? loadVocabulary(language);
    vocabularies.set(language, known);
    return known;
  };
  return {
    modelName: undefined,
    async converse(request, signal, onText) {
      signal.throwIfAborted();
      const result = await answerByQuoting(request, vocabularyOf, signal);
      if (result.kind === 'answer') onText?.(() => result.text);
      return result;
    },
    async summarize(thread, options, signal, hooks) {
      signal.throwIfAborted();
      const summary = await summarizeByRules(thread, options, vocabularyOf, signal);
      hooks?.onProgress?.(1, 1);
      return summary;
    },
    translate: () => Promise.resolve(undefined),
    detectLanguage,
  };
}
