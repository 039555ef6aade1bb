import type { Activity, ChannelAccount, ConversationParameters, TeamsMeetingInfo } from 'botbuilder';

/**
 * `ambiguous`: the message may or may not have arrived; never re-post it blindly.
 * `blocked`: the bot was removed or blocked (403). `gone`: no such conversation or message (404).
 * `too-large`: over the channel's size (413). `stream-refused`: Teams refused a stream chunk; see `serviceMessage`.
 */
export type ConnectorErrorCode =
  | 'rate-limited'
  | 'unavailable'
  | 'ambiguous'
  | 'blocked'
  | 'gone'
  | 'too-large'
  | 'unauthorized'
  | 'stream-refused'
  | 'bad-request';

/** A channel did not take what we sent. The message is for logs: no text of the conversation. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';

  constructor(
    readonly code: ConnectorErrorCode,
    message: string,
    readonly details: {
      readonly status?: number;
      /** `error.code` and `error.message` of the service's answer. */
      readonly serviceCode?: string;
      readonly serviceMessage?: string;
      /** When the service asked us to come back, in milliseconds from now. */
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

export interface MeetingInfo {
  readonly details: TeamsMeetingInfo & Readonly<Record<string, unknown>>;
  readonly conversation?: { readonly id: string };
  readonly organizer?: { readonly id: string; readonly aadObjectId?: string; readonly tenantId?: string };
}

/**
 * One channel service, as the Bot Connector REST API 3.0 has it. All methods throw ConnectorError.
 * Bodies go out as they are: no property of an entity is lost.
 */
export interface Connector {
  /** Posts to the conversation, as a reply where `activity.replyToId` is set. Gives the new id; '' where the channel gives none. */
  send(conversationId: string, activity: Partial<Activity>): Promise<string>;
  /** Replaces a message; safe to repeat. */
  update(conversationId: string, activityId: string, activity: Partial<Activity>): Promise<void>;
  delete(conversationId: string, activityId: string): Promise<void>;
  members(conversationId: string): Promise<readonly ChannelAccount[]>;
  member(conversationId: string, memberId: string): Promise<ChannelAccount>;
  meeting(meetingId: string): Promise<MeetingInfo>;
  /** Opens a conversation and gives its id. */
  createConversation(parameters: Partial<ConversationParameters>): Promise<string>;
}

/** The connector that serves a service URL. */
export type ConnectorFor = (serviceUrl: string) => Connector;
