import type { Unit } from './units';
import type { Vocabulary } from './vocabulary';

const COVERED_FACTOR = 0.1; // each time a term was told, telling it again is worth a tenth
const LENGTH_EXPONENT = 0.9;
const SINGLE_USE_FACTOR = 0.3; // words said once are as often slips as subjects

export interface CoverageOptions {
  readonly maxItems: number;
  readonly maxWords: number;
  /** How much better than its words a unit is; 1 changes nothing. */
  readonly bonus: (unit: Unit) => number;
  /** Units already shown: their terms count as told. */
  readonly told: readonly Unit[];
}

/**
 * Chooses sentences that together tell most of what a thread is about: again and again the one whose untold terms weigh
 * most for its length. In the order chosen.
 */
export function selectByCoverage(units: readonly Unit[], weights: ReadonlyMap<string, number>, options: CoverageOptions): readonly Unit[] {
  const told = new Map<string, number>();
  for (const unit of options.told) markTold(told, unit);
  const chosen: Unit[] = [];
  const open = new Set(units);
  let wordsLeft = options.maxWords;
  while (chosen.length < options.maxItems && open.size > 0) {
    const best = bestOf(open, (unit) => (unit.wordCount > wordsLeft ? 0 : gain(unit, weights, told) * options.bonus(unit)));
    if (!best) break;
    open.delete(best);
    chosen.push(best);
    wordsLeft -= best.wordCount;
    markTold(told, best);
  }
  return chosen;
}

/** What each term weighs: how often it is used, times how rare it is in the language at large. */
export function termWeights(units: readonly Unit[], vocabulary: Vocabulary): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const term of units.flatMap(({ terms }) => [...new Set(terms)])) uses.set(term, (uses.get(term) ?? 0) + 1);
  return new Map([...uses].map(([term, count]) => [term, (count === 1 ? SINGLE_USE_FACTOR : Math.log2(1 + count)) * vocabulary.rarity(term)]));
}

function gain(unit: Unit, weights: ReadonlyMap<string, number>, told: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const term of new Set(unit.terms)) sum += (weights.get(term) ?? 0) * COVERED_FACTOR ** (told.get(term) ?? 0);
  return sum / Math.max(1, unit.wordCount) ** LENGTH_EXPONENT;
}

function bestOf(units: Iterable<Unit>, score: (unit: Unit) => number): Unit | undefined {
  let best: Unit | undefined;
  let bestScore = 0;
  for (const unit of units) {
    const value = score(unit);
    if (value > bestScore) [best, bestScore] = [unit, value];
  }
  return best;
}

function markTold(told: Map<string, number>, unit: Unit): void {
  for (const term of new Set(unit.terms)) told.set(term, (told.get(term) ?? 0) + 1);
}
