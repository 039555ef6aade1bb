import { MaxHeap } from './heap';
import type { Pace } from './pace';
import { mapPaced } from './pace';
import type { Unit } from './units';
import type { Vocabulary } from './vocabulary';

const COVERED_FACTOR = 0.1; // each time a term was told, telling it again is worth a tenth
const LENGTH_EXPONENT = 0.9;
const SINGLE_USE_FACTOR = 0.3; // words said once are as often slips as subjects
const NEW_SPEAKER_FACTOR = 1.1; // of two that are as good, the one of somebody who was not heard yet

export interface CoverageOptions {
  readonly maxItems: number;
  readonly maxWords: number;
  /** How much better than its words a unit is; 1 changes nothing. */
  readonly bonus: (unit: Unit) => number;
  /** Units already shown: their terms count as told, and what says the same is left out. */
  readonly told: readonly Unit[];
}

interface Candidate {
  readonly unit: Unit;
  readonly bonus: number;
  /** What it adds to the first `seen` of what was told; later it can only add less. */
  readonly gain: number;
  readonly seen: number;
}

/**
 * Chooses sentences that together tell most of what a thread is about: again and again the one whose untold terms weigh
 * most for its length. In the order chosen. A gain never grows, so only those that come to the top are weighed anew:
 * nearly linear in the number of units.
 */
export async function selectByCoverage(units: readonly Unit[], weights: ReadonlyMap<string, number>, options: CoverageOptions, pace: Pace): Promise<readonly Unit[]> {
  const progress = startWith(options.told);
  const heap = new MaxHeap<Candidate>(({ gain }) => gain);
  await mapPaced(units, (unit) => {
    const candidate = { unit, bonus: options.bonus(unit), gain: Infinity, seen: 0 };
    const weighed = weigh(candidate, weights, progress);
    if (weighed) heap.push(weighed);
  }, pace);
  const chosen: Unit[] = [];
  let wordsLeft = options.maxWords;
  for (let top = heap.pop(); top && chosen.length < options.maxItems; top = heap.pop()) {
    if (pace.isOver()) await pace.rest();
    if (top.unit.wordCount > wordsLeft) continue;
    if (top.seen < progress.told.length) {
      const weighed = weigh(top, weights, progress);
      if (weighed) heap.push(weighed);
      continue;
    }
    chosen.push(top.unit);
    wordsLeft -= top.unit.wordCount;
    tell(progress, top.unit);
  }
  return chosen;
}

interface Progress {
  readonly told: Unit[];
  readonly counts: Map<string, number>;
  readonly speakers: Set<string>;
}

function startWith(units: readonly Unit[]): Progress {
  const progress: Progress = { told: [], counts: new Map(), speakers: new Set() };
  for (const unit of units) tell(progress, unit);
  return progress;
}

function tell({ told, counts, speakers }: Progress, unit: Unit): void {
  told.push(unit);
  speakers.add(unit.author.id);
  for (const term of unit.subjects) counts.set(term, (counts.get(term) ?? 0) + 1);
}

/** With its gain as it is now; undefined for what adds nothing, or says what something told says. */
function weigh({ unit, bonus, seen }: Candidate, weights: ReadonlyMap<string, number>, { told, counts, speakers }: Progress): Candidate | undefined {
  for (let index = seen; index < told.length; index += 1) if (saysTheSame(told[index] as Unit, unit)) return undefined; // index is below the length
  let sum = 0;
  for (const term of unit.subjects) sum += (weights.get(term) ?? 0) * COVERED_FACTOR ** (counts.get(term) ?? 0);
  const gain = (sum / Math.max(1, unit.wordCount) ** LENGTH_EXPONENT) * bonus * (speakers.has(unit.author.id) ? 1 : NEW_SPEAKER_FACTOR);
  return gain > 0 ? { unit, bonus, gain, seen: told.length } : undefined;
}

const SAME_SHARE = 0.6;

/** Most of the shorter one's words are in the other, or they are one and the same. */
export function saysTheSame(a: Unit, b: Unit): boolean {
  if (a.text === b.text) return true;
  const [shorter, longer] = a.subjects.size < b.subjects.size ? [a.subjects, b.subjects] : [b.subjects, a.subjects];
  if (shorter.size === 0) return false;
  let shared = 0;
  for (const term of shorter) if (longer.has(term)) shared += 1;
  return shared / shorter.size > SAME_SHARE;
}

/** What each term weighs: how often it is used, times how rare it is in the language at large. */
export async function termWeights(units: readonly Unit[], vocabulary: Vocabulary, pace: Pace): Promise<ReadonlyMap<string, number>> {
  const uses = new Map<string, number>();
  await mapPaced(units, ({ subjects }) => {
    for (const term of subjects) uses.set(term, (uses.get(term) ?? 0) + 1);
  }, pace);
  return new Map([...uses].map(([term, count]) => [term, (count === 1 ? SINGLE_USE_FACTOR : Math.log2(1 + count)) * vocabulary.rarity(term)]));
}
