import { z } from 'zod';

/** What can be wrong with an answer, as people choose it. */
export const ratingReasons = ['wrong', 'incomplete', 'off-topic', 'style', 'harmful'] as const;
export type RatingReason = (typeof ratingReasons)[number];

/** What a person thinks of an answer. */
export interface Rating {
  /** undefined where the channel does not name it: the newest one then, of which nothing is kept. */
  readonly answer: RatedAnswer | undefined;
  readonly reaction: 'like' | 'dislike';
  readonly reason?: RatingReason;
  /** Why, in words of the person. */
  readonly comment?: string;
  /** The answer that the person would have liked. */
  readonly correction?: string;
}

/** `asked`: id of the message that was answered. `shown`: id of the answer itself, as the channel knows it. */
export interface RatedAnswer {
  readonly by: 'asked' | 'shown';
  readonly id: string;
}

/** What is kept of a rated answer with the person's consent; stored as JSON. */
export const keptAnswerShape = z.object({
  question: z.string(),
  answer: z.string(),
  /** Of the calls to models that made it. */
  capabilities: z.array(z.string()).readonly(),
  /** It stands on documents or messages, which are not kept with it. */
  isGrounded: z.boolean(),
  /** BCP 47 of the bot's words to the person. */
  locale: z.string(),
  /** Names of those who took part, as they were shown. */
  names: z.array(z.string()).readonly(),
  reason: z.enum(ratingReasons).optional(),
  comment: z.string().optional(),
  correction: z.string().optional(),
});

export type KeptAnswer = Readonly<z.infer<typeof keptAnswerShape>>;
