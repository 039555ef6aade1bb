import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import { z } from 'zod';

/** Thumbs up or down under an answer. `answerId`: what the channel names it by; undefined where it names nothing. */
export interface Feedback {
  readonly reaction: 'like' | 'dislike' | 'other';
  readonly answerId: string | undefined;
}

/** Feedback from any channel ends here. Words that came with it are not read: they are the person's. */
export function noteFeedback({ reaction, answerId }: Feedback, log: Logger): void {
  log.info({ reaction, answerId }, 'feedback received');
}

const teamsShape = z.object({ actionValue: z.object({ reaction: z.enum(['like', 'dislike']) }) });

/** Of Teams' invoke `message/submitAction`. */
export function teamsFeedback({ value, replyToId }: Activity): Feedback {
  return { reaction: teamsShape.safeParse(value).data?.actionValue.reaction ?? 'other', answerId: replyToId };
}

const pressedShape = z.tuple([z.looseObject({ '@type': z.enum(['LikeAction', 'DislikeAction']), '@id': z.string().max(1_000).optional() })]);

/**
 * Of Web Chat 4.18.1: an event whose only entity is the `potentialAction` of the answer that was pressed. It names no
 * message, so the action's `@id` does (dialogs/activities.ts). undefined for any other activity.
 */
export function webChatFeedback({ type, name, entities }: Activity): Feedback | undefined {
  if (type !== 'event' || name !== 'webchat:activity-status/feedback') return undefined;
  const [pressed] = pressedShape.safeParse(entities).data ?? [];
  const answerId = pressed?.['@id']?.replace(/^[A-Za-z]+Action:/, '');
  if (!pressed) return { reaction: 'other', answerId };
  return { reaction: pressed['@type'] === 'LikeAction' ? 'like' : 'dislike', answerId };
}
