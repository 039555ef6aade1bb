import { z } from 'zod';

const verdict = z.object({
  on: z.enum(['prompt', 'answer']),
  category: z.string(),
  severity: z.string().optional(),
  isFiltered: z.boolean(),
  isDetected: z.boolean().optional(),
});

const call = z.object({
  capability: z.string(),
  target: z.object({ name: z.string(), region: z.string().optional() }).optional(),
  outcome: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  durationMs: z.number(),
  firstTextMs: z.number().optional(),
  attempts: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  estimated: z.boolean(),
  filters: z.array(verdict).readonly(),
});

/** Names that are stored from before they had their present ones. */
const earlierReasons = new Map<unknown, string>([['too-short', 'empty'], ['over-limit', 'over-budget']]);

const reason = z.preprocess((name) => earlierReasons.get(name) ?? name, z.enum(['deleted', 'system', 'empty', 'filtered', 'unreadable', 'over-budget', 'outside']));

const grounds = z.object({
  /** What the answer points at. */
  sources: z.array(z.object({ title: z.string(), author: z.string().optional(), url: z.string().optional() })).readonly().optional(),
  /** Messages that were looked into, of how many. */
  read: z.object({ read: z.number(), total: z.number() }).optional(),
  omissions: z.array(z.object({ reason, count: z.number() })).readonly().optional(),
  /** The model came to its limit before it had said everything. */
  isCutOff: z.boolean().optional(),
});

/** How an answer came about: facts for "Why this answer?", stored as JSON with the turn's commit. */
export const explanationShape = grounds.extend({
  /** When it was answered; milliseconds since 1970. */
  answeredAt: z.number(),
  calls: z.array(call).readonly(),
});

/** What the dialogs know of it. */
export type Grounds = Readonly<z.infer<typeof grounds>>;

export type Explanation = Readonly<z.infer<typeof explanationShape>>;
