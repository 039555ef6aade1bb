import MiniSearch from 'minisearch';
import type { Vocabulary } from './offline/vocabulary';

/** Ranks messages by the words that they share with a question: stems, without stop words. */
export interface WordRanking {
  add(messages: readonly { readonly key: string; readonly text: string }[]): void;
  /** Keys, best first. */
  best(limit: number): readonly string[];
}

/** What fits far less well than the best is there by chance. */
const MIN_SCORE_SHARE = 0.25;

/** Only messages that share a word go into the index: it is as small as the question, however long the conversation. */
export function rankByWords(query: string, vocabulary: Vocabulary): WordRanking {
  const index = new MiniSearch<{ readonly id: string; readonly terms: string }>({
    fields: ['terms'],
    tokenize: (terms) => terms.split(' '),
    processTerm: (term) => term,
  });
  const wanted = new Set(vocabulary.terms(query));
  return {
    add: (messages) => {
      for (const { key, text } of messages) {
        const terms = vocabulary.terms(text);
        if (terms.some((term) => wanted.has(term))) index.add({ id: key, terms: terms.join(' ') });
      }
    },
    best: (limit) => {
      const hits = wanted.size === 0 ? [] : index.search([...wanted].join(' '));
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
