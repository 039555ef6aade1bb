import type { Activity } from 'botbuilder';
import type { Queries } from '../../state/database';
import { countDeletions, newestMessages } from '../../state/messages';
import { logThread } from '../../threads/log';
import { newThreadId } from '../../threads/shelf';
import type { SourceRequest } from '../../threads/sources';
import type { Thread } from '../../threads/thread';
import { channelOf } from '../channels';
import { conversationKey } from '../turns/keys';

/** What the bot was told of this conversation: edits and deletions applied, the deleted counted. Throws StateError. */
export async function readLog(queries: Queries, activity: Partial<Activity>, { limit = MAX_MESSAGES, since, until }: Partial<SourceRequest>): Promise<Thread> {
  const key = conversationKey(activity);
  const range = { ...(since !== undefined && { since: Date.parse(since) }), ...(until !== undefined && { until: Date.parse(until) }) };
  const found = await newestMessages(queries, key, limit + 1, range);
  const hasEarlier = found.length > limit;
  const messages = hasEarlier ? found.slice(1) : found;
  const [oldest] = messages;
  const deleted = await countDeletions(queries, key, hasEarlier && oldest ? { ...range, since: oldest.createdAt } : range);
  return logThread(messages, {
    id: newThreadId(),
    title: activity.conversation?.name ?? '',
    kind: activity.conversation?.conversationType === 'channel' ? 'channel' : 'chat',
    linkTo: (messageId) => channelOf(activity).linkTo(activity, messageId),
    deleted,
    hasEarlier,
  });
}

/** As many as a summary takes. */
export const MAX_MESSAGES = 5_000;
