import type { Activity } from 'botbuilder';
import type { Queries } from '../../state/database';
import type { SourceError } from '../../threads/error';
import type { Graph } from '../../threads/graph/client';
import type { Source, Sources } from '../../threads/sources';
import type { ConnectorFor } from '../connector/connector';
import { tenantOf } from '../turns/keys';
import { createMemberships, type Memberships } from './memberships';
import { placeOf } from './place';
import { LOG, readMeeting, readWritten, toProblem, transcriptSource, writtenSource, type Asked } from './read';
import { createTeamsReader, type TeamsReader } from './teams';

export interface SourceServices {
  readonly database: Queries;
  readonly connectorFor: ConnectorFor;
  readonly memberships: Memberships;
  /** Absent: the bot has no identity that Teams would give anything to. */
  readonly teams?: { readonly graph: Graph; readonly appId: string; readonly readLimitMs?: number };
}

/** For hosts that read nothing but their own log. */
export const logServices = (database: Queries, connectorFor: ConnectorFor): SourceServices => ({ database, connectorFor, memberships: createMemberships({ connectorFor }) });

/** Of the time that a turn has: the rest is for the answer. */
const READ_LIMIT_MS = 45_000;

/** What can be read in the conversation of this activity. */
export function sourcesOf(activity: Activity, services: SourceServices): Sources {
  let known: { readonly reader: TeamsReader | undefined } | undefined; // most turns read nothing
  const readerHere = (): TeamsReader | undefined => (known ??= { reader: readerOf(activity, services) }).reader;
  const limited = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(services.teams?.readLimitMs ?? READ_LIMIT_MS)]);
  return {
    list: async (signal) => {
      const reader = readerHere();
      const { transcripts, problems } = reader ? await listTranscripts(reader, limited(signal)) : { transcripts: [], problems: [] };
      signal.throwIfAborted();
      return { sources: [...transcripts, ...(reader ? [writtenSource(reader)] : []), LOG], problems };
    },
    read: async (request, signal, onProgress) => {
      const reader = readerHere();
      const asked: Asked = { activity, database: services.database, reader, request, signal: limited(signal), onProgress };
      const found = await (request.of === 'meeting' && reader?.place.meetingId !== undefined ? readMeeting(asked, reader) : readWritten(asked));
      signal.throwIfAborted();
      return found;
    },
    members: (conversationId = activity.conversation.id) =>
      services.memberships({ serviceUrl: activity.serviceUrl, tenantId: tenantOf(activity), conversationId: withoutThread(conversationId) }),
  };
}

/** Whoever is in a channel reads all its threads. */
const withoutThread = (conversationId: string): string => conversationId.split(';', 1)[0] ?? '';

function readerOf(activity: Activity, { teams, connectorFor }: SourceServices): TeamsReader | undefined {
  const place = teams && placeOf(activity);
  return place && createTeamsReader({ ...teams, connector: connectorFor(activity.serviceUrl), activity, place });
}

async function listTranscripts(reader: TeamsReader, signal: AbortSignal): Promise<{ readonly transcripts: readonly Source[]; readonly problems: readonly SourceError[] }> {
  if (reader.place.meetingId === undefined) return { transcripts: [], problems: [] };
  try {
    const { occurrences } = await reader.meeting(signal);
    return { transcripts: occurrences.map(transcriptSource), problems: [] };
  } catch (error) {
    return { transcripts: [], problems: [await reader.explain(toProblem(error))] };
  }
}
