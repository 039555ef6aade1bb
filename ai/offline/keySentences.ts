import type { Thread } from '../../threads/thread';
import type { CoverageOptions } from './coverage';
import { saysTheSame, selectByCoverage, termWeights } from './coverage';
import type { Cues } from './cues/cues';
import type { Pace } from './pace';
import type { Unit } from './units';
import { byPlace } from './units';
import type { Vocabulary } from './vocabulary';

export interface KeySentenceOptions {
  readonly maxItems: number;
  readonly maxWords: number;
  /** The words are to be used up, in the end with sentences that tell little. */
  readonly isFilled: boolean;
  /** Shown in other sections: not chosen again, and what they say counts as told. */
  readonly told: readonly Unit[];
  readonly cues: Cues;
  readonly vocabulary: Vocabulary;
}

/**
 * The sentences that tell most of a thread, in its order. Speech: coverage of its subject words, since meetings begin with
 * chatter. Written messages: the first sentence of each, in order, as far as they fit; then coverage for what is left.
 */
export async function chooseKeySentences(thread: Thread, units: readonly Unit[], options: KeySentenceOptions, pace: Pace): Promise<readonly Unit[]> {
  const weights = await termWeights(units, options.vocabulary, pace);
  const bonus = bonusFor(thread, options.cues);
  let chosen: readonly Unit[] = [];
  for (const { candidates, isOrdered } of groups(thread, units, options)) {
    const left = { maxItems: options.maxItems - chosen.length, maxWords: options.maxWords - sumWords(chosen), told: [...options.told, ...chosen], bonus };
    if (left.maxItems < 1 || left.maxWords < 1) break;
    const more = isOrdered && fitsNearly(candidates, left) ? takeInOrder(candidates, left) : await selectByCoverage(candidates, weights, left, pace);
    chosen = [...chosen, ...more];
  }
  return chosen.toSorted(byPlace);
}

const sumWords = (units: readonly Unit[]): number => units.reduce((sum, { wordCount }) => sum + wordCount, 0);

interface Group {
  readonly candidates: readonly Unit[];
  /** They are worth more in their order than by their words. */
  readonly isOrdered: boolean;
}

/** A group is asked only where those before it leave room. */
function* groups(thread: Thread, units: readonly Unit[], { cues, isFilled }: KeySentenceOptions): Generator<Group> {
  const polite = units.filter(({ text }) => !cues.courtesy.test(text));
  const telling = polite.filter((unit) => isTelling(thread, unit));
  if (thread.kind !== 'meeting') yield { candidates: openings(telling), isOrdered: thread.kind !== 'document' };
  yield { candidates: telling, isOrdered: false };
  if (!isFilled) return;
  yield { candidates: polite.filter(({ wordCount, subjects }) => wordCount >= MIN_WORDS && subjects.size >= MIN_SUBJECTS), isOrdered: false };
  yield { candidates: polite.filter(({ wordCount }) => wordCount >= MIN_WORDS_SHORT), isOrdered: false };
}

const MIN_WORDS_SPOKEN = 8; // shorter ones are reactions
const MIN_WORDS = 5;
const MIN_WORDS_SHORT = 3;
const MIN_SUBJECTS = 3;
const MAX_WORDS_SPOKEN = 48; // beyond that, speech is a chain of half sentences
const MAX_WORDS_WRITTEN = 90;
const SHORT_THREAD = 15; // messages; where there is little, little says something

function isTelling({ kind, messages }: Thread, { wordCount, subjects, isComplete, isTangled }: Unit): boolean {
  if (messages.length < SHORT_THREAD) return wordCount >= MIN_WORDS_SHORT && subjects.size >= 2 && wordCount <= MAX_WORDS_WRITTEN;
  if (subjects.size < MIN_SUBJECTS) return false;
  if (kind !== 'meeting') return wordCount >= MIN_WORDS - 1 && wordCount <= MAX_WORDS_WRITTEN;
  return isComplete && !isTangled && wordCount >= MIN_WORDS_SPOKEN && wordCount <= MAX_WORDS_SPOKEN;
}

const openings = (units: readonly Unit[]): readonly Unit[] => units.filter(({ messageIndex }, index) => messageIndex !== units[index - 1]?.messageIndex);

const NEARLY = 1.5;

/** Of a long thread the openings that fit would be those of its beginning. */
const fitsNearly = (units: readonly Unit[], { maxItems, maxWords }: CoverageOptions): boolean => units.length <= maxItems * NEARLY && sumWords(units) <= maxWords * NEARLY;

function takeInOrder(units: readonly Unit[], { maxItems, maxWords, told }: CoverageOptions): readonly Unit[] {
  const chosen: Unit[] = [];
  let wordsLeft = maxWords;
  for (const unit of units) {
    if (chosen.length >= maxItems || unit.wordCount > wordsLeft || [...told, ...chosen].some((each) => saysTheSame(each, unit))) continue;
    chosen.push(unit);
    wordsLeft -= unit.wordCount;
  }
  return chosen;
}

/** Measured on meetings: beginnings and ends, agenda words; read: questions and half sentences do not stand alone. */
function bonusFor({ kind, messages }: Thread, cues: Cues): (unit: Unit) => number {
  const last = Math.max(1, messages.length - 1);
  return ({ text, messageIndex, isQuestion, isComplete, isTangled, sentence }) => {
    const position = messageIndex / last;
    const atEdge = position <= 0.1 ? 1.8 : position >= 0.9 && kind === 'meeting' ? 1.48 : 1;
    return atEdge
      * (cues.agenda.test(text) ? 1.3 : 1)
      * (isQuestion ? 0.3 : 1)
      * (isComplete && !isTangled ? 1 : 0.25)
      * (cues.leaning.test(text) ? 0.4 : 1)
      * (kind === 'meeting' || sentence === 0 ? 1 : 0.8);
  };
}
