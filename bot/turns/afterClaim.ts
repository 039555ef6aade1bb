import type { Engine } from '../../ai/engine';
import type { TurnRecord } from './turn';

/** What dialogs ask of a model is asked once, however often the activity comes in. */
export function afterClaim(engine: Engine, record: Pick<TurnRecord, 'claim'>): Engine {
  const claimed = <A extends unknown[], R>(ask: (...request: A) => Promise<R>) => async (...request: A): Promise<R> => {
    await record.claim();
    return ask(...request);
  };
  return {
    modelName: engine.modelName,
    ...(engine.budget && { budget: engine.budget }),
    converse: claimed((...request: Parameters<Engine['converse']>) => engine.converse(...request)),
    summarize: claimed((...request: Parameters<Engine['summarize']>) => engine.summarize(...request)),
    translate: claimed((...request: Parameters<Engine['translate']>) => engine.translate(...request)),
    detectLanguage: (text) => engine.detectLanguage(text), // told offline
    ...(engine.writeCode && { writeCode: claimed(engine.writeCode) }),
    ...(engine.tellSentiment && { tellSentiment: claimed(engine.tellSentiment) }),
    ...(engine.compact && { compact: claimed(engine.compact) }),
    ...(engine.embeddings && { embeddings: { model: engine.embeddings.model, embed: claimed(engine.embeddings.embed) } }),
    ...(engine.draw && { draw: claimed(engine.draw) }),
    ...(engine.transcribe && { transcribe: claimed(engine.transcribe) }),
    ...(engine.speak && { speak: claimed(engine.speak) }),
    ...(engine.moderate && { moderate: claimed(engine.moderate) }),
  };
}
