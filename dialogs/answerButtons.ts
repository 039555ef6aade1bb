import type { Button } from '../cards/submit';
import { whyButton } from '../cards/whyCard';
import { speakButtons } from './speakSkill';
import type { Turn } from './turn';

/** What can be done with any answer: hear it, and ask how it came about. Without a model nothing is to be explained. */
export function answerButtons(turn: Turn): readonly Button[] {
  const { engine, words, context } = turn;
  const why = engine.modelName === undefined ? [] : [whyButton(words, context.activity.id ?? '')];
  return [...speakButtons(turn), ...why];
}
