import type { Cues } from './cues/cues';
import type { Pace } from './pace';
import { filterPaced } from './pace';
import type { Unit } from './units';

const MIN_WORDS = 4;
const MIN_TERMS = 1;
const MAX_WORDS = 60;

/** Sentences that state a decision, without those that ask for one or put it off. */
export function findDecisions(units: readonly Unit[], cues: Cues, pace: Pace): Promise<readonly Unit[]> {
  const isPossible = ({ wordCount, terms, isQuestion, isTangled }: Unit): boolean =>
    !isQuestion && !isTangled && wordCount >= MIN_WORDS && wordCount <= MAX_WORDS && terms.length >= MIN_TERMS;
  const isDecision = ({ text }: Unit): boolean => cues.decision.test(text) && !cues.noDecision.test(text) && !cues.open.test(text);
  return filterPaced(units, (unit) => isPossible(unit) && isDecision(unit), pace);
}
