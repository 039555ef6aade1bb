import type { Thread, ThreadMessage } from '../threads/thread';
import type { ActionItem, Omission, SummarizeOptions, Summary, SummaryItem } from './engine';
import { AIError } from './error';
import { mergeClaims } from './claims';
import { cutIntoChunks } from './chunks';
import { extractClaims } from './extract';
import { writeOverview } from './overview';
import type { Claim } from './evidence';
import type { Model } from './model';

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
  onProgress?: (done: number, of: number) => void,
  { chunkTokens = 6_000, maxChunks = 40 }: SummarizeLimits = {},
): Promise<Summary> {
  const written = thread.messages.filter(({ text }) => text.trim() !== '');
  const allChunks = cutIntoChunks(written, chunkTokens);
  const chunks = allChunks.slice(-maxChunks);
  const { claims, unreadable } = await extractClaims(model, thread, chunks, options, signal, onProgress);
  if (written.length > 0 && unreadable === chunks.flat().length) throw new AIError('content-filtered', 'No message of the thread passed the content filter.');
  const kept = mergeClaims(claims, options);
  const overview = kept.length > 0 ? await writeOverview(model, kept, options.language, signal) : undefined;
  const omissions = toOmissions(thread, written, chunks.flat(), unreadable);
  return {
    origin: 'ai',
    language: options.language,
    ...(overview && { overview }),
    ...toLists(kept),
    total: thread.messages.length,
    read: thread.messages.length - omissions.reduce((sum, { count }) => sum + count, 0),
    omissions,
  };
}

function toLists(claims: readonly Claim[]): Pick<Summary, 'keyPoints' | 'decisions' | 'actionItems' | 'openQuestions'> {
  const items = (kind: Claim['kind']): SummaryItem[] => claims.filter((claim) => claim.kind === kind).map(({ text, messageId }) => ({ text, messageId }));
  return { keyPoints: items('key-point'), decisions: items('decision'), actionItems: claims.filter(({ kind }) => kind === 'action').map(toActionItem), openQuestions: items('question') };
}

const toActionItem = ({ text, messageId, owner, due }: Claim): ActionItem => ({ text, messageId, ...(owner && { owner }), ...(due && { due }) });

function toOmissions(thread: Thread, written: readonly ThreadMessage[], taken: readonly ThreadMessage[], unreadable: number): Omission[] {
  const counts: readonly Omission[] = [
    { reason: 'empty', count: thread.messages.length - written.length },
    { reason: 'over-limit', count: written.length - taken.length },
    { reason: 'unreadable', count: unreadable },
  ];
  return counts.filter(({ count }) => count > 0);
}
