import type { ChannelAccount } from 'botbuilder';
import { z } from 'zod';
import { ConnectorError, type Connector } from './connector';
import type { ChannelRequest } from './exchange';

/** Makes a call and gives the text of the answer. Throws ConnectorError. */
export type Call = (request: Omit<ChannelRequest, 'headers'>) => Promise<string>;

export interface Calls {
  readonly once: Call;
  /** Where that is safe. */
  readonly repeatedly: Call;
}

/**
 * The operations of the Bot Connector REST API 3.0 that we use, at one service URL (with or without the last slash).
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
 */
export function connectorAt(serviceUrl: string, { once, repeatedly }: Calls): Connector {
  const { origin, prefix } = parseServiceUrl(serviceUrl);
  const request = (method: ChannelRequest['method'], path: string, body?: unknown): Omit<ChannelRequest, 'headers'> =>
    ({ method, origin, path: prefix + path, body: body === undefined ? undefined : JSON.stringify(body) });
  const get = async <T>(path: string, shape: z.ZodType<T>): Promise<T> => parseAnswer(shape, await repeatedly(request('GET', path)));

  return {
    send: async (conversationId, activity) => {
      const reply = activity.replyToId ? `/${segment(activity.replyToId)}` : '';
      return readId(await once(request('POST', `${conversation(conversationId)}/activities${reply}`, activity)));
    },
    update: async (conversationId, activityId, activity) => {
      await once(request('PUT', `${conversation(conversationId)}/activities/${segment(activityId)}`, activity));
    },
    delete: async (conversationId, activityId) => {
      await repeatedly(request('DELETE', `${conversation(conversationId)}/activities/${segment(activityId)}`));
    },
    members: (conversationId) => allMembers(conversation(conversationId), get),
    member: (conversationId, memberId) => get(`${conversation(conversationId)}/members/${segment(memberId)}`, memberShape),
    meeting: (meetingId) => get(`/v1/meetings/${segment(meetingId)}`, meetingShape),
    team: (teamId) => get(`/v3/teams/${segment(teamId)}`, teamShape),
    createConversation: async (parameters) => readId(await repeatedly(request('POST', '/v3/conversations', parameters))),
  };
}

function parseServiceUrl(serviceUrl: string): { origin: string; prefix: string } {
  const url = URL.canParse(serviceUrl) ? new URL(serviceUrl) : undefined;
  if (!url?.protocol.startsWith('http')) throw new ConnectorError('bad-request', 'The service URL of the conversation is not an http address.');
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

const conversation = (conversationId: string): string => `/v3/conversations/${segment(conversationId)}`;

/** An id as one segment of a path. An empty or dotted one would address something else. */
function segment(id: string): string {
  if (/^\.{0,2}$/.test(id)) throw new ConnectorError('bad-request', 'An id that the call needs is missing.');
  return encodeURIComponent(id);
}

const idShape = z.object({ id: z.string() });

/** Teams answers later stream chunks with `{}`; other channels answer with nothing. */
function readId(text: string): string {
  if (text === '') return '';
  try {
    return idShape.safeParse(JSON.parse(text)).data?.id ?? '';
  } catch {
    // The service took the message: an answer that is not JSON only costs us its id.
    return '';
  }
}

function parseAnswer<T>(shape: z.ZodType<T>, text: string): T {
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new ConnectorError('unavailable', 'The answer of the channel cannot be read.', { cause: error });
  }
}

/** Teams says `objectId` in some answers and `aadObjectId` in others. */
const memberShape: z.ZodType<ChannelAccount> = z
  .looseObject({ id: z.string(), name: z.string().nullish(), aadObjectId: z.string().nullish(), objectId: z.string().nullish() })
  .transform(({ name, aadObjectId, objectId, ...rest }) => {
    const directoryId = aadObjectId ?? objectId;
    return { ...rest, name: name ?? '', ...(directoryId && { aadObjectId: directoryId, objectId: directoryId }) };
  });

const membersShape = z.array(memberShape);
const pageShape = z.object({ members: membersShape.nullish(), continuationToken: z.string().nullish() });

const PAGE_SIZE = 500;
const MAX_PAGES = 100;

async function allMembers(path: string, get: <T>(path: string, shape: z.ZodType<T>) => Promise<T>): Promise<readonly ChannelAccount[]> {
  const members: ChannelAccount[] = [];
  let token: string | null | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = `pageSize=${PAGE_SIZE}${token ? `&continuationToken=${encodeURIComponent(token)}` : ''}`;
    const answer = await get(`${path}/pagedmembers?${query}`, pageShape).catch(async (error: unknown) => {
      if (page > 0 || !isUnknownOperation(error)) throw error;
      return { members: await get(`${path}/members`, membersShape), continuationToken: undefined };
    });
    members.push(...(answer.members ?? []));
    token = answer.continuationToken;
    if (!token) break;
  }
  return members;
}

/** Channels other than Teams may know the unpaged operation only. */
const isUnknownOperation = (error: unknown): boolean =>
  error instanceof ConnectorError && [404, 405, 501].includes(error.details.status ?? 0);

const meetingShape = z.object({
  details: z.looseObject({ id: z.string().optional() }),
  conversation: z.looseObject({ id: z.string() }).optional(),
  organizer: z.looseObject({ id: z.string(), aadObjectId: z.string().optional(), tenantId: z.string().optional() }).optional(),
});

const teamShape = z.looseObject({ aadGroupId: z.string().optional().catch(undefined) });
