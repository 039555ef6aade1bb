import type { SummarizeOptions, SummaryLength } from './engine';
import { normalize, type Claim } from './evidence';

type Kind = Claim['kind'];

const counts: Readonly<Record<SummaryLength, Readonly<Record<Kind, number>>>> = {
  short: { decision: 3, action: 5, 'key-point': 3, question: 2 },
  standard: { decision: 6, action: 10, 'key-point': 6, question: 4 },
  detailed: { decision: 12, action: 20, 'key-point': 12, question: 8 },
};

const words: Readonly<Record<SummaryLength, number>> = { short: 120, standard: 250, detailed: 500 };

const kinds: readonly Kind[] = ['decision', 'action', 'key-point', 'question']; // what people would miss most, first

/**
 * One list from the claims of all parts, each kind in the order of the thread: without repetitions, with as many of
 * each kind as the length allows and never more words than `maxWords`. Every part has its say before any has a second.
 */
export function mergeClaims(parts: readonly (readonly Claim[])[], { length, maxWords = words[length] }: SummarizeOptions): readonly Claim[] {
  const ordered = withoutRepetitions(inTurns(parts));
  const chosen = new Set<Claim>();
  let wordsLeft = maxWords;
  for (const kind of kinds) {
    let left = counts[length][kind];
    for (const claim of ordered.filter((candidate) => candidate.kind === kind)) {
      const size = countWords(claim.text);
      if (left === 0 || size > wordsLeft) continue;
      chosen.add(claim);
      left -= 1;
      wordsLeft -= size;
    }
  }
  return parts.flat().filter((claim) => chosen.has(claim));
}

/** The first of each part, then the second of each, and so on: parts list the most important first. */
function inTurns(parts: readonly (readonly Claim[])[]): readonly Claim[] {
  const longest = Math.max(0, ...parts.map(({ length }) => length));
  return Array.from({ length: longest }, (_, rank) => parts.flatMap((part) => part[rank] ?? [])).flat();
}

const SAME_WORDS_SHARE = 0.7;

function withoutRepetitions(claims: readonly Claim[]): readonly Claim[] {
  const kept: { readonly kind: Kind; readonly words: ReadonlySet<string>; readonly claim: Claim }[] = [];
  for (const claim of claims) {
    const own = new Set(wordsOf(claim.text));
    if (kept.some((other) => other.kind === claim.kind && similarity(other.words, own) >= SAME_WORDS_SHARE)) continue;
    kept.push({ kind: claim.kind, words: own, claim });
  }
  return kept.map(({ claim }) => claim);
}

/** Jaccard: words in both over words in either. */
function similarity(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const both = [...one].filter((word) => other.has(word)).length;
  return both / (one.size + other.size - both || 1);
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' }); // Chinese and Japanese have words too

const wordsOf = (text: string): readonly string[] => [...segmenter.segment(normalize(text))].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);

const countWords = (text: string): number => wordsOf(text).length;
