import { randomUUID } from 'node:crypto';
import type { FakeIdentity } from './fakeIdentity';
import { consentRefusal, expandReplies, listMessages, refuseGraph } from './fakeGraphRules';
import type { GraphMessage } from './graphMessages';
import { startHttpServer, type RecordedRequest, type ServerAnswer } from './httpServer';

export interface FakeChat {
  readonly id: string;
  readonly messages?: readonly GraphMessage[];
  readonly members?: readonly { readonly userId: string | null; readonly displayName: string }[];
  /** Permissions that were given when the app was added. Absent: all that it asks for; empty: it was not added. */
  readonly consents?: readonly string[];
  /** The meeting that the chat belongs to. */
  readonly meeting?: { readonly joinWebUrl: string; readonly organizerId: string };
}

export interface FakeChannel {
  readonly teamId: string;
  readonly channelId: string;
  readonly threads: readonly { readonly root: GraphMessage; readonly replies: readonly GraphMessage[] }[];
  readonly consents?: readonly string[];
}

export interface FakeTranscript {
  readonly id: string;
  readonly callId?: string;
  readonly createdDateTime: string;
  readonly endDateTime: string;
  readonly vtt: string;
  /** Without speakers. */
  readonly unattributed?: string;
}

export interface FakeMeeting {
  readonly organizerId: string;
  readonly id: string;
  readonly joinWebUrl?: string;
  readonly transcripts?: readonly FakeTranscript[];
  readonly isExpired?: boolean;
  /** No application access policy names the app for this organizer. */
  readonly withoutPolicy?: boolean;
  readonly consents?: readonly string[];
}

export interface FakeGraphOptions {
  /** Requests must carry a token of this provider; absent: any token. */
  readonly identity?: FakeIdentity;
  /** Milliseconds, for the limits on requests; absent: any pace is taken. */
  readonly now?: () => number;
  /** How many replies come with a post. */
  readonly expandedReplies?: number;
}

export interface FakeGraph {
  /** Without `/v1.0`. */
  readonly url: string;
  /** Every request, refused ones too, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Settings of the organization: https://learn.microsoft.com/microsoftteams/meeting-transcript-api-access */
  readonly tenant: { givesTranscripts: boolean; namesSpeakers: boolean };
  addChat(chat: FakeChat): string;
  addChannel(channel: FakeChannel): void;
  addMeeting(meeting: FakeMeeting): void;
  /** Answers of the next requests, in order, in place of the real ones; with `which` of those for which it is true. */
  failNext(answers: readonly ServerAnswer[], which?: (request: RecordedRequest) => boolean): void;
  /** Next links lead there from now on. */
  misleadTo(nextLink: string | undefined): void;
  /** How often 429 was answered for the pace of requests. */
  refusedForPace(): number;
  close(): Promise<void>;
}

const LIMIT_WINDOW_MS = 1_000;

/** The parts of Microsoft Graph that Parley reads, over real HTTP: keeps to the documented rules, records, fails on request, and throws at what it does not have. */
export async function startFakeGraph(options: FakeGraphOptions = {}): Promise<FakeGraph> {
  const rooms = new Rooms();
  const requests: RecordedRequest[] = [];
  const faults: { answer: ServerAnswer; isMeant: (request: RecordedRequest) => boolean }[] = [];
  const tenant = { givesTranscripts: true, namesSpeakers: true };
  const pace = new RequestLimits(options.now);
  const links = new Map<string, { readonly path: string; readonly query: string; readonly skip: number }>();
  let mislead: string | undefined;

  const server = await startHttpServer((request) => {
    requests.push(request);
    const index = faults.findIndex(({ isMeant }) => isMeant(request));
    const fault = index < 0 ? undefined : faults.splice(index, 1)[0]?.answer;
    if (fault) return fault;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || (options.identity && !options.identity.isIssued(token))) return refuseGraph(401, 'InvalidAuthenticationToken', 'Access token is empty, expired or not for this service.');
    if (request.method !== 'GET') throw new Error(`The fake Graph has no ${request.method} ${request.path}`);
    const linkTo = (path: string, query: string, skip: number): string => {
      const opaque = randomUUID();
      links.set(opaque, { path, query, skip });
      return mislead ?? `${server.url}${path}?$skiptoken=${opaque}`;
    };
    return answer(request, {
      rooms, tenant, pace, links,
      nextLink: (query, skip) => linkTo(request.path, query, skip),
      repliesLink: (path, skip) => linkTo(path, '$top=50', skip),
      expandedReplies: options.expandedReplies ?? 1_000,
    });
  });

  return {
    url: server.url,
    requests,
    tenant,
    addChat: (chat) => rooms.addChat(chat),
    addChannel: (channel) => void rooms.channels.set(`${channel.teamId} ${channel.channelId}`, channel),
    addMeeting: (meeting) => void rooms.meetings.push(meeting),
    failNext: (answers, isMeant = () => true) => void faults.push(...answers.map((each) => ({ answer: each, isMeant }))),
    misleadTo: (link) => void (mislead = link),
    refusedForPace: () => pace.refusals,
    close: () => server.close(),
  };
}

