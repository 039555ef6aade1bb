import type { SummarizeOptions, SummaryLength } from '../engine';

export interface Limits {
  readonly decisions: number;
  readonly actionItems: number;
  readonly openQuestions: number;
  /** Of all decisions, action items and questions together. */
  readonly claimWords: number;
  readonly keySentences: { readonly maxItems: number; readonly maxWords: number };
}

const byLength: Readonly<Record<SummaryLength, Limits>> = {
  short: { decisions: 3, actionItems: 4, openQuestions: 2, claimWords: 100, keySentences: { maxItems: 3, maxWords: 80 } },
  standard: { decisions: 5, actionItems: 8, openQuestions: 4, claimWords: 230, keySentences: { maxItems: 6, maxWords: 150 } },
  detailed: { decisions: 12, actionItems: 20, openQuestions: 10, claimWords: 600, keySentences: { maxItems: 14, maxWords: 350 } },
};

/** How much is shown. A number of words is for the key sentences, and no more words are spent on the rest. */
export function limitsFor({ length, maxWords }: SummarizeOptions): Limits {
  const limits = byLength[length];
  if (maxWords === undefined) return limits;
  return { ...limits, claimWords: Math.min(limits.claimWords, maxWords), keySentences: { maxItems: Infinity, maxWords } };
}
