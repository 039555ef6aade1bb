import { z } from 'zod';
import type { Member, Membership } from '../audience';
import type { Graph } from './client';
import { chatLane } from './pace';
import { chatPermissions } from './permissions';

const memberShape = z.object({ userId: z.string().min(1) });

/**
 * Who is in a chat, by their ids in Entra ID. Members without one (guests of a meeting who did not sign in) make the
 * list incomplete. Throws SourceError. https://learn.microsoft.com/graph/api/chat-list-members
 */
export async function readMembers(graph: Graph, { tenantId, chatId }: { readonly tenantId: string; readonly chatId: string }, signal: AbortSignal): Promise<Membership> {
  const members: Member[] = [];
  let isComplete = true;
  const request = { tenantId, path: `/chats/${encodeURIComponent(chatId)}/members`, lane: chatLane(tenantId, chatId), permission: chatPermissions.members };
  for await (const page of graph.pages(request, signal)) {
    for (const item of page) {
      const { data } = memberShape.safeParse(item);
      if (data) members.push({ id: '', directoryId: data.userId });
      else isComplete = false;
    }
  }
  return { members, isComplete: isComplete && members.length > 0 };
}
