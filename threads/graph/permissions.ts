/** Permissions of resource-specific consent that Parley asks for where it is added, and what each is for. */
export const chatPermissions = {
  /** What is written in a chat, or beside a meeting. */
  messages: 'ChatMessage.Read.Chat',
  /** Who is in a chat: before a summary is shared, and where the channel does not tell. */
  members: 'ChatMember.Read.Chat',
  /** Which meeting a chat belongs to. */
  settings: 'ChatSettings.Read.Chat',
  /** When a meeting begins and ends, and who organises it. */
  meeting: 'OnlineMeeting.ReadBasic.Chat',
  /** What is said in a meeting. */
  transcripts: 'OnlineMeetingTranscript.Read.Chat',
} as const;

export const teamPermissions = {
  /** What is written in the channels of a team. */
  messages: 'ChannelMessage.Read.Group',
  /** When a meeting in a channel begins and ends. */
  meeting: 'ChannelMeeting.ReadBasic.Group',
  /** Names of channels. */
  channels: 'ChannelSettings.Read.Group',
  members: 'TeamMember.Read.Group',
  /** The name of the team, and its id in Entra ID. */
  team: 'TeamSettings.Read.Group',
} as const;

/**
 * What an administrator consents to for the whole organisation, where more is wanted than an app gets in a single chat:
 * transcripts of meetings in channels, and looking up a meeting that the chat does not name.
 */
export const organizationPermissions = {
  transcripts: 'OnlineMeetingTranscript.Read.All',
  meetings: 'OnlineMeetings.Read.All',
} as const;

export interface ResourceSpecificPermission {
  readonly name: string;
  readonly type: 'Application';
}

/** For `authorization.permissions.resourceSpecific` of the app's manifest (16 at most). */
export const resourceSpecificPermissions: readonly ResourceSpecificPermission[] =
  [...Object.values(chatPermissions), ...Object.values(teamPermissions)].map((name) => ({ name, type: 'Application' }));
