import type { CodeRequest } from '../ai/code';
import type { Engine, OnText } from '../ai/engine';
import { soundText, soundValue } from '../state/soundText';

/** The same engine, whose words are as sound as what people send in. A text that grows never ends in half a character. */
export function soundEngine(engine: Engine): Engine {
  const { writeCode, tellSentiment, compact } = engine;
  const sound = (onText: OnText | undefined): OnText | undefined => onText && ((textSoFar) => onText(() => soundText(textSoFar().replace(/[\uD800-\uDBFF]$/, ''))));
  return {
    modelName: engine.modelName,
    ...(engine.budget && { budget: engine.budget }),
    converse: async (request, signal, onText) => soundValue(await engine.converse(request, signal, sound(onText))),
    summarize: async (...request) => soundValue(await engine.summarize(...request)),
    translate: async (...request) => soundValue(await engine.translate(...request)),
    detectLanguage: (text) => engine.detectLanguage(text),
    ...(writeCode && { writeCode: async (request: CodeRequest, signal: AbortSignal, onText?: OnText) => soundValue(await writeCode(request, signal, sound(onText))) }),
    ...(tellSentiment && { tellSentiment: async (...request: Parameters<typeof tellSentiment>) => soundValue(await tellSentiment(...request)) }),
    ...(compact && { compact: async (...request: Parameters<typeof compact>) => soundText(await compact(...request)) }),
    ...(engine.embeddings && { embeddings: engine.embeddings }),
    ...soundMedia(engine),
  };
}

/** Words are made sound, bytes stay as they are. */
function soundMedia({ draw, transcribe, speak, moderate }: Engine): Pick<Engine, 'draw' | 'transcribe' | 'speak' | 'moderate'> {
  return {
    ...(draw && {
      draw: async (...request) => (await draw(...request)).map((drawing) => ({ ...drawing, ...(drawing.revisedPrompt !== undefined && { revisedPrompt: soundText(drawing.revisedPrompt) }) })),
    }),
    ...(transcribe && { transcribe: async (...request) => soundValue(await transcribe(...request)) }),
    ...(speak && { speak }),
    ...(moderate && { moderate }),
  };
}
