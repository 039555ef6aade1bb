import { ChannelConversation, type ConversationType, type ShownActivity } from './channelConversation';
import { isRecord, refuse, refuseActivity } from './channelRules';
import type { FakeIdentity } from './fakeIdentity';
import { startHttpServer, type RecordedRequest, type ServerAnswer } from './httpServer';
import { SendLimiter, type SendLimit } from './sendLimits';

/**
 * What happens to a request in place of the real answer.
 * `drop-before` cuts the connection and nothing is delivered; `drop-after` delivers first; `hang` never answers.
 * A status with `isDelivered` is an error although the message arrived, as a gateway's time-out is.
 */
export type Fault =
  | 'drop-before'
  | 'drop-after'
  | 'hang'
  | {
      readonly status: number;
      /** The header as it is: seconds or an HTTP date. */
      readonly retryAfter?: string;
      readonly code?: string;
      readonly message?: string;
      readonly isDelivered?: boolean;
    };

export interface FakeMember {
  readonly id: string;
  readonly name: string;
  readonly [property: string]: unknown;
}

export interface FakeConnectorOptions {
  /** Outbound calls must carry an access token of this provider. Absent: tokens are not looked at. */
  readonly identity?: FakeIdentity;
  readonly port?: number;
  /** Milliseconds; for the two minutes that a stream may take. */
  readonly now?: () => number;
  readonly minChunkIntervalMs?: number;
  /** What is over them is refused with 429; absent: any pace is taken. */
  readonly sendLimits?: readonly SendLimit[];
  /** Held back before every answer, until the promise resolves. */
  readonly gate?: (request: RecordedRequest) => Promise<void>;
}

export interface FakeConnector {
  /** With a slash at the end, as Teams' are. */
  readonly serviceUrl: string;
  readonly port: number;
  /** Every request, refused ones too, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Opens a conversation with its members; the connector answers 404 for others. Gives the id. */
  open(conversation: { readonly id: string; readonly type?: ConversationType; readonly members?: readonly FakeMember[] }): string;
  addMeeting(id: string, info: unknown): void;
  /** By its `19:…` id; 404 for others. */
  addTeam(id: string, details: { readonly name: string; readonly aadGroupId?: string }): void;
  /** What a person in this conversation would see now: updates, deletes and stream chunks applied. */
  activities(conversationId: string): readonly ShownActivity[];
  /** Faults of the next requests, in order; with `which`, of the next requests of that method, or for which it is true. */
  failNext(faults: readonly Fault[], which?: string | ((request: RecordedRequest) => boolean)): void;
  /** How often a conversation was answered with 429 because of `sendLimits`. */
  refusedForPace(conversationId: string): number;
  stopStream(conversationId: string): void;
  /** Resolves with the first truthy value of `probe`, asked again after each request. Rejects after `limitMs`. */
  waitFor<T>(probe: () => T | undefined | false, limitMs?: number): Promise<T>;
  sockets(): { readonly open: number; readonly peak: number };
  close(): Promise<void>;
}

interface Room {
  readonly conversation: ChannelConversation;
  readonly members: readonly FakeMember[];
}

/** Teams' connector service over real HTTP: keeps conversations, checks every body, records every request, fails on request. */
export async function startFakeConnector(options: FakeConnectorOptions = {}): Promise<FakeConnector> {
  const rooms = new Map<string, Room>();
  const meetings = new Map<string, unknown>();
  const teams = new Map<string, unknown>();
  const requests: RecordedRequest[] = [];
  const faults: { fault: Fault; isMeant: (request: RecordedRequest) => boolean }[] = [];
  const watchers = new Set<() => void>();
  const limiter = new SendLimiter(options.sendLimits ?? [], options.now ?? Date.now);
  let lastId = 1_728_640_934_000;

  const open: FakeConnector['open'] = ({ id, type = 'personal', members = [] }) => {
    const { now = Date.now, minChunkIntervalMs = 0 } = options;
    rooms.set(id, { conversation: new ChannelConversation({ type, now, minChunkIntervalMs, nextId: () => String(++lastId) }), members });
    return id;
  };
  const route = (request: RecordedRequest): ServerAnswer => {
    if (!isAuthorized(request, options.identity)) return refuse(401, 'Unauthorized', 'Authorization has been denied for this request.');
    return answerOf(request, { rooms, meetings, teams, limiter, create: () => open({ id: `a:${++lastId}` }) });
  };
  const takeFault = (request: RecordedRequest): Fault | undefined => {
    const index = faults.findIndex(({ isMeant }) => isMeant(request));
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  };

  const server = await startHttpServer(async (request) => {
    requests.push(request);
    const fault = takeFault(request);
    const answer = fault === undefined ? route(request) : suffer(fault, () => route(request));
    for (const watch of watchers) watch();
    await options.gate?.(request);
    return answer;
  }, options.port);

  const room = (id: string): Room => rooms.get(id) ?? fail(`The conversation ${id} was not opened.`);
  return {
    serviceUrl: `${server.url}/teams/`,
    port: server.port,
    requests,
    open,
    addMeeting: (id, info) => meetings.set(id, info),
    addTeam: (id, details) => teams.set(id, { id, ...details }),
    activities: (id) => room(id).conversation.shown(),
    failNext: (next, which) => {
      const isMeant = typeof which === 'function' ? which : ({ method }: RecordedRequest) => which === undefined || which === method;
      faults.push(...next.map((fault) => ({ fault, isMeant })));
    },
    refusedForPace: (id) => limiter.refused(id),
    stopStream: (id) => room(id).conversation.stopStream(),
    waitFor: (probe, limitMs = 5_000) => watchFor(probe, watchers, limitMs),
    sockets: () => server.sockets(),
    close: () => server.close(),
  };
}

