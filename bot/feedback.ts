import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import { z } from 'zod';
import { takeThumb } from '../dialogs/feedbackSkill';
import type { RatedAnswer } from '../dialogs/rating';
import type { Turn } from '../dialogs/turn';

/** Thumbs up or down under an answer, from whatever channel. */
export interface Feedback {
  /** `other`: a thumb that we do not know. */
  readonly reaction: 'like' | 'dislike' | 'other';
  /** undefined where the channel names nothing, as the Agents Playground 0.2.28 does not. */
  readonly answer: RatedAnswer | undefined;
  /** Why, in words of the person, where the channel asks for them. */
  readonly comment?: string;
}

/** The name of Teams' invoke (learn.microsoft.com, "Bot messages with AI-generated content"). */
export const TEAMS_FEEDBACK = 'message/submitAction';

/** undefined for an activity that is no feedback. */
export function feedbackOf(activity: Activity): Feedback | undefined {
  if (activity.type === 'invoke' && activity.name === TEAMS_FEEDBACK) return teamsFeedback(activity);
  if (activity.type === 'event' && activity.name === 'webchat:activity-status/feedback') return webChatFeedback(activity);
  return undefined;
}

/** Only the direction is logged: the words are the person's. */
export async function takeFeedback(turn: Turn, { reaction, answer, comment }: Feedback, log: Logger): Promise<void> {
  log.info({ reaction, answerId: answer?.id }, 'feedback received');
  if (reaction !== 'other') await takeThumb(turn, { reaction, answer, ...(comment && { comment }) });
}

const teamsShape = z.object({ actionName: z.literal('feedback'), actionValue: z.object({ reaction: z.enum(['like', 'dislike']), feedback: z.unknown() }) });

function teamsFeedback({ value, replyToId }: Activity): Feedback {
  const { data } = teamsShape.safeParse(value);
  const comment = commentIn(data?.actionValue.feedback);
  return { reaction: data?.actionValue.reaction ?? 'other', answer: answerOf('shown', replyToId), ...(comment && { comment }) };
}

const MAX_COMMENT_LENGTH = 4_000;
const commentShape = z.object({ feedbackText: z.string() });

/** Teams sends its form as JSON in a string, the Agents Playground 0.2.28 the words themselves. */
function commentIn(feedback: unknown): string {
  if (typeof feedback !== 'string') return '';
  const text = commentShape.safeParse(parseJson(feedback)).data?.feedbackText ?? (feedback.startsWith('{') ? '' : feedback);
  return text.trim().slice(0, MAX_COMMENT_LENGTH).toWellFormed();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const pressedShape = z.tuple([z.looseObject({ '@type': z.enum(['LikeAction', 'DislikeAction']), '@id': z.string().optional() })]);

/**
 * Of Web Chat 4.18.1: an event whose only entity is the `potentialAction` of the answer that was pressed. It names no
 * message, so the action's `@id` does (dialogs/activities.ts).
 */
function webChatFeedback({ entities }: Activity): Feedback {
  const [pressed] = pressedShape.safeParse(entities).data ?? [];
  const answer = answerOf('asked', pressed?.['@id']?.replace(/^[A-Za-z]+Action:/, ''));
  if (!pressed) return { reaction: 'other', answer };
  return { reaction: pressed['@type'] === 'LikeAction' ? 'like' : 'dislike', answer };
}

const MAX_ID_LENGTH = 500;

const answerOf = (by: RatedAnswer['by'], id: string | undefined): RatedAnswer | undefined => (id && id.length <= MAX_ID_LENGTH ? { by, id } : undefined);
