import { roleFor } from '../ai/answerPrompt';
import { createDeidentifier, detailKinds, type DetailKind } from '../ai/deidentify';
import type { KeptAnswer } from '../dialogs/rating';

/** A rated answer as the store has it. */
export interface RatedAnswer extends KeptAnswer {
  readonly reaction: 'like' | 'dislike';
}

export const leftOutReasons = ['consent', 'unreadable', 'disliked', 'grounded', 'not-chat', 'repeated'] as const;
/** Why a rated answer is no example. */
export type LeftOutReason = (typeof leftOutReasons)[number];

/** A conversation in the form that fine-tuning takes. */
export interface TrainingExample {
  readonly messages: readonly [
    { readonly role: 'system'; readonly content: string },
    { readonly role: 'user'; readonly content: string },
    { readonly role: 'assistant'; readonly content: string },
  ];
}

export interface Example extends TrainingExample {
  readonly isCorrected: boolean;
  readonly replaced: Readonly<Record<DetailKind, number>>;
}

/** An answer that somebody liked, or what they would have liked, without what tells who they are; else why not. */
export function toExample(answer: RatedAnswer): Example | LeftOutReason {
  const { reaction, capabilities, isGrounded, correction } = answer;
  if (reaction === 'dislike' && !correction) return 'disliked';
  if (isGrounded) return 'grounded'; // without its documents it would teach to make things up
  if (!capabilities.includes('chat') || capabilities.some((capability) => capability !== 'chat' && capability !== 'embeddings')) return 'not-chat';
  const deidentifier = createDeidentifier(answer.names);
  const [question, reply] = [answer.question, correction ?? answer.answer].map((text) => deidentifier.replace(text.trim()));
  return {
    messages: [{ role: 'system', content: roleFor(answer.locale) }, { role: 'user', content: question ?? '' }, { role: 'assistant', content: reply ?? '' }],
    isCorrected: correction !== undefined,
    replaced: deidentifier.counts(),
  };
}

export const lineOf = ({ messages }: TrainingExample): string => JSON.stringify({ messages });

export const sumOf = (counts: readonly Readonly<Record<DetailKind, number>>[]): Readonly<Record<DetailKind, number>> =>
  Object.fromEntries(detailKinds.map((kind) => [kind, counts.reduce((sum, count) => sum + count[kind], 0)])) as Record<DetailKind, number>; // of each kind, from the list of all
