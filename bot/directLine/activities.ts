import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { soundText } from '../../state/soundText';
import { messageShape } from '../activity';
import { chosenName } from '../names';
import { withHarmlessAddresses } from './harmless';
import { serviceErrors } from './serviceError';
import type { Grant } from './tokens';

/** Of an id that a client chose: ids stand in keys of the store. In characters. */
const MAX_USER_ID_LENGTH = 256;

const account = z.looseObject({ id: z.string().max(MAX_USER_ID_LENGTH).nullish(), name: chosenName.nullish() });

const incomingActivity = z.looseObject({
  ...messageShape,
  type: z.string().min(1).max(64),
  from: account.nullish(),
  channelData: z.unknown().optional(),
});

/** An activity as a client posted it: only the properties named here were checked. */
export type IncomingActivity = z.infer<typeof incomingActivity>;

/** An activity as clients see it. */
export type ShownActivity = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** "Not sent/received via client" (Direct Line documentation); a client could pretend to be the channel with them. */
const channelOnlyTypes = new Set(['conversationUpdate', 'contactRelationUpdate', 'installationUpdate', 'invokeResponse']);

/** Set by the channel, or of no meaning on it. */
const channelProperties = ['id', 'timestamp', 'channelId', 'serviceUrl', 'conversation', 'recipient', 'callerId', 'relatesTo', 'deliveryMode'];

/** Checks a posted activity. Throws ServiceError 400. */
export function parseActivity(body: unknown): IncomingActivity {
  if (body === undefined) throw serviceErrors.missingProperty('The body has no activity');
  const parsed = incomingActivity.safeParse(body);
  if (parsed.success) {
    if (channelOnlyTypes.has(parsed.data.type)) throw serviceErrors.badArgument('Activities of this type are sent by the channel only');
    return parsed.data;
  }
  const isTypeMissing = parsed.error.issues.some(({ path, code }) => path[0] === 'type' && code === 'invalid_type');
  if (isTypeMissing) throw serviceErrors.missingProperty('Activity.type is required');
  throw serviceErrors.badArgument('The body is not an activity');
}

/**
 * The user who says it: a user in the token replaces any other id, and an id like `dl_…` counts only when it is in the token.
 * Throws ServiceError 400.
 */
export function userOf(grant: Grant, isSecret: boolean, claimedId: string | undefined, botId: string): string {
  if (grant.userId !== undefined) return grant.userId;
  const userId = soundText(claimedId ?? '');
  if (userId === '') throw serviceErrors.missingProperty('Activity.from.id is required');
  if (userId.length > MAX_USER_ID_LENGTH) throw serviceErrors.badArgument('Activity.from.id is too long');
  if (userId === botId) throw serviceErrors.badArgument('Activity.from.id is the bot');
  if (!isSecret && userId.startsWith('dl_')) throw serviceErrors.badArgument('A user id that starts with dl_ must be in the token');
  return userId;
}

/** The user's activity as clients see it. */
export function shownFromUser(incoming: IncomingActivity, ids: { readonly id: string; readonly conversationId: string; readonly userId: string }): ShownActivity {
  const name = incoming.from?.name;
  return {
    ...withHarmlessAddresses(withoutChannelProperties(incoming)),
    type: incoming.type,
    id: ids.id,
    timestamp: new Date().toISOString(),
    channelId: 'directline',
    conversation: { id: ids.conversationId },
    from: { id: ids.userId, ...(typeof name === 'string' && { name }), role: 'user' },
  };
}

/** The bot's activity as clients see it. `timestamp` is kept when a message is replaced: Web Chat sorts by it. */
export function shownFromBot(
  activity: Partial<Activity>,
  ids: { readonly id: string; readonly conversationId: string; readonly botId: string; readonly timestamp?: string },
): ShownActivity {
  const { channelData, ...rest } = withHarmlessAddresses(withoutChannelProperties(activity));
  return {
    ...rest,
    ...withoutOutboxId(channelData),
    type: activity.type ?? 'message',
    id: ids.id,
    timestamp: ids.timestamp ?? new Date().toISOString(),
    channelId: 'directline',
    conversation: { id: ids.conversationId },
    from: { id: ids.botId, ...(activity.from?.name !== undefined && { name: activity.from.name }), role: 'bot' },
  };
}

/** Our own idempotency key; not for clients. */
export function outboxIdOf(activity: Partial<Activity>): string | undefined {
  const parsed = z.object({ outboxId: z.string().min(1) }).safeParse(activity.channelData);
  return parsed.success ? parsed.data.outboxId : undefined;
}

/** What Web Chat marks its messages with, so that the echo and a repeated post are known. */
export function clientActivityIdOf(activity: IncomingActivity): string | undefined {
  const parsed = z.object({ clientActivityID: z.string().min(1).max(256) }).safeParse(activity.channelData);
  return parsed.success ? parsed.data.clientActivityID : undefined;
}

/** The same activity on its way to the bot. */
export function toBot(shown: ShownActivity, options: { readonly botId: string; readonly serviceUrl: string }): Activity {
  // Clients, too, send null for what they leave out, and botbuilder only knows absent.
  const said = Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== null));
  const activity = { ...said, serviceUrl: options.serviceUrl, recipient: { id: options.botId, role: 'bot' } };
  // Whatever else the client put in is unchecked: the bot treats every property as it treats those of any channel.
  return { ...activity, timestamp: new Date(String(shown['timestamp'])) } as unknown as Activity;
}

/** Tells the bot that a conversation began. Never shown to clients. */
export function conversationStart(
  conversationId: string,
  user: { readonly id: string; readonly name?: string },
  options: { readonly botId: string; readonly serviceUrl: string; readonly locale?: string },
): Activity {
  const start = {
    type: 'conversationUpdate',
    id: `${conversationId}|0000000`,
    timestamp: new Date(),
    channelId: 'directline',
    serviceUrl: options.serviceUrl,
    conversation: { id: conversationId },
    from: { ...user, role: 'user' },
    recipient: { id: options.botId, role: 'bot' },
    membersAdded: [{ id: options.botId }, user],
    ...(options.locale !== undefined && { locale: options.locale }),
  };
  // botbuilder's Activity demands properties that no channel sends with a conversationUpdate.
  return start as unknown as Activity;
}

function withoutChannelProperties(activity: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(activity).filter(([name, value]) => !channelProperties.includes(name) && value !== undefined));
}

function withoutOutboxId(channelData: unknown): { readonly channelData?: unknown } {
  if (channelData === undefined) return {};
  if (typeof channelData !== 'object' || channelData === null || !('outboxId' in channelData)) return { channelData };
  const rest = Object.fromEntries(Object.entries(channelData).filter(([name]) => name !== 'outboxId'));
  return Object.keys(rest).length > 0 ? { channelData: rest } : {};
}
