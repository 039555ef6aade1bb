import type { Pace } from './pace';
import { mapPaced } from './pace';

/** The usual constants: how soon more of a word counts no more, how much length counts, and what a match counts at least. */
const [SATURATION, LENGTH_SHARE, LEAST] = [1.2, 0.7, 0.5];

export interface Scored {
  readonly terms: readonly string[];
  readonly subjects: ReadonlySet<string>;
}

/** How well each text fits the wanted terms (BM25+), 0 where it has none of them. Without an index: there is one question. */
export async function scoreByWords(texts: readonly Scored[], wanted: readonly string[], pace: Pace): Promise<readonly number[]> {
  const counts = wanted.map((term) => ({ term, texts: 0 }));
  let length = 0;
  await mapPaced(texts, ({ subjects }) => {
    length += subjects.size;
    for (const count of counts) if (subjects.has(count.term)) count.texts += 1;
  }, pace);
  const weights = counts.filter((count) => count.texts > 0).map((count) => ({ term: count.term, weight: Math.log(1 + (texts.length - count.texts + 0.5) / (count.texts + 0.5)) }));
  const meanLength = length / texts.length;
  return mapPaced(texts, ({ terms, subjects }) => {
    const norm = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * subjects.size) / meanLength);
    let score = 0;
    for (const { term, weight } of weights) {
      if (!subjects.has(term)) continue;
      const uses = terms.reduce((sum, each) => sum + (each === term ? 1 : 0), 0);
      score += weight * (LEAST + (uses * (SATURATION + 1)) / (uses + norm));
    }
    return score;
  }, pace);
}
