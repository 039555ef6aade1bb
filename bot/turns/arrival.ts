import { randomUUID } from 'node:crypto';
import type { Activity } from 'botbuilder';
import type { InboxRow } from '../../state/turns';
import { conversationKey } from './keys';
import { markOf, type Mark } from './repetition';

/** An activity on its way into the inbox. */
export interface Arrival extends Pick<InboxRow, 'conversationKey' | 'activityId' | 'activity'> {
  readonly mark: Mark | undefined;
  /** When it was posted, in milliseconds since 1970: a channel's patience begins there, however long the store takes. */
  readonly atMs: number;
}

export function toArrival(activity: Partial<Activity>): Arrival {
  const id = activity.id ?? randomUUID(); // some events have none: they cannot be recognised when they come twice
  return {
    conversationKey: conversationKey(activity),
    activityId: isChangeOfMessage(activity) ? `${id}:${String(activity.type)}:${String(activity.timestamp)}` : id,
    activity: JSON.stringify({ ...activity, id }),
    mark: markOf(activity),
    atMs: Date.now(),
  };
}

/** An edit or deletion carries the id of the message that it changes: it is news all the same. */
const isChangeOfMessage = ({ type }: Partial<Activity>): boolean => type === 'messageUpdate' || type === 'messageDelete';
