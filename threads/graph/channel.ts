import { z } from 'zod';
import type { MessageContext } from './chatMessage';
import type { Graph, GraphRequest } from './client';
import { Collection, type Window } from './collect';
import { teamLane } from './pace';
import { partly, type Partly } from './partly';
import { teamPermissions } from './permissions';

export interface ChannelRequest extends Window {
  readonly tenantId: string;
  /** The team's group in Entra ID; not its `19:…` id. */
  readonly teamId: string;
  readonly channelId: string;
  /** The message that began the thread; absent: the whole channel. */
  readonly rootId?: string | undefined;
  readonly context: MessageContext;
  readonly limit: number;
  readonly onProgress?: ((messages: number) => void) | undefined;
}

/**
 * A thread of a channel, or the newest threads of all, oldest message first; see readChat for what is given and thrown.
 * https://learn.microsoft.com/graph/api/chatmessage-list-replies, https://learn.microsoft.com/graph/api/channel-list-messages
 */
export function readChannel(graph: Graph, request: ChannelRequest, signal: AbortSignal): Promise<Partly> {
  const collection = new Collection(request.context, request);
  const { rootId } = request;
  return partly(collection, request.limit, () => (rootId === undefined ? collectChannel(graph, request, collection, signal) : collectThread(graph, request, rootId, { collection, signal })));
}

interface Reading {
  readonly collection: Collection;
  readonly signal: AbortSignal;
}

/** The list of replies does not hold what they reply to. */
async function collectThread(graph: Graph, request: ChannelRequest, rootId: string, { collection, signal }: Reading): Promise<void> {
  const root = `/${encodeURIComponent(rootId)}`;
  collection.add(await graph.json(toGraphRequest(request, root), z.unknown(), signal));
  await collectReplies(graph.pages(toGraphRequest(request, `${root}/replies?$top=50`), signal), request, collection);
}

async function collectReplies(pages: AsyncIterable<readonly unknown[]>, request: ChannelRequest, collection: Collection): Promise<void> {
  for await (const page of pages) {
    for (const item of page) collection.add(item); // in no order that is documented: all of them
    request.onProgress?.(collection.size);
    if (collection.size < request.limit) continue;
    collection.hasEarlier = true;
    return;
  }
}

const postShape = z.object({ replies: z.array(z.unknown()).nullish(), 'replies@odata.nextLink': z.string().nullish() });

/** Posts come with their replies, up to 1,000 of each; there is no filter. */
async function collectChannel(graph: Graph, request: ChannelRequest, collection: Collection, signal: AbortSignal): Promise<void> {
  const listed = toGraphRequest(request, '?$top=50&$expand=replies');
  for await (const page of graph.pages(listed, signal)) {
    const newest = await collectPosts(graph, request, page, { collection, signal });
    request.onProgress?.(collection.size);
    if (collection.isBefore(newest)) return; // posts come by their last reply, the newest first
    if (collection.size < request.limit) continue;
    collection.hasEarlier = true;
    return;
  }
}

/** Gives the time of the newest message. */
async function collectPosts(graph: Graph, request: ChannelRequest, posts: readonly unknown[], { collection, signal }: Reading): Promise<number | undefined> {
  const times: number[] = [];
  const add = (item: unknown): void => {
    const at = collection.add(item);
    if (at !== undefined) times.push(at);
  };
  for (const post of posts) {
    add(post);
    const { replies, 'replies@odata.nextLink': next } = postShape.parse(post);
    for (const reply of replies ?? []) add(reply);
    if (next) await collectReplies(graph.pagesFrom(next, toGraphRequest(request, ''), signal), request, collection);
  }
  return times.length === 0 ? undefined : Math.max(...times);
}

function toGraphRequest({ tenantId, teamId, channelId }: ChannelRequest, more: string): GraphRequest {
  return {
    tenantId,
    path: `/teams/${encodeURIComponent(teamId)}/channels/${encodeURIComponent(channelId)}/messages${more}`,
    lane: teamLane(tenantId, teamId),
    permission: teamPermissions.messages,
  };
}
