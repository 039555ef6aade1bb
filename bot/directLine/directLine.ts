import { randomBytes } from 'node:crypto';
import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { Server } from 'restify';
import type { Database } from '../../state/database';
import { createDirectLineStore, type DirectLineStore } from '../../state/directLine';
import type { AddressLimit } from '../addressLimit';
import type { ClientAddress } from '../clientAddress';
import type { Connector } from '../connector/connector';
import type { AddressCounter } from '../hostGuard';
import { parseAttachmentUrl } from './attachments';
import { createDirectLineConnector } from './connector';
import { createConversations, newConversationId } from './conversations';
import { createHolds } from './holds';
import { isTrustedOrigin } from './origins';
import { createRequests } from './requests';
import { mountRoutes } from './routes';
import { serviceErrors } from './serviceError';
import { createStreams } from './streams';
import { createTokens, TOKEN_LIFETIME_S, type Tokens } from './tokens';
import { mountUpgrade } from './upgrade';

export interface DirectLineOptions {
  /** Migrated (state/migrations.ts). */
  readonly database: Database;
  /** Bearer of `POST tokens/generate`, and good for every conversation. Absent: nobody can use a secret. */
  readonly secret?: string;
  /** `recipient.id` of activities to the bot, `from.id` of the bot's. */
  readonly botId: string;
  /** Put on activities to the bot, such as `urn:parley:directline`. */
  readonly serviceUrl: string;
  /** Base of stream and file addresses where the request's own host is not plausible, such as `http://localhost:3978`. */
  readonly publicUrl: () => string;
  /** Origins whose pages may use the service; empty: our own, and while the server is on loopback every page of this machine. */
  readonly allowedOrigins: readonly string[];
  /** All files of one upload together. */
  readonly maxUploadBytes: number;
  /** What visitors' tokens may do from one address; absent: anything. */
  readonly limitAddress?: AddressLimit;
  /** Counts the open streams of each address; absent: any number. */
  readonly streamsOf?: { readonly addressOf: ClientAddress; readonly open: AddressCounter };
  readonly log: Logger;
  /** Hands an activity to the bot; resolves when it is durably accepted. The same activity may come again, with the same id. */
  readonly deliver: (activity: Activity) => Promise<void>;
  /** How often open streams are pinged; 15 seconds by default. A stream that answers nothing for as long is cut. */
  readonly keepAliveMs?: number;
}

/** The embedded Direct Line 3.0 service: paths, shapes and statuses of the public one. */
export interface DirectLine {
  /** Registers the routes under /v3/directline and the WebSocket upgrade. */
  mount(server: Server): void;
  /** Where the bot's replies go. `send` stores one activity for each `channelData.outboxId`; typing goes to open streams only. */
  readonly connector: Connector;
  /**
   * A token for a visitor's page. Without `conversationId`: for a new conversation.
   * Throws ServiceError 403 where that conversation is another user's.
   */
  issueToken(options: { readonly userId?: string; readonly origin?: string; readonly conversationId?: string }): Promise<IssuedToken>;
  /**
   * Whose token that was, also when it has expired (within 30 days): for a page that comes back from `pageOrigin`.
   * undefined for any other text, and for a token that was given to pages of another origin.
   */
  recognise(token: string, pageOrigin: string | undefined): Promise<{ readonly conversationId: string; readonly userId?: string; readonly origin?: string } | undefined>;
  /** The file behind a contentUrl of ours; undefined for any other address. Throws StateError. */
  readAttachment(contentUrl: string): Promise<{ readonly name: string; readonly contentType: string; readonly bytes: Uint8Array } | undefined>;
  /** Deletes a conversation's activities and files; the conversation can go on. Throws StateError. */
  forget(conversationId: string): Promise<void>;
  /** Closes the streams with 1001. */
  close(): Promise<void>;
}

export interface IssuedToken {
  readonly conversationId: string;
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Starts with `dl_` unless another was asked for. */
  readonly userId: string;
}

const KEEP_ALIVE_MS = 15_000;

export function createDirectLine(options: DirectLineOptions): DirectLine {
  const { botId, serviceUrl, deliver, publicUrl, allowedOrigins, maxUploadBytes, secret } = options;
  const log = options.log.child({ component: 'directLine' });
  const store = createDirectLineStore(options.database);
  const tokens = createTokens(store);
  const holds = createHolds();
  const streams = createStreams({ announcements: options.database, store, holds, log, keepAliveMs: options.keepAliveMs ?? KEEP_ALIVE_MS });
  const conversations = createConversations({ store, streams, holds, botId, serviceUrl, log, deliver });
  const origins = { allowedOrigins, publicUrl };
  return {
    mount: (server) => {
      const requests = createRequests({ store, tokens, conversations, botId, publicUrl, maxUploadBytes, limitAddress: options.limitAddress ?? (() => undefined), ...(secret !== undefined && { secret }) });
      mountRoutes(server, { requests, store, origins, log });
      mountUpgrade(server, { tokens, conversations, streams, origins, log, ...(options.streamsOf && { streamsOf: options.streamsOf }) });
    },
    connector: createDirectLineConnector({ store, streams, botId }),
    recognise: async (token, pageOrigin) => {
      const grant = await tokens.recognise(token);
      if (!grant || !isTrustedOrigin(pageOrigin, grant.origins)) return undefined;
      const { conversationId, userId, origins: [origin] } = grant;
      return { conversationId, ...(userId !== undefined && { userId }), ...(origin !== undefined && { origin }) };
    },
    issueToken: (wanted) => issueToken(store, tokens, wanted),
    readAttachment: async (contentUrl) => {
      const place = parseAttachmentUrl(contentUrl);
      return place && store.attachment(place.conversationId, place.attachmentId);
    },
    forget: (conversationId) => store.forget(conversationId),
    close: () => streams.close(),
  };
}

async function issueToken(store: DirectLineStore, tokens: Tokens, wanted: Parameters<DirectLine['issueToken']>[0]): Promise<IssuedToken> {
  const userId = wanted.userId ?? `dl_${randomBytes(16).toString('base64url')}`;
  const conversationId = wanted.conversationId ?? newConversationId();
  const owner = wanted.conversationId === undefined ? undefined : (await store.conversation(conversationId))?.userId;
  if (owner !== undefined && owner !== userId) throw serviceErrors.foreignConversation();
  const token = await tokens.issue({ conversationId, userId, origins: wanted.origin === undefined ? [] : [wanted.origin] });
  return { conversationId, token, expires_in: TOKEN_LIFETIME_S, userId };
}
