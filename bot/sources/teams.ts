import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { SourceError } from '../../threads/error';
import { readChannel } from '../../threads/graph/channel';
import { readChat } from '../../threads/graph/chat';
import type { MessageContext } from '../../threads/graph/chatMessage';
import type { Graph } from '../../threads/graph/client';
import { findMeeting, type MeetingId } from '../../threads/graph/meeting';
import type { Partly } from '../../threads/graph/partly';
import { chatPermissions, organizationPermissions, teamPermissions } from '../../threads/graph/permissions';
import { listOccurrences, readOccurrence, type Occurrence, type Spoken } from '../../threads/graph/transcripts';
import type { Window } from '../../threads/graph/collect';
import { channelOf } from '../channels';
import { ConnectorError, type Connector, type MeetingInfo } from '../connector/connector';
import { userKey } from '../turns/keys';
import { isTeamsUrl } from './links';
import type { ChannelPlace, Place } from './place';
import { within } from './within';

/** Reads one place in Teams, for one turn. Everything throws SourceError. */
export interface TeamsReader {
  readonly place: Place;
  /** What was written: the chat, or the thread of the channel. */
  written(request: Window & { readonly limit: number }, signal: AbortSignal, onProgress?: (messages: number) => void): Promise<Partly>;
  /** The meeting of this place, and when it was transcribed. */
  meeting(signal: AbortSignal): Promise<TeamsMeeting>;
  /** What was said in one occurrence of it. */
  spoken(meeting: TeamsMeeting, occurrence: Occurrence, signal: AbortSignal): Promise<Spoken>;
  /** The same reason, or a nearer one that the channel knows. */
  explain(error: SourceError): Promise<SourceError>;
}

export interface TeamsMeeting {
  readonly id: MeetingId;
  readonly title: string | undefined;
  /** What reading its transcripts needs. */
  readonly permission: string;
  /** Newest first. */
  readonly occurrences: readonly Occurrence[];
}

export interface TeamsReaderOptions {
  readonly graph: Graph;
  readonly connector: Connector;
  readonly appId: string;
  readonly activity: Activity;
  readonly place: Place;
}

export function createTeamsReader(options: TeamsReaderOptions): TeamsReader {
  const { graph, activity, place, connector } = options;
  const context = contextOf(activity, options.appId);
  return {
    place,
    written: async ({ since, until, limit }, signal, onProgress) => {
      const { tenantId } = place;
      if (place.kind === 'chat') return readChat(graph, { tenantId, chatId: place.chatId, context, since, until, limit, onProgress }, signal);
      const teamId = await within(groupIdOf(place, connector), signal, tooLate);
      return readChannel(graph, { tenantId, teamId, channelId: place.channelId, rootId: place.rootId, context, since, until, limit, onProgress }, signal);
    },
    meeting: (signal) => readMeeting(options, signal),
    spoken: ({ id, permission }, occurrence, signal) => readOccurrence(graph, id, occurrence, permission, signal),
    explain: (error) => explain(error, options),
  };
}

/** People and bots are called as in the bot's own log, so that both go together. */
function contextOf(activity: Activity, appId: string): MessageContext {
  const named = (from: object): string => userKey({ ...activity, from } as Partial<Activity>); // whose key is asked for is no account of the SDK
  const isChannel = activity.conversation.conversationType === 'channel';
  return {
    appId,
    authorId: (of) => named('appId' in of ? { id: `28:${of.appId}` } : { aadObjectId: of.directoryId }),
    linkTo: (messageId, webUrl) => (isChannel && webUrl !== undefined && isTeamsUrl(webUrl) ? webUrl : channelOf(activity).linkTo(activity, messageId)),
  };
}

/** Graph knows a team by its group. */
async function groupIdOf({ groupId, teamId }: ChannelPlace, connector: Connector): Promise<string> {
  if (groupId !== undefined) return groupId;
  const team = await connector.team(teamId).catch(toNothing);
  if (!team?.aadGroupId) throw new SourceError('not-installed', 'Teams does not tell the group of the team.');
  return team.aadGroupId;
}

