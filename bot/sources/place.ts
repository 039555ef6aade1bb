import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { tenantOf } from '../turns/keys';

/** Where in Teams a turn happens, as Graph names it. */
export type Place = ChatPlace | ChannelPlace;

interface Shared {
  /** The organization's id in Entra ID. */
  readonly tenantId: string;
  readonly serviceUrl: string;
  /** As the Bot Connector names it. */
  readonly conversationId: string;
  /** Of the Bot Connector; present in meetings. */
  readonly meetingId?: string;
}

export interface ChatPlace extends Shared {
  readonly kind: 'chat';
  readonly chatId: string;
}

export interface ChannelPlace extends Shared {
  readonly kind: 'channel';
  readonly channelId: string;
  /** The message that began the thread; absent: the channel itself. */
  readonly rootId?: string;
  /** As Teams names it; `groupId`: as Entra ID does, where the activity says so. */
  readonly teamId: string;
  readonly groupId?: string;
}

const id = z.string().min(1);
const channelDataShape = z.object({
  team: z.object({ id: id.optional().catch(undefined), aadGroupId: z.guid().optional().catch(undefined) }).optional().catch(undefined),
  channel: z.object({ id }).optional().catch(undefined),
  meeting: z.object({ id }).optional().catch(undefined),
});

/** undefined in one-to-one chats, of which apps are given nothing, and outside of Teams. */
export function placeOf(activity: Partial<Activity>): Place | undefined {
  const { channelId, conversation, serviceUrl } = activity;
  const tenantId = z.guid().safeParse(tenantOf(activity)).data;
  if (channelId !== 'msteams' || !tenantId || !conversation?.id || !serviceUrl) return undefined;
  const { team, channel, meeting } = channelDataShape.safeParse(activity.channelData).data ?? {};
  const [room = '', rootId] = conversation.id.split(';messageid=', 2);
  const shared = { tenantId, serviceUrl, conversationId: room, ...meetingId(room, meeting?.id) };
  if (conversation.conversationType === 'groupChat') return { ...shared, kind: 'chat', chatId: room };
  if (conversation.conversationType !== 'channel') return undefined;
  return { ...shared, kind: 'channel', channelId: channel?.id ?? room, ...(rootId && { rootId }), teamId: team?.id ?? '', ...(team?.aadGroupId && { groupId: team.aadGroupId }) };
}

/** A meeting's chat is named for it, where an activity does not tell: https://learn.microsoft.com/microsoftteams/platform/apps-in-teams-meetings/meeting-apps-apis */
function meetingId(room: string, told: string | undefined): { readonly meetingId?: string } {
  if (told !== undefined) return { meetingId: told };
  return room.startsWith('19:meeting_') ? { meetingId: Buffer.from(`0#${room}#0`).toString('base64') } : {};
}
