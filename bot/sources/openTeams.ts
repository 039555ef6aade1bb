import type { Logger } from 'pino';
import { unknownMembership, type Membership } from '../../threads/audience';
import { createGraph, type Graph, type GraphOptions } from '../../threads/graph/client';
import { readMembers } from '../../threads/graph/members';
import type { Config } from '../config';
import { createGraphToken } from './graphToken';
import type { Room } from './memberships';

/** Microsoft Graph as tests replace it. */
export interface GraphEdges {
  /** Without a slash at the end. */
  readonly graphUrl?: string;
  readonly graphClock?: GraphOptions['clock'];
  /** Entra ID, without a slash at the end. */
  readonly authorityUrl?: string;
}

export interface TeamsAccess {
  readonly graph: Graph;
  readonly appId: string;
}

/** What Teams gives the bot to read, by its own identity; undefined where it has none. Nothing is asked before somebody wants it. */
export function openTeams({ identity, cloud }: Config, edges: GraphEdges, { signal, log }: { readonly signal: AbortSignal; readonly log: Logger }): TeamsAccess | undefined {
  if (identity.kind === 'none') return undefined;
  const { graphUrl = cloud.graphUrl, graphClock: clock, authorityUrl } = edges;
  const token = createGraphToken({ identity, cloud, signal, log, ...(authorityUrl !== undefined && { authorityUrl }) });
  const graph = createGraph({ url: graphUrl, token, ...(clock && { clock }), onRepeat: (facts) => log.warn(facts, 'a call to Microsoft Graph is repeated') });
  return { graph, appId: identity.appId };
}

const MEMBERS_LIMIT_MS = 10_000;

/** Who is in a chat, where the channel does not tell. Rejects with SourceError. */
export const membersByGraph = (graph: Graph) => async ({ tenantId, conversationId }: Room): Promise<Membership> => {
  if (tenantId === undefined || !conversationId.endsWith('@thread.v2')) return unknownMembership; // a channel's readers are its team's, or some of them
  return readMembers(graph, { tenantId, chatId: conversationId }, AbortSignal.timeout(MEMBERS_LIMIT_MS));
};
