import type { Activity } from 'botbuilder';
import type { Asker } from '../../ai/call';

/**
 * Names a conversation in the store: bot, channel and tenant belong to it, so that two bots on one store, or two
 * organisations that talk to one bot, never meet.
 */
export function conversationKey(activity: Partial<Activity>): string {
  return key(activity.recipient?.id, activity.channelId, tenantOf(activity), activity.conversation?.id);
}

/** Names a person in the store: the channel's id, never the display name, which anybody can choose. */
export function userKey(activity: Partial<Activity>): string {
  return key(activity.channelId, tenantOf(activity), directoryId(activity) ?? activity.from?.id);
}

/** Who a model is asked for. */
export const askerOf = (activity: Partial<Activity>): Asker => ({
  userKey: userKey(activity),
  tenantKey: tenantOf(activity) ?? '',
  conversationKey: conversationKey(activity),
  activityId: activity.id ?? '',
});

/** Names the bot itself as an author in the message log. */
export function botKey(activity: Partial<Activity>): string {
  return key(activity.channelId, tenantOf(activity), activity.recipient?.id);
}

/** The organisation that an activity belongs to; undefined on channels that have none. */
export function tenantOf({ conversation, channelData }: Partial<Activity>): string | undefined {
  const { tenant } = (channelData ?? {}) as { readonly tenant?: { readonly id?: unknown } | null }; // unchecked: any JSON
  const id: unknown = conversation?.tenantId ?? tenant?.id;
  return typeof id === 'string' ? id : undefined;
}

/** The person's id in Entra ID, the same in every conversation. Teams vouches for it; elsewhere people could claim another's. */
const directoryId = ({ channelId, from }: Partial<Activity>): string | undefined => (channelId === 'msteams' ? from?.aadObjectId : undefined);

/** Parts are escaped: no id can look like two. */
const key = (...parts: readonly (string | undefined)[]): string => parts.map((part = '') => part.replaceAll('%', '%25').replaceAll('|', '%7C')).join('|');

/** What a key was made of. */
export const partsOfKey = (made: string): readonly string[] => made.split('|').map((part) => part.replaceAll('%7C', '|').replaceAll('%25', '%'));
