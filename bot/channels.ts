import type { Activity } from 'botbuilder';

/** How a reply becomes visible while it is written. */
export type LiveStyle =
  /**
   * Chunks of a stream. `maxMs`: the channel cuts a stream after this time. `isMessage`: it is a message from its first
   * chunk on, so that its end contains what was shown, or replaces it; else nothing is kept but the end, which may say anything.
   */
  | (Pace & { readonly kind: 'stream'; readonly maxMs: number; readonly isMessage: boolean })
  /** A message that is replaced. */
  | (Pace & { readonly kind: 'placeholder' })
  | { readonly kind: 'final-only' };

interface Pace {
  /** How long first words are held back: an answer that is whole by then comes at once, and its end need not wait for the channel's pace. */
  readonly firstMs: number;
  /** How long text is gathered before more of it is shown. */
  readonly intervalMs: number;
  /** As fast as the channel takes it. */
  readonly leastMs: number;
}

/** The channel takes at most `count` messages of the bot in one conversation within any `windowMs`. */
export interface SendLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** What one channel can do. */
export interface Channel {
  readonly personal: LiveStyle;
  readonly group: LiveStyle;
  readonly typing: boolean;
  /** Knows Action.Execute and replaces a card by the answer. */
  readonly execute: boolean;
  /** Plays the recording of an audio card; Teams shows none (MicrosoftDocs/msteams-docs #7254). */
  readonly playsSound: boolean;
  /** Marks answers as AI-generated and takes feedback by `channelData.feedbackLoop`. */
  readonly feedbackLoop: boolean;
  /** Empty: the channel takes any pace. */
  readonly sendLimits: readonly SendLimit[];
  /** Of a stream's chunks and its end, beside the others. */
  readonly streamLimits: readonly SendLimit[];
  /** Of one message, as bot/turns/split.ts measures it. */
  readonly maxMessageBytes: number;
  /** Where a person can open a message. */
  readonly linkTo: (activity: Partial<Activity>, messageId: string) => string | undefined;
}

/** Per bot and thread; changes of messages count like messages (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit). */
const teamsSendLimits: readonly SendLimit[] = [
  { count: 7, windowMs: 1_000 },
  { count: 8, windowMs: 2_000 },
  { count: 60, windowMs: 30_000 },
  { count: 1_800, windowMs: 60 * 60_000 },
];
/** https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux */
const teamsStreamLimits: readonly SendLimit[] = [{ count: 1, windowMs: 1_000 }];
/** Teams refuses messages over 100 KB and asks to stay under 80 KB (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages). */
const TEAMS_MESSAGE_BYTES = 80 * 1024;

const unlimited = { sendLimits: [], streamLimits: [], maxMessageBytes: Infinity };
const finalOnly: LiveStyle = { kind: 'final-only' };
const noLink = (): undefined => undefined;

const webChat: Channel = {
  // Chunks are small and go to sockets of ours: as fast as people can see.
  personal: { kind: 'stream', firstMs: 0, intervalMs: 200, leastMs: 200, maxMs: 10 * 60_000, isMessage: false },
  group: finalOnly,
  typing: true,
  execute: false,
  playsSound: true,
  feedbackLoop: false,
  ...unlimited,
  linkTo: noLink,
};

/** A map: names come from outside, and every object has a "constructor". */
const channels = new Map<string, Channel>(Object.entries({
  msteams: {
    // One request a second, text gathered for 1.5 to 2 s, two minutes: https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
    personal: { kind: 'stream', firstMs: 250, intervalMs: 1_800, leastMs: 1_000, maxMs: 110_000, isMessage: true },
    group: { kind: 'placeholder', firstMs: 250, intervalMs: 3_000, leastMs: 1_500 },
    typing: true,
    execute: true,
    playsSound: false,
    feedbackLoop: true,
    sendLimits: teamsSendLimits,
    streamLimits: teamsStreamLimits,
    maxMessageBytes: TEAMS_MESSAGE_BYTES,
    linkTo: teamsLink,
  },
  directline: webChat,
  webchat: webChat,
  emulator: { personal: finalOnly, group: finalOnly, typing: true, execute: false, playsSound: true, feedbackLoop: false, ...unlimited, linkTo: noLink },
}));

const unknownChannel: Channel = { personal: finalOnly, group: finalOnly, typing: false, execute: false, playsSound: false, feedbackLoop: false, ...unlimited, linkTo: noLink };

/** What the activity's channel can do; the least for channels that are not in the table. */
export function channelOf(activity: Partial<Activity>): Channel {
  return channels.get(activity.channelId ?? '') ?? unknownChannel;
}

/** True in one-to-one conversations. Teams names the kind; web chats have one person each. */
export function isPersonal(activity: Partial<Activity>): boolean {
  if (activity.channelId !== 'msteams') return activity.conversation?.isGroup !== true;
  return activity.conversation?.conversationType === 'personal';
}

/** How a reply to this activity becomes visible while it is written. */
export function liveStyleOf(activity: Partial<Activity>): LiveStyle {
  const channel = channelOf(activity);
  return isPersonal(activity) ? channel.personal : channel.group;
}

/** Deep link to a message: https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams */
function teamsLink(activity: Partial<Activity>, messageId: string): string | undefined {
  const conversationId = activity.conversation?.id.split(';', 1)[0];
  if (!conversationId || !/^\d+$/.test(messageId)) return undefined;
  const context = encodeURIComponent(JSON.stringify({ contextType: 'chat' }));
  const suffix = activity.conversation?.conversationType === 'channel' ? '' : `?context=${context}`;
  return `https://teams.microsoft.com/l/message/${encodeURIComponent(conversationId)}/${messageId}${suffix}`;
}
