import type { Activity } from 'botbuilder';
import { z } from 'zod';
import type { Write } from '../../state/database';
import { forgetKeptOf } from '../../state/feedback';
import { forgetMessage, forgetSummariesFrom } from '../../state/memory';
import { deleteMessage, editMessage, forgetDeletion, noteDeletion, writeMessages, type LoggedMessage } from '../../state/messages';
import { forgetCopiesOf } from '../../state/threads';
import type { InboxRow } from '../../state/turns';
import { textWithoutOwnMention } from '../mentions';
import { botKey, userKey } from './keys';
import { timeOf } from './sentAt';
import { submitOf } from './turn';

type Position = Pick<InboxRow, 'conversationKey' | 'activityId'>;

/** What a turn does to the message log: the person's words and the bot's (each with its outbox id), an edit or a deletion. */
export function logWrites(row: Position, activity: Partial<Activity>, replies: readonly { id: string; activity: Partial<Activity> }[]): readonly Write[] {
  const { id = '' } = activity;
  if (activity.type === 'messageDelete') return [...forgotten(row.conversationKey, id), noteDeletion(row.conversationKey, id), deleteMessage(row.conversationKey, id)];
  if (activity.type === 'messageUpdate') return changeOfMessage(row, activity, id);
  const messages = [userMessage(row, activity), ...replies.map((reply) => botMessage(row, activity, reply))].filter((message) => message !== undefined);
  return messages.length === 0 ? [] : [writeMessages(messages)];
}

/** An edit; or a message that its author deleted and wants back, which Teams tells whole ("undeleteMessage"). */
function changeOfMessage({ conversationKey }: Position, activity: Partial<Activity>, activityId: string): readonly Write[] {
  const restored = isUndeletion(activity) ? userMessage({ conversationKey, activityId }, activity) : undefined;
  if (!restored) return [...forgotten(conversationKey, activityId), editMessage(conversationKey, activityId, textWithoutOwnMention(activity))];
  // Its deletion may have passed us by.
  return [...forgotten(conversationKey, activityId), ...forgetSummariesFrom(conversationKey, restored.createdAt), forgetDeletion(conversationKey, activityId), deleteMessage(conversationKey, activityId), writeMessages([restored])];
}

/** What was made of a message, wherever it is kept. */
const forgotten = (conversationKey: string, id: string): readonly Write[] =>
  [...forgetMessage(conversationKey, id), forgetKeptOf(conversationKey, id), forgetCopiesOf(conversationKey, id)];

function isUndeletion({ channelData }: Partial<Activity>): boolean {
  return z.object({ eventType: z.literal('undeleteMessage') }).safeParse(channelData).success;
}

/** undefined for buttons, events and messages without words. */
function userMessage(row: Position, activity: Partial<Activity>): LoggedMessage | undefined {
  const text = (activity.type === 'message' || activity.type === 'messageUpdate') && submitOf(activity) === undefined ? textWithoutOwnMention(activity) : '';
  if (text === '') return undefined;
  return {
    conversationKey: row.conversationKey,
    id: row.activityId,
    authorKey: userKey(activity),
    authorName: activity.from?.name ?? '',
    role: 'user',
    text,
    createdAt: timeOf(activity),
    replyTo: activity.replyToId,
  };
}

/** What the bot said: the text that stands for its cards too. */
function botMessage(row: Position, asked: Partial<Activity>, { id, activity: reply }: { id: string; activity: Partial<Activity> }): LoggedMessage | undefined {
  const text = reply.text ?? reply.summary ?? '';
  if (text === '') return undefined;
  return {
    conversationKey: row.conversationKey,
    id,
    authorKey: botKey(asked),
    authorName: asked.recipient?.name ?? '',
    role: 'bot',
    text,
    createdAt: Date.now(),
    replyTo: row.activityId,
  };
}