const detailsShape = z.object({ msGraphResourceId: z.string().min(1).optional().catch(undefined), type: z.string().optional().catch(undefined), title: z.string().optional().catch(undefined) });

/** Meetings without an invitation: https://learn.microsoft.com/microsoftteams/platform/apps-in-teams-meetings/meeting-apps-apis */
const CALLS = new Set(['onetoonecall', 'groupcall', 'adhoc', 'meetnow']);

async function readMeeting({ graph, connector, place }: TeamsReaderOptions, signal: AbortSignal): Promise<TeamsMeeting> {
  const permission = place.kind === 'channel' ? organizationPermissions.transcripts : chatPermissions.transcripts;
  const { id, title } = await identify(graph, connector, place, signal);
  return { id, title, permission, occurrences: await listOccurrences(graph, id, permission, signal) };
}

async function identify(graph: Graph, connector: Connector, place: Place, signal: AbortSignal): Promise<{ readonly id: MeetingId; readonly title: string | undefined }> {
  const told = place.meetingId === undefined ? undefined : await within(connector.meeting(place.meetingId).catch(toFailure), signal, tooLate);
  if (told instanceof ConnectorError && told.code === 'gone') throw new SourceError('meeting-expired', 'Teams does not know the meeting any more.', { cause: told });
  const known = told === undefined || told instanceof ConnectorError ? undefined : fromDetails(told, place.tenantId);
  if (known?.id) return { id: known.id, title: known.title };
  try {
    if (place.kind === 'channel') throw new SourceError('not-scheduled', 'Teams does not tell the meeting of the channel.');
    return { id: await findMeeting(graph, place, signal), title: known?.title };
  } catch (error) {
    // what the channel refused is what the app can be given in this chat: looking the meeting up wants more than that
    const isRefused = told instanceof ConnectorError && told.code === 'blocked';
    throw isRefused ? new SourceError('consent-missing', 'Teams does not tell the details of the meeting.', { permission: place.kind === 'channel' ? teamPermissions.meeting : chatPermissions.meeting, cause: error }) : error;
  }
}

/** Throws SourceError `not-scheduled` for calls. */
function fromDetails({ details, organizer }: MeetingInfo, tenantId: string): { readonly id: MeetingId | undefined; readonly title: string | undefined } {
  const { msGraphResourceId: meetingId, type, title } = detailsShape.parse(details);
  if (meetingId !== undefined && organizer?.aadObjectId) return { id: { tenantId, organizerId: organizer.aadObjectId, meetingId }, title };
  if (CALLS.has(type?.toLowerCase() ?? '')) throw new SourceError('not-scheduled', 'A call has no transcript to ask for.');
  return { id: undefined, title };
}

const tooLate = (): never => {
  throw new SourceError('timeout', 'The channel did not answer in time.');
};

const EXPLAIN_LIMIT_MS = 5_000;

/** Graph refuses alike where the app was not added and where it was not given the permission: the channel tells which. */
async function explain(error: SourceError, { connector, place, activity }: TeamsReaderOptions): Promise<SourceError> {
  if (error.code !== 'consent-missing') return error;
  const asked = connector.member(place.conversationId, activity.from.id).then(() => undefined, toFailure);
  const failure = await within(asked, AbortSignal.timeout(EXPLAIN_LIMIT_MS), () => undefined);
  const isOut = failure !== undefined && (failure.code === 'blocked' || (failure.code === 'gone' && failure.details.serviceCode !== 'MemberNotFoundInConversation'));
  return isOut ? new SourceError('not-installed', error.message, { cause: error }) : error;
}

function toFailure(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  throw error;
}

function toNothing(error: unknown): undefined {
  toFailure(error);
}
