import MiniSearch from 'minisearch';
import type { Thread, ThreadMessage } from '../threads/thread';
import { estimateTokens } from './tokens';

/** A message that is shown to the model under a number. */
export interface Passage {
  /** From 1. */
  readonly id: number;
  readonly thread: Thread;
  readonly message: ThreadMessage;
}

const OVERHEAD_TOKENS = 25; // id, title and author around each passage's JSON

const NEIGHBOR_SHARES = [0.5, 0.25]; // an answer often stands next to the words of the question (measured on meetings)

/** Everything where it fits; else what fits the query best. In the order of the threads, numbered from 1. */
export function choosePassages(threads: readonly Thread[], query: string, maxTokens: number): readonly Passage[] {
  const all = threads.flatMap((thread) => thread.messages.filter(({ text }) => text.trim() !== '').map((message) => ({ thread, message })));
  const scores = scoresOf(all, query);
  const byScore = all.map((_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const chosen = new Set<number>();
  let tokens = 0;
  for (const index of byScore) {
    const size = estimateTokens(all[index]?.message.text ?? '') + OVERHEAD_TOKENS;
    if (tokens + size > maxTokens) continue;
    chosen.add(index);
    tokens += size;
  }
  return all.filter((_, index) => chosen.has(index)).map((item, index) => ({ id: index + 1, ...item }));
}

function scoresOf(all: readonly { readonly thread: Thread; readonly message: ThreadMessage }[], query: string): readonly number[] {
  const search = new MiniSearch<{ id: number; text: string; by: string }>({ fields: ['text', 'by'] });
  search.addAll(all.map(({ message }, id) => ({ id, text: message.text, by: message.author.name })));
  const scores = all.map(() => 0);
  for (const { id, score } of search.search(query)) {
    const at = Number(id);
    addTo(scores, at, score);
    NEIGHBOR_SHARES.forEach((share, distance) => {
      for (const near of [at - distance - 1, at + distance + 1]) if (all[near]?.thread === all[at]?.thread) addTo(scores, near, score * share);
    });
  }
  return scores;
}

function addTo(scores: number[], at: number, score: number): void {
  const before = scores[at];
  if (before !== undefined) scores[at] = before + score;
}
