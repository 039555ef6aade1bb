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

export interface TeamDetails {
  /** Its group in Entra ID. */
  readonly aadGroupId?: string | undefined;
}

export interface SendOptions {
  /**
   * Waits for the channel's pace until this signal aborts. Without it, what would have to wait longer than a moment is
   * refused as `rate-limited`, without asking the channel: what is shown on the way to an answer may be left out.
   */
  readonly patience?: AbortSignal;
}

/**
 * One channel service, as the Bot Connector REST API 3.0 has it. All methods throw ConnectorError.
 * Bodies go out as they are: no property of an entity is lost. `send` and `update` are attempted once: whoever sends
 * knows whether a repetition is worth it, and whether it could be seen twice. Everything else is repeated where that is safe.
 */
export interface Connector {
  /** Posts to the conversation, as a reply where `activity.replyToId` is set. Gives the new id; '' where the channel gives none. */
  send(conversationId: string, activity: Partial<Activity>, options?: SendOptions): Promise<string>;
  /** Replaces a message; safe to repeat. */
  update(conversationId: string, activityId: string, activity: Partial<Activity>, options?: SendOptions): Promise<void>;
  /** Resolves when what was sent is certain to be seen, even if this process dies now; never rejects. Absent: that is so when it was sent. */
  told?(conversationId: string): Promise<void>;
  delete(conversationId: string, activityId: string): Promise<void>;
  members(conversationId: string): Promise<readonly ChannelAccount[]>;
  member(conversationId: string, memberId: string): Promise<ChannelAccount>;
  meeting(meetingId: string): Promise<MeetingInfo>;
  /** By the team's `19:…` id. */
  team(teamId: string): Promise<TeamDetails>;
  /** Opens a conversation and gives its id. */
  createConversation(parameters: Partial<ConversationParameters>): Promise<string>;
}

/** The connector that serves a service URL. */
export type ConnectorFor = (serviceUrl: string) => Connector;
