import type { MessageContext } from './chatMessage';
import type { Graph, GraphRequest } from './client';
import { Collection, type Window } from './collect';
import { partly, type Partly } from './partly';
import { chatLane } from './pace';
import { chatPermissions } from './permissions';

export interface ChatRequest extends Window {
  readonly tenantId: string;
  readonly chatId: string;
  readonly context: MessageContext;
  /** Messages at most, the newest. */
  readonly limit: number;
  readonly onProgress?: ((messages: number) => void) | undefined;
}

/**
 * The messages of a chat, oldest first. Graph gives the newest first, 50 at once; what was read when it ends is given with
 * the reason. Throws SourceError where it gives nothing.
 * https://learn.microsoft.com/graph/api/chat-list-messages
 */
export function readChat(graph: Graph, request: ChatRequest, signal: AbortSignal): Promise<Partly> {
  const collection = new Collection(request.context, request);
  return partly(collection, request.limit, () => collectChat(graph, request, collection, signal));
}

async function collectChat(graph: Graph, request: ChatRequest, collection: Collection, signal: AbortSignal): Promise<void> {
  for await (const page of graph.pages(toGraphRequest(request), signal)) {
    const times = page.map((item) => collection.add(item));
    request.onProgress?.(collection.size);
    if (collection.isBefore(times.at(-1))) return;
    if (collection.size >= request.limit) {
      collection.hasEarlier = true;
      return;
    }
  }
}

/** A filter counts only beside an order by the same property, and `createdDateTime` knows "before" alone: "since" is where we stop. */
function toGraphRequest({ tenantId, chatId, until }: ChatRequest): GraphRequest {
  const filter = until === undefined ? '' : `&$filter=${encodeURIComponent(`createdDateTime lt ${new Date(until).toISOString()}`)}`;
  return {
    tenantId,
    path: `/chats/${encodeURIComponent(chatId)}/messages?$top=50&$orderby=${encodeURIComponent('createdDateTime desc')}${filter}`,
    lane: chatLane(tenantId, chatId),
    permission: chatPermissions.messages,
  };
}

