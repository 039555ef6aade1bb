import type { Thread } from '../../threads/thread';
import type { CoverageOptions } from './coverage';
import { selectByCoverage, termWeights } from './coverage';
import type { Cues } from './cues/cues';
import type { Unit } from './units';
import type { Vocabulary } from './vocabulary';

export interface KeyPointOptions {
  readonly maxItems: number;
  readonly maxWords: number;
  /** Shown in other sections: not chosen again, and what they say counts as told. */
  readonly told: readonly Unit[];
  readonly cues: Cues;
  readonly vocabulary: Vocabulary;
}

/**
 * The sentences that tell most of a thread, in its order. Speech: coverage of its subject words. Written messages: their
 * first sentences, as many as fit; then coverage.
 */
export function chooseKeyPoints(thread: Thread, units: readonly Unit[], options: KeyPointOptions): readonly Unit[] {
  const { told, cues, vocabulary } = options;
  const usable = units.filter((unit) => isTelling(thread, unit, cues) && !told.some((each) => saysTheSame(each, unit)));
  const weights = termWeights(units, vocabulary);
  const coverage = { ...options, bonus: bonusFor(thread, cues) };
  const chosen = isWritten(thread) ? chooseWritten(usable, weights, coverage) : chooseDistinct(usable, weights, coverage);
  return [...chosen].sort((a, b) => a.messageIndex - b.messageIndex || a.sentence - b.sentence);
}

const isWritten = ({ kind }: Thread): boolean => kind === 'chat' || kind === 'channel';

const MIN_WORDS_SPOKEN = 8; // shorter ones are reactions
const MIN_WORDS_WRITTEN = 4;
const MIN_TERMS = 3;
const MAX_WORDS_SPOKEN = 48; // beyond that, speech is a chain of half sentences
const MAX_WORDS_WRITTEN = 90;
const SHORT_THREAD = 8; // messages; where there is little, little says something

function isTelling({ kind, messages }: Thread, unit: Unit, cues: Cues): boolean {
  if (cues.courtesy.test(unit.text)) return false;
  if (messages.length < SHORT_THREAD) return unit.wordCount >= 3 && unit.terms.length >= 2;
  if (unit.terms.length < MIN_TERMS) return false;
  if (kind !== 'meeting') return unit.wordCount >= MIN_WORDS_WRITTEN && unit.wordCount <= MAX_WORDS_WRITTEN;
  return unit.isComplete && !unit.isTangled && unit.wordCount >= MIN_WORDS_SPOKEN && unit.wordCount <= MAX_WORDS_SPOKEN;
}

/** Opening sentences carry a written thread; where they are too many, those that cover most. */
function chooseWritten(units: readonly Unit[], weights: ReadonlyMap<string, number>, options: CoverageOptions): readonly Unit[] {
  const openings = units.filter((unit, index) => unit.messageId !== units[index - 1]?.messageId);
  const first = chooseDistinct(openings, weights, options);
  const left = { maxItems: options.maxItems - first.length, maxWords: options.maxWords - sumWords(first), told: [...options.told, ...first] };
  return [...first, ...chooseDistinct(units.filter((unit) => !first.includes(unit)), weights, { ...options, ...left })];
}

/** Coverage alone may take a sentence and its echo: of two that say the same, the first stays. */
function chooseDistinct(units: readonly Unit[], weights: ReadonlyMap<string, number>, options: CoverageOptions): readonly Unit[] {
  const chosen = selectByCoverage(units, weights, { ...options, maxItems: options.maxItems * 2, maxWords: options.maxWords * 2 });
  const distinct: Unit[] = [];
  let words = 0;
  for (const unit of chosen) {
    if (distinct.length >= options.maxItems || words + unit.wordCount > options.maxWords || distinct.some((each) => saysTheSame(each, unit))) continue;
    distinct.push(unit);
    words += unit.wordCount;
  }
  return distinct;
}

const sumWords = (units: readonly Unit[]): number => units.reduce((sum, { wordCount }) => sum + wordCount, 0);

const SAME_SHARE = 0.6;

/** Most of the shorter one's words are in the other, or they are one and the same. */
export function saysTheSame(a: Unit, b: Unit): boolean {
  if (a.text === b.text || (a.messageId === b.messageId && a.sentence === b.sentence)) return true;
  const [shorter, longer] = a.terms.length < b.terms.length ? [a, b] : [b, a];
  const terms = new Set(shorter.terms);
  if (terms.size === 0) return false;
  const known = new Set(longer.terms);
  return [...terms].filter((term) => known.has(term)).length / terms.size > SAME_SHARE;
}

/** Measured on meetings: beginnings and ends, agenda words; read: questions and half sentences do not stand alone. */
function bonusFor({ kind, messages }: Thread, cues: Cues): (unit: Unit) => number {
  const last = Math.max(1, messages.length - 1);
  return ({ text, messageIndex, isQuestion, isComplete, sentence }) => {
    const position = messageIndex / last;
    const atEdge = position <= 0.1 ? 1.8 : position >= 0.9 && kind === 'meeting' ? 1.48 : 1;
    return atEdge
      * (cues.agenda.test(text) ? 1.3 : 1)
      * (isQuestion ? 0.3 : 1)
      * (isComplete ? 1 : 0.25)
      * (cues.leaning.test(text) ? 0.4 : 1)
      * (kind === 'meeting' || sentence === 0 ? 1 : 0.8);
  };
}