function fail(message: string): never {
  throw new Error(message);
}

function suffer(fault: Fault, deliver: () => ServerAnswer): ServerAnswer {
  if (fault === 'hang') return 'hang';
  if (fault === 'drop-before') return 'drop';
  if (fault === 'drop-after') {
    deliver();
    return 'drop';
  }
  if (fault.isDelivered) deliver();
  const { status, code = `Scripted${fault.status}`, message = 'Scripted.', retryAfter } = fault;
  return { ...refuse(status, code, message), headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } };
}

function isAuthorized(request: RecordedRequest, identity: FakeIdentity | undefined): boolean {
  return !identity || identity.isIssued(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
}

interface Service {
  readonly rooms: ReadonlyMap<string, Room>;
  readonly meetings: ReadonlyMap<string, unknown>;
  readonly teams: ReadonlyMap<string, unknown>;
  readonly limiter: SendLimiter;
  readonly create: () => string;
}

function answerOf(request: RecordedRequest, service: Service): ServerAnswer {
  const [root, folder, version, collection, id, part, itemId, ...rest] = request.path.split('/').map((segment) => decodeURIComponent(segment));
  if (root !== '' || folder !== 'teams' || rest.length > 0) return unknownOperation(request);
  if (version === 'v1' && collection === 'meetings' && id !== undefined) return meetingAnswer(service.meetings.get(id));
  if (version === 'v3' && collection === 'teams' && id !== undefined && part === undefined) return teamAnswer(service.teams.get(id));
  if (version !== 'v3' || collection !== 'conversations') return unknownOperation(request);
  if (id === undefined) return request.method === 'POST' ? { status: 201, body: { id: service.create() } } : unknownOperation(request);
  const room = service.rooms.get(id);
  if (!room) return refuse(404, 'ConversationNotFound', 'Conversation not found.');
  const refusal = part === 'activities' && ['POST', 'PUT'].includes(request.method) ? service.limiter.refuse(id) : undefined;
  if (refusal) return refusal;
  if (part === 'activities') return activityAnswer(request, room, id, itemId);
  return request.method === 'GET' ? memberAnswer(request, room, part, itemId) : unknownOperation(request);
}

const unknownOperation = (request: RecordedRequest): ServerAnswer => refuse(405, 'MethodNotAllowed', `The fake connector has no ${request.method} ${request.path}`);

const meetingAnswer = (info: unknown): ServerAnswer => (info === undefined ? refuse(404, 'MeetingNotFound', 'Meeting not found.') : { status: 200, body: info });

const teamAnswer = (details: unknown): ServerAnswer => (details === undefined ? refuse(404, 'NotFound', 'Team not found.') : { status: 200, body: details });

function activityAnswer(request: RecordedRequest, { conversation }: Room, conversationId: string, activityId: string | undefined): ServerAnswer {
  if (request.method === 'DELETE' && activityId !== undefined) return conversation.delete(activityId);
  const activity = parse(request.text);
  if (!activity) return refuse(400, 'BadSyntax', 'The body is not an activity.');
  const refusal = refuseActivity(request.text, activity, conversationId);
  if (refusal) return refusal;
  if (request.method === 'POST') return conversation.post(activity);
  return request.method === 'PUT' && activityId !== undefined ? conversation.put(activityId, activity) : unknownOperation(request);
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const PAGE_LENGTH = 2; // short, so that a handful of members makes several pages

function memberAnswer(request: RecordedRequest, { members }: Room, part: string | undefined, memberId: string | undefined): ServerAnswer {
  if (part === 'members' && memberId === undefined) return { status: 200, body: members };
  if (part === 'members') {
    const member = members.find((candidate) => candidate.id === memberId);
    return member ? { status: 200, body: member } : refuse(404, 'MemberNotFoundInConversation', 'Member not found.');
  }
  if (part !== 'pagedmembers') return unknownOperation(request);
  const start = Number(request.query.get('continuationToken') ?? 0);
  const end = start + PAGE_LENGTH;
  return { status: 200, body: { members: members.slice(start, end), ...(end < members.length && { continuationToken: String(end) }) } };
}

function watchFor<T>(probe: () => T | undefined | false, watchers: Set<() => void>, limitMs: number): Promise<T> {
  return new Promise((found, failed) => {
    const stop = (): void => {
      clearTimeout(timer);
      watchers.delete(look);
    };
    const look = (): void => {
      try {
        const value = probe();
        if (value === undefined || value === false) return;
        stop();
        found(value);
      } catch (error) {
        stop();
        failed(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const timer = setTimeout(() => {
      stop();
      failed(new Error(`The channel did not show within ${limitMs} ms: ${probe.toString()}`));
    }, limitMs);
    watchers.add(look);
    look();
  });
}
