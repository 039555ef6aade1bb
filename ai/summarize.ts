import type { Thread, ThreadMessage } from '../threads/thread';
import type { SummarizeOptions, SummaryHooks } from './engine';
import { AIError } from './error';
import { mergeClaims } from './claims';
import { cutIntoChunks } from './chunks';
import { extractClaims } from './extract';
import { writeOverview } from './overview';
import type { Claim } from './evidence';
import type { Model } from './model';
import { claimId } from './summary/claimId';
import type * as shown from './summary/summary';

export interface SummarizeLimits {
  /** About how many tokens of the thread one request carries; a local model's context may be small. */
  readonly chunkTokens?: number;
  /** A longer thread keeps its newest messages; the others are counted as omitted. */
  readonly maxChunks?: number;
}

/**
 * Summarizes a thread of any length: reads it in parts, keeps only statements whose quote stands in the message that
 * they name, and lets the model write an overview of what was kept. No tools are offered while thread text is read.
 * Throws AIError; `invalid-response` also where the thread has nothing to read or nothing stood up to the check.
 */
export async function summarize(
  model: Model,
  thread: Thread,
  options: SummarizeOptions,
  signal: AbortSignal,
  { onProgress }: SummaryHooks = {},
  { chunkTokens = 6_000, maxChunks = 40 }: SummarizeLimits = {},
): Promise<shown.Summary> {
  const written = thread.messages.filter(({ text }) => text.trim() !== '');
  const allChunks = cutIntoChunks(written, chunkTokens);
  const chunks = allChunks.slice(-maxChunks);
  const { claims, unreadable } = await extractClaims(model, thread, chunks, options, signal, onProgress);
  if (written.length > 0 && unreadable === chunks.flat().length) throw new AIError('content-filtered', 'No message of the thread passed the content filter.');
  const kept = mergeClaims(claims, options);
  const overview = kept.length > 0 ? await writeOverview(model, kept, options.language, signal) : undefined;
  const claimsShown = kept.map(toClaim);
  const ids = claimsShown.map(({ id }) => id);
  const omitted = toOmissions(thread, written, chunks.flat(), unreadable);
  return {
    origin: 'ai',
    language: options.language,
    length: options.length,
    tldr: overview === undefined ? [] : [{ text: overview, claims: ids }],
    claims: claimsShown,
    keySentences: [],
    coverage: { messages: thread.messages.length, read: thread.messages.length - omitted.reduce((sum, { count }) => sum + count, 0), omitted, quotedOnly: 0 },
    dropped: 0,
    engine: { kind: 'model', name: model.name },
  };
}

const kinds = { 'key-point': 'fact', decision: 'decision', action: 'action', question: 'question' } as const;
const statuses = { 'key-point': 'current', decision: 'current', action: 'proposed', question: 'open' } as const;

function toClaim({ kind, text, messageId, quote, owner, due }: Claim): shown.Claim {
  const claim = { kind: kinds[kind], text, evidence: [{ messageId, quote }], status: statuses[kind], ...(owner && { owner }), ...(due && { due }) };
  return { id: claimId(claim), ...claim };
}

function toOmissions(thread: Thread, written: readonly ThreadMessage[], taken: readonly ThreadMessage[], unreadable: number): shown.Omission[] {
  const counts: readonly shown.Omission[] = [
    { reason: 'empty', count: thread.messages.length - written.length },
    { reason: 'over-budget', count: written.length - taken.length },
    { reason: 'filtered', count: unreadable },
  ];
  return counts.filter(({ count }) => count > 0);
}
