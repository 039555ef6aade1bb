import type { Activity } from 'botbuilder';
import type { Queries } from '../../state/database';
import type { Source, Sources } from '../../threads/sources';
import type { ConnectorFor } from '../connector/connector';
import { tenantOf } from '../turns/keys';
import { createMemberships, type Memberships } from './memberships';
import { readLog } from './readLog';

export interface SourceServices {
  readonly database: Queries;
  readonly memberships: Memberships;
}

const LOG: Source = { id: 'log', kind: 'log' };

/** What can be read in the conversation of this activity. */
export function sourcesOf(activity: Activity, { database, memberships }: SourceServices): Sources {
  return {
    list: async () => ({ sources: [LOG], problems: [] }),
    read: async (request, _signal, onProgress) => {
      const thread = await readLog(database, activity, request);
      onProgress?.(thread.messages.length);
      return { thread, from: [LOG], problems: [] };
    },
    members: (conversationId = activity.conversation.id) => memberships({ serviceUrl: activity.serviceUrl, tenantId: tenantOf(activity), conversationId: withoutThread(conversationId) }),
  };
}

/** Whoever is in a channel reads all its threads. */
const withoutThread = (conversationId: string): string => conversationId.split(';', 1)[0] ?? '';

/** For hosts that read nothing but their own log. */
export const logServices = (database: Queries, connectorFor: ConnectorFor): SourceServices => ({ database, memberships: createMemberships({ connectorFor }) });
