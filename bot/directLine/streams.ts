import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { Database } from '../../state/database';
import type { DirectLineStore } from '../../state/directLine';
import { activitySet } from './activitySet';
import { ClientSocket } from './clientSocket';
import type { Holds } from './holds';

/**
 * The open WebSocket streams of all conversations. A conversation may have several, one for each tab, and they may be open in
 * other processes on the same store: all hear what happens.
 */
export interface Streams {
  /** Completes the handshake and sends what changed after number `after`. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer, from: { readonly conversationId: string; readonly after: number }): void;
  /** True where another stream may be opened. */
  hasRoom(conversationId: string): boolean;
  /** Says that the conversation changed. */
  notify(conversationId: string): void;
  /** Shows an activity (JSON) to whoever is connected now. */
  showLive(conversationId: string, json: string): void;
  /** Resolves when what was said so far is on its way to all streams, in whatever process. */
  told(conversationId: string): Promise<void>;
  close(): Promise<void>;
}

export interface StreamsOptions {
  readonly announcements: Pick<Database, 'announce' | 'announced' | 'listen'>;
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

/** Announced where the store is to be read on; anything else is an activity that is not kept. */
const CHANGED = '';

export function createStreams({ announcements, store, holds, log, keepAliveMs }: StreamsOptions): Streams {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: false });
  const conversations = new Map<string, Set<ClientSocket>>();
  const endings = new WeakMap<Set<ClientSocket>, () => void>();
  const timer = setInterval(() => {
    for (const sockets of conversations.values()) for (const socket of sockets) socket.keepAlive();
  }, keepAliveMs);
  timer.unref();

  const { tell, told } = createTelling(announcements, holds);

  const add = (conversationId: string, socket: ClientSocket): void => {
    const sockets = conversations.get(conversationId) ?? new Set();
    if (sockets.size === 0) endings.set(sockets, announcements.listen(topicOf(conversationId), (message) => hear(sockets, message)));
    conversations.set(conversationId, sockets.add(socket));
  };
  const remove = (conversationId: string, socket: ClientSocket): void => {
    const sockets = conversations.get(conversationId);
    sockets?.delete(socket);
    if (sockets?.size !== 0) return;
    conversations.delete(conversationId);
    endings.get(sockets)?.();
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
    notify: (conversationId) => tell(conversationId, CHANGED),
    showLive: tell,
    told,
    close: () => {
      clearInterval(timer);
      return closeAll([...conversations.values()].flatMap((sockets) => [...sockets]), () => conversations.size === 0);
    },
  };
}

const topicOf = (conversationId: string): string => `directLine ${conversationId}`;

function hear(sockets: ReadonlySet<ClientSocket>, message: string | undefined): void {
  for (const socket of sockets) {
    if (message === undefined || message === CHANGED) socket.notify();
    else socket.showLive(message);
  }
}

/**
 * Announces in order, and what happens while a post is being answered only then: holds are known to this process alone.
 * What is not kept and came before a change is left out then: who reads the store on has seen what followed it.
 */
function createTelling(announcements: StreamsOptions['announcements'], holds: Holds): Pick<Streams, 'told'> & { readonly tell: (conversationId: string, message: string) => void } {
  const waiting = new Map<string, { readonly messages: string[]; readonly telling: Promise<void> }>();
  const tellWhenReady = async (conversationId: string, messages: readonly string[]): Promise<void> => {
    await holds.ready(conversationId);
    waiting.delete(conversationId);
    for (const message of messages.slice(Math.max(0, messages.lastIndexOf(CHANGED)))) announcements.announce(topicOf(conversationId), message);
  };
  return {
    tell: (conversationId, message) => {
      const held = waiting.get(conversationId);
      if (held) held.messages.push(message);
      else if (!holds.isHeld(conversationId)) announcements.announce(topicOf(conversationId), message);
      else {
        const messages = [message];
        waiting.set(conversationId, { messages, telling: tellWhenReady(conversationId, messages) });
      }
    },
    told: async (conversationId) => {
      await waiting.get(conversationId)?.telling;
      await announcements.announced();
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