class Rooms {
  readonly chats = new Map<string, FakeChat>();
  readonly channels = new Map<string, FakeChannel>();
  readonly meetings: FakeMeeting[] = [];

  addChat(chat: FakeChat): string {
    this.chats.set(chat.id, chat);
    return chat.id;
  }
}

/** https://learn.microsoft.com/graph/throttling-limits#microsoft-teams-service-limits */
class RequestLimits {
  private readonly times = new Map<string, number[]>();
  refusals = 0;

  constructor(private readonly now: (() => number) | undefined) {}

  refuse(key: string, perSecond: number): ServerAnswer | undefined {
    if (!this.now) return undefined;
    const at = this.now();
    const recent = (this.times.get(key) ?? []).filter((time) => at - time < LIMIT_WINDOW_MS);
    this.times.set(key, [...recent, at]);
    if (recent.length < perSecond) return undefined;
    this.refusals += 1;
    return { ...refuseGraph(429, 'TooManyRequests', 'Too Many Requests'), headers: { 'retry-after': '1' } };
  }
}

export interface GraphCall {
  readonly rooms: Rooms;
  readonly tenant: FakeGraph['tenant'];
  readonly pace: RequestLimits;
  readonly links: ReadonlyMap<string, { readonly path: string; readonly query: string; readonly skip: number }>;
  readonly nextLink: (query: string, skip: number) => string;
  readonly repliesLink: (path: string, skip: number) => string;
  readonly expandedReplies: number;
}

function answer(request: RecordedRequest, call: GraphCall): ServerAnswer {
  const [, version, collection, id = '', part, ...rest] = request.path.split('/').map((segment) => decodeURIComponent(segment));
  if (version === 'v1.0' && collection === 'chats') return chatAnswer(request, call, { id, part, rest });
  if (version === 'v1.0' && collection === 'teams' && part === 'channels') return channelAnswer(request, call, id, rest);
  if (version === 'v1.0' && collection === 'users' && part === 'onlineMeetings') return meetingAnswer(request, call, id, rest);
  throw new Error(`The fake Graph does not have ${request.path}`);
}

interface Address {
  readonly id: string;
  readonly part: string | undefined;
  readonly rest: readonly string[];
}

function chatAnswer(request: RecordedRequest, call: GraphCall, { id, part, rest }: Address): ServerAnswer {
  const refusal = call.pace.refuse(`chat ${id}`, 1);
  if (refusal) return refusal;
  const chat = call.rooms.chats.get(id);
  if (!chat) return refuseGraph(404, 'NotFound', 'NotFound');
  if (rest.length > 0) throw new Error(`The fake Graph does not have ${request.path}`);
  if (part === undefined) return consentRefusal(chat.consents, 'ChatSettings.Read.Chat') ?? { status: 200, body: { id, topic: null, chatType: 'meeting', onlineMeetingInfo: chat.meeting ? { calendarEventId: null, joinWebUrl: chat.meeting.joinWebUrl, organizer: { id: chat.meeting.organizerId, displayName: null, userIdentityType: 'aadUser' } } : null } };
  if (part === 'members') return consentRefusal(chat.consents, 'ChatMember.Read.Chat') ?? { status: 200, body: { value: (chat.members ?? []).map((member) => ({ '@odata.type': '#microsoft.graph.aadUserConversationMember', id: `membership-${member.displayName}`, roles: [], ...member })) } };
  if (part !== 'messages') throw new Error(`The fake Graph does not have ${request.path}`);
  return consentRefusal(chat.consents, 'ChatMessage.Read.Chat') ?? listMessages(request, call, chat.messages ?? [], 'chat');
}

function channelAnswer(request: RecordedRequest, call: GraphCall, teamId: string, [channelId = '', messages, rootId, replies]: readonly string[]): ServerAnswer {
  const refusal = call.pace.refuse(`team ${teamId}`, 4);
  if (refusal) return refusal;
  const channel = call.rooms.channels.get(`${teamId} ${channelId}`);
  if (!channel) return refuseGraph(404, 'NotFound', 'No team found with Group Id');
  if (messages !== 'messages') throw new Error(`The fake Graph does not have ${request.path}`);
  const withheld = consentRefusal(channel.consents, 'ChannelMessage.Read.Group');
  if (withheld) return withheld;
  if (rootId === undefined) return listMessages(request, call, channel.threads.map((thread) => expandReplies(request, call, thread)), 'channel');
  const thread = channel.threads.find(({ root }) => root.id === rootId);
  if (!thread) return refuseGraph(404, 'NotFound', 'NotFound');
  if (replies === undefined) return { status: 200, body: thread.root };
  return listMessages(request, call, thread.replies, 'replies');
}

