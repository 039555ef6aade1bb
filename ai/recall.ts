import MiniSearch from 'minisearch';
import type { Vocabulary } from './offline/vocabulary';

/** Finds messages by words: stems, without stop words. */
export interface WordIndex {
  add(messages: readonly { readonly key: string; readonly text: string }[]): void;
  /** Keys, best first. */
  search(query: string, limit: number): readonly string[];
}

/** What fits far less well than the best is there by chance. */
const MIN_SCORE_SHARE = 0.25;

export function createWordIndex(vocabulary: Vocabulary): WordIndex {
  const index = new MiniSearch<{ readonly id: string; readonly terms: string }>({
    fields: ['terms'],
    tokenize: (terms) => terms.split(' '),
    processTerm: (term) => term,
  });
  const termsOf = (text: string): string => vocabulary.terms(text).join(' ');
  return {
    add: (messages) => index.addAll(messages.map(({ key, text }) => ({ id: key, terms: termsOf(text) })).filter(({ terms }) => terms !== '')),
    search: (query, limit) => {
      const hits = index.search(termsOf(query));
      return hits.filter(({ score }) => score >= (hits[0]?.score ?? 0) * MIN_SCORE_SHARE).slice(0, limit).map(({ id }) => String(id));
    },
  };
}

/** Softens the ranks, so that the first of one list does not outweigh the second of both (Cormack, Clarke and Büttcher, SIGIR 2009). */
const RANK_OFFSET = 60;

/** Several rankings as one: what stands high in more than one of them comes first. */
export function mergeRanks(rankings: readonly (readonly string[])[], limit: number): readonly string[] {
  const scores = new Map<string, number>();
  for (const ranking of rankings) ranking.forEach((key, rank) => scores.set(key, (scores.get(key) ?? 0) + 1 / (RANK_OFFSET + rank)));
  return [...scores].sort(([, one], [, other]) => other - one).slice(0, limit).map(([key]) => key);
}
