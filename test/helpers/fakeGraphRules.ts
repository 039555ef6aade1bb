import type { GraphCall } from './fakeGraph';
import type { GraphMessage } from './graphMessages';
import type { RecordedRequest, ServerAnswer } from './httpServer';

export function refuseGraph(status: number, code: string, message: string, innerCode?: string): Exclude<ServerAnswer, string> {
  const innerError = { ...(innerCode !== undefined && { code: innerCode }), date: '2026-11-30T10:00:00', 'request-id': 'fake', 'client-request-id': 'fake' };
  return { status, body: { error: { code, message, innerError } } };
}

/** Graph answers an app that was not added as one that lacks the permission. */
export function consentRefusal(consents: readonly string[] | undefined, permission: string): ServerAnswer | undefined {
  if (consents === undefined || consents.includes(permission)) return undefined;
  return refuseGraph(403, 'Forbidden', `Missing role permissions on the request. API requires one of '${permission}'. Roles on the request ''. Resource specific consent grants on the request '${consents.join(', ')}'.`);
}

type List = 'chat' | 'channel' | 'replies';

/** What each list takes: https://learn.microsoft.com/graph/api/chat-list-messages, channel-list-messages, chatmessage-list-replies */
const allowedOptions: Readonly<Record<List, readonly string[]>> = {
  chat: ['$top', '$orderby', '$filter', '$skiptoken'],
  channel: ['$top', '$expand', '$skiptoken'],
  replies: ['$top', '$skiptoken'],
};

const MAX_PAGE = 50;
const DEFAULT_PAGE = 20;

/** One page, the newest first; the next link is opaque and holds everything that was asked for. */
export function listMessages(request: RecordedRequest, call: GraphCall, all: readonly GraphMessage[], list: List): ServerAnswer {
  const token = request.query.get('$skiptoken');
  const link = token === null ? undefined : call.links.get(token);
  if (token !== null && (!link || link.path !== request.path)) return refuseGraph(400, 'BadRequest', 'The skip token is not known.');
  const query = link ? new URLSearchParams(link.query) : request.query;
  const refusal = refuseOptions(query, list);
  if (refusal) return refusal;
  const top = Number(query.get('$top') ?? DEFAULT_PAGE);
  const order = query.get('$orderby') ?? 'lastModifiedDateTime desc';
  const sorted = all.filter(filterOf(query.get('$filter'), order)).toSorted((one, other) => keyOf(other, order).localeCompare(keyOf(one, order)));
  const skip = link?.skip ?? 0;
  const value = sorted.slice(skip, skip + top);
  const hasMore = skip + top < sorted.length;
  return { status: 200, body: { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#messages', '@odata.count': value.length, value: value.map((message) => inTheirWords(message, request)), ...(hasMore && { '@odata.nextLink': call.nextLink(query.toString(), skip + top) }) } };
}

const keyOf = (message: GraphMessage, order: string): string => (order.startsWith('createdDateTime') ? message.createdDateTime : message.lastModifiedDateTime);

/** New members of enumerations are told only to those who ask for them. */
function inTheirWords(message: GraphMessage, { headers }: RecordedRequest): GraphMessage {
  const knows = String(headers.prefer).includes('include-unknown-enum-members');
  return message.messageType === 'systemEventMessage' && !knows ? { ...message, messageType: 'unknownFutureValue' } : message;
}

function refuseOptions(query: URLSearchParams, list: List): ServerAnswer | undefined {
  const unknown = [...query.keys()].find((name) => !allowedOptions[list].includes(name));
  if (unknown !== undefined) return refuseGraph(400, 'BadRequest', `Query option '${unknown}' is not allowed.`);
  const top = Number(query.get('$top') ?? DEFAULT_PAGE);
  if (!Number.isInteger(top) || top < 1 || top > MAX_PAGE) return refuseGraph(400, 'BadRequest', `The limit of '${MAX_PAGE}' for Top query has been exceeded.`);
  const order = query.get('$orderby');
  if (order !== null && !/^(?:lastModifiedDateTime|createdDateTime) desc$/.test(order)) return refuseGraph(400, 'BadRequest', 'QueryOptions to order by ascending is not supported.');
  const expand = query.get('$expand');
  if (expand !== null && expand !== 'replies') return refuseGraph(400, 'BadRequest', `Could not find a property named '${expand}'.`);
  return refuseFilter(query.get('$filter'));
}

const FILTER = /^(lastModifiedDateTime|createdDateTime) (gt|lt) (\d{4}-\d\d-\d\dT[\d:.]+Z)$/;

function refuseFilter(filter: string | null): ServerAnswer | undefined {
  if (filter === null) return undefined;
  const [, property, operator] = FILTER.exec(filter) ?? [];
  const isKnown = property !== undefined && !(property === 'createdDateTime' && operator === 'gt');
  return isKnown ? undefined : refuseGraph(400, 'BadRequest', `The filter '${filter}' is not supported.`);
}

/** A filter by another property than that of the order is ignored, without a word. */
function filterOf(filter: string | null, order: string): (message: GraphMessage) => boolean {
  const [, property, operator, moment = ''] = FILTER.exec(filter ?? '') ?? [];
  if (property === undefined || !order.startsWith(property)) return () => true;
  const at = Date.parse(moment);
  return (message) => {
    const own = Date.parse(String(message[property]));
    return operator === 'lt' ? own < at : own > at;
  };
}

/** A post with the replies that come with it. Posts are ordered by their last reply. */
export function expandReplies(request: RecordedRequest, call: GraphCall, { root, replies }: { readonly root: GraphMessage; readonly replies: readonly GraphMessage[] }): GraphMessage {
  const newest = [root, ...replies].map(({ lastModifiedDateTime }) => lastModifiedDateTime).toSorted().at(-1) ?? root.lastModifiedDateTime;
  const post = { ...root, lastModifiedDateTime: newest };
  if (request.query.get('$expand') !== 'replies' && request.query.get('$skiptoken') === null) return post;
  const sorted = replies.toSorted((one, other) => other.createdDateTime.localeCompare(one.createdDateTime));
  const hasMore = sorted.length > call.expandedReplies;
  return { ...post, replies: sorted.slice(0, call.expandedReplies), 'replies@odata.count': replies.length, ...(hasMore && { 'replies@odata.nextLink': call.repliesLink(`${request.path}/${root.id}/replies`, call.expandedReplies) }) };
}
