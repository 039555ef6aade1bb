import { z } from 'zod';
import { SourceError } from '../error';
import type { Graph } from './client';
import { chatLane, meetingLane } from './pace';
import { chatPermissions, organizationPermissions } from './permissions';

/** A scheduled meeting as Graph finds it. */
export interface MeetingId {
  readonly tenantId: string;
  /** The organizer's id in Entra ID. */
  readonly organizerId: string;
  /** Of the onlineMeeting. */
  readonly meetingId: string;
}

const chatShape = z.object({
  onlineMeetingInfo: z.object({ joinWebUrl: z.string().nullish(), organizer: z.object({ id: z.string().nullish() }).nullish() }).nullish(),
});

const meetingsShape = z.object({ value: z.array(z.object({ id: z.string().min(1) })) });

/**
 * The meeting of a chat, where the channel's own details do not name it: by its address in the chat. Throws SourceError,
 * `not-scheduled` where the chat belongs to no meeting with an invitation.
 * https://learn.microsoft.com/graph/api/chat-get, https://learn.microsoft.com/graph/api/onlinemeeting-get
 */
export async function findMeeting(graph: Graph, { tenantId, chatId }: { readonly tenantId: string; readonly chatId: string }, signal: AbortSignal): Promise<MeetingId> {
  const chat = await graph.json({ tenantId, path: `/chats/${encodeURIComponent(chatId)}`, lane: chatLane(tenantId, chatId), permission: chatPermissions.settings }, chatShape, signal);
  const { joinWebUrl, organizer } = chat.onlineMeetingInfo ?? {};
  if (!joinWebUrl || !organizer?.id) throw new SourceError('not-scheduled', 'The chat belongs to no scheduled meeting.');
  const filter = encodeURIComponent(`JoinWebUrl eq '${joinWebUrl.replaceAll("'", "''")}'`);
  const found = await graph.json({
    tenantId,
    path: `/users/${encodeURIComponent(organizer.id)}/onlineMeetings?$filter=${filter}`,
    lane: meetingLane(tenantId, organizer.id),
    permission: organizationPermissions.meetings,
  }, meetingsShape, signal);
  const [meeting] = found.value;
  if (!meeting) throw new SourceError('meeting-expired', 'Microsoft Graph does not find the meeting of the chat.');
  return { tenantId, organizerId: organizer.id, meetingId: meeting.id };
}
