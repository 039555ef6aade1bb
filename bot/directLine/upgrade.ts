import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Server } from 'restify';
import type { ClientAddress } from '../clientAddress';
import type { AddressCounter } from '../hostGuard';
import { parseWatermark } from './activitySet';
import type { Conversations } from './conversations';
import { isServedOrigin, isTrustedOrigin, type OriginPolicy } from './origins';
import { BASE_PATH, queryOf } from './routes';
import { serviceErrors, ServiceError, toServiceError } from './serviceError';
import type { Streams } from './streams';
import type { Tokens } from './tokens';

export interface UpgradeOptions {
  readonly tokens: Tokens;
  readonly conversations: Conversations;
  readonly streams: Streams;
  readonly origins: OriginPolicy;
  readonly streamsOf?: { readonly addressOf: ClientAddress; readonly open: AddressCounter };
  readonly log: Logger;
}

/** Takes WebSocket handshakes for `conversations/ID/stream`; leaves other paths to whoever else listens. */
export function mountUpgrade(server: Server, options: UpgradeOptions): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!request.url?.startsWith(`${BASE_PATH}/`)) {
      if (isOnlyListener(server)) refuse(socket, serviceErrors.notFound());
      return;
    }
    // Without a listener a broken connection would end the process.
    socket.on('error', () => socket.destroy());
    void accept(request, socket, head, options);
  });
}

/** restify hands the event of the server inside it on to its own listeners: one listener each is us. */
const isOnlyListener = (server: Server): boolean =>
  server.listenerCount('upgrade') === 1 && server.server.listenerCount('upgrade') === 1;

async function accept(request: IncomingMessage, socket: Duplex, head: Buffer, options: UpgradeOptions): Promise<void> {
  try {
    const from = await authorize(request, options);
    countStream(request, socket, options);
    if (!socket.destroyed) options.streams.open(request, socket, head, from);
    await options.conversations.deliverRest(from.conversationId).catch((error: unknown) => {
      options.log.warn({ conversationId: from.conversationId, error }, 'what was interrupted could not be handed to the bot');
    });
  } catch (error) {
    const answer = toServiceError(error);
    if (answer.status >= 500) options.log.error({ status: answer.status, error }, 'Direct Line stream was refused');
    refuse(socket, answer);
  }
}

function countStream(request: IncomingMessage, socket: Duplex, { streamsOf }: UpgradeOptions): void {
  if (!streamsOf) return;
  const leave = streamsOf.open.enter(streamsOf.addressOf(request));
  if (!leave) throw tooManyStreams();
  if (socket.destroyed) leave();
  else socket.once('close', leave);
}

const tooManyStreams = (): ServiceError => new ServiceError(429, 'TooManyStreams', 'Too many open streams');

async function authorize(
  request: IncomingMessage, { tokens, conversations, streams, origins }: UpgradeOptions,
): Promise<{ readonly conversationId: string; readonly after: number }> {
  const conversationId = /^\/v3\/directline\/conversations\/([\w-]+)\/stream(?:\?|$)/.exec(request.url ?? '')?.[1];
  if (conversationId === undefined) throw serviceErrors.notFound();
  const query = queryOf(request);
  const token = query.get('t');
  if (token === null) throw serviceErrors.missingToken();
  const grant = await tokens.verifyStream(token);
  if (grant.conversationId !== conversationId) throw serviceErrors.foreignConversation();
  if (!isServedOrigin(request, origins) || !isTrustedOrigin(request.headers.origin, grant.origins)) throw serviceErrors.untrustedOrigin();
  const { lastChange } = await conversations.find(conversationId);
  if (!streams.hasRoom(conversationId)) throw tooManyStreams();
  return { conversationId, after: Math.min(parseWatermark(query.get('watermark')) ?? lastChange, lastChange) };
}

function refuse(socket: Duplex, { status, code, message }: ServiceError): void {
  const body = JSON.stringify({ error: { code, message } });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