function meetingAnswer(request: RecordedRequest, call: GraphCall, organizerId: string, [meetingId, transcripts, transcriptId, content]: readonly string[]): ServerAnswer {
  if (meetingId === undefined) return findMeetings(request, call, organizerId);
  const meeting = call.rooms.meetings.find((each) => each.organizerId === organizerId && each.id === meetingId);
  if (!meeting || meeting.isExpired) return refuseGraph(404, 'NotFound', 'The requested meeting is not found or has expired.');
  const refusal = refuseTranscripts(meeting, call);
  if (transcripts !== 'transcripts') throw new Error(`The fake Graph does not have ${request.path}`);
  if (refusal) return refusal;
  if (transcriptId === undefined) return listTranscripts(request, call, meeting);
  const transcript = meeting.transcripts?.find(({ id }) => id === transcriptId);
  if (!transcript || content !== 'content') return refuseGraph(404, 'NotFound', 'NotFound');
  return contentOf(request, transcript, call.tenant.namesSpeakers);
}

function refuseTranscripts({ consents, withoutPolicy }: FakeMeeting, { tenant }: GraphCall): ServerAnswer | undefined {
  if (!tenant.givesTranscripts) return refuseGraph(403, 'Forbidden', 'Access to transcripts is turned off.', 'GraphAccessToTranscriptsDisabled');
  const isOrganizationWide = consents?.includes('OnlineMeetingTranscript.Read.All') ?? false;
  const withheld = isOrganizationWide ? undefined : consentRefusal(consents, 'OnlineMeetingTranscript.Read.Chat');
  if (withheld) return withheld;
  return withoutPolicy ? refuseGraph(403, 'Forbidden', 'No application access policy found for this app: 0 on the user.') : undefined;
}

function findMeetings(request: RecordedRequest, { rooms }: GraphCall, organizerId: string): ServerAnswer {
  const url = /^JoinWebUrl eq '(.*)'$/.exec(request.query.get('$filter') ?? '')?.[1]?.replaceAll("''", "'");
  if (url === undefined) return refuseGraph(400, 'BadRequest', 'Filter expression expected - /onlineMeetings?$filter=JoinWebUrl eq');
  return { status: 200, body: { value: rooms.meetings.filter((meeting) => meeting.organizerId === organizerId && meeting.joinWebUrl === url && !meeting.isExpired).map(({ id, joinWebUrl }) => ({ id, joinWebUrl })) } };
}

/** Short pages, so that a handful of transcripts makes several. */
const TRANSCRIPTS_PAGE = 2;

function listTranscripts(request: RecordedRequest, { links, nextLink }: GraphCall, { transcripts = [], id, organizerId }: FakeMeeting): ServerAnswer {
  const token = request.query.get('$skiptoken');
  const link = token === null ? undefined : links.get(token);
  if (token !== null && !link) return refuseGraph(400, 'BadRequest', 'The skip token is not known.');
  const skip = link?.skip ?? 0;
  const value = transcripts.slice(skip, skip + TRANSCRIPTS_PAGE).map(({ id: transcriptId, callId, createdDateTime, endDateTime }) => ({
    id: transcriptId, meetingId: id, callId, contentCorrelationId: randomUUID(), createdDateTime, endDateTime, meetingOrganizer: { user: { id: organizerId, displayName: null } },
  }));
  const hasMore = skip + TRANSCRIPTS_PAGE < transcripts.length;
  return { status: 200, body: { '@odata.count': value.length, value, ...(hasMore && { '@odata.nextLink': nextLink('', skip + TRANSCRIPTS_PAGE) }) } };
}

/** https://learn.microsoft.com/graph/api/calltranscript-get */
function contentOf(request: RecordedRequest, transcript: FakeTranscript, namesSpeakers: boolean): ServerAnswer {
  const accepted = request.query.get('$format') ?? request.headers.accept;
  if (accepted === 'application/vnd.microsoft.graph.transcript+text') return { status: 200, headers: { 'content-type': accepted }, text: transcript.unattributed ?? '' };
  if (accepted !== 'text/vtt') return refuseGraph(400, 'BadRequest', 'The requested format is not supported.');
  if (!namesSpeakers) return refuseGraph(403, 'Forbidden', 'Speaker attribution is turned off.', 'SpeakerAttributionNotAllowed');
  return { status: 200, headers: { 'content-type': 'text/vtt' }, text: transcript.vtt };
}

