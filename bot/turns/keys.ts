import type { Activity } from 'botbuilder';

/** Names a conversation in the store: bot and channel belong to it, so that two bots on one store never meet. */
export function conversationKey(activity: Partial<Activity>): string {
  return [activity.recipient?.id ?? '', activity.channelId ?? '', activity.conversation?.id ?? ''].join('|');
}

/** Names a person in the store: the channel's id, never the display name, which anybody can choose. */
export function userKey(activity: Partial<Activity>): string {
  return `${activity.channelId ?? ''}|${activity.from?.aadObjectId ?? activity.from?.id ?? ''}`;
}

/** Names the bot itself as an author in the message log. */
export function botKey(activity: Partial<Activity>): string {
  return `${activity.channelId ?? ''}|${activity.recipient?.id ?? ''}`;
}

let lastSequence = 0;

/** Numbers that grow with time, also over restarts: microseconds, and never the same twice in one process. */
export function nextSequence(): number {
  lastSequence = Math.max(lastSequence + 1, Date.now() * 1000);
  return lastSequence;
}
