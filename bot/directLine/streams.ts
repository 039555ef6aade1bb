import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { DirectLineStore } from '../../state/directLine';
import { activitySet } from './activitySet';
import { ClientSocket } from './clientSocket';
import type { Holds } from './holds';

/** The open WebSocket streams of all conversations. A conversation may have several: one for each tab. */
export interface Streams {
  /** Completes the handshake and sends what changed after number `after`. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer, from: { readonly conversationId: string; readonly after: number }): void;
  /** True where another stream may be opened. */
  hasRoom(conversationId: string): boolean;
  notify(conversationId: string): void;
  /** Shows an activity (JSON) to whoever is connected now. */
  showLive(conversationId: string, json: string): void;
  close(): Promise<void>;
}

export interface StreamsOptions {
  readonly store: DirectLineStore;
  readonly holds: Holds;
  readonly log: Logger;
  readonly keepAliveMs: number;
}

const MAX_STREAMS_PER_CONVERSATION = 16;
const PAGE_SIZE = 100;
/** Clients send nothing but empty messages. */
const MAX_FRAME_BYTES = 1024;
const CLOSE_GRACE_MS = 1_000;

export function createStreams({ store, holds, log, keepAliveMs }: StreamsOptions): Streams {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: false });
  const conversations = new Map<string, Set<ClientSocket>>();
  const timer = setInterval(() => {
    for (const sockets of conversations.values()) for (const socket of sockets) socket.keepAlive();
  }, keepAliveMs);
  timer.unref();

  const add = (conversationId: string, socket: ClientSocket): void => {
    const sockets = conversations.get(conversationId) ?? new Set();
    conversations.set(conversationId, sockets.add(socket));
  };
  const remove = (conversationId: string, socket: ClientSocket): void => {
    const sockets = conversations.get(conversationId);
    sockets?.delete(socket);
    if (sockets?.size === 0) conversations.delete(conversationId);
  };

  return {
    hasRoom: (conversationId) => (conversations.get(conversationId)?.size ?? 0) < MAX_STREAMS_PER_CONVERSATION,
    open: (request, socket, head, { conversationId, after }) => {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const client = new ClientSocket(webSocket, {
          after,
          readOn: async (from) => activitySet(await store.changes(conversationId, from, PAGE_SIZE), from, { tellsRemovals: true }),
          ready: () => holds.ready(conversationId),
          failed: (error) => log.warn({ conversationId, error }, 'stream failed'),
        });
        add(conversationId, client);
        webSocket.on('close', () => remove(conversationId, client));
      });
    },
    notify: (conversationId) => conversations.get(conversationId)?.forEach((socket) => socket.notify()),
    showLive: (conversationId, json) => conversations.get(conversationId)?.forEach((socket) => socket.showLive(json)),
    close: () => {
      clearInterval(timer);
      return closeAll([...conversations.values()].flatMap((sockets) => [...sockets]), () => conversations.size === 0);
    },
  };
}

/** 1001: the server goes away, come back later. Whoever does not answer in time is cut off. */
async function closeAll(sockets: readonly ClientSocket[], isDone: () => boolean): Promise<void> {
  for (const socket of sockets) socket.close(1001);
  const deadline = Date.now() + CLOSE_GRACE_MS;
  while (!isDone() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const socket of sockets) socket.terminate();
}
