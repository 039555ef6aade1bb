/** What a channel tells of a meeting. Times in milliseconds since 1970. */
export type MeetingEvent =
  | { readonly kind: 'start' | 'end'; readonly at: number; readonly meetingId: string | undefined }
  | { readonly kind: 'join' | 'leave'; readonly at: number; /** Keys of those who came or went. */ readonly people: readonly string[] };

/** A part of a meeting. */
export interface MeetingSpan {
  readonly since: number;
  /** undefined: until now. */
  readonly until: number | undefined;
}

/** Where offers of summaries end: in all meetings of this series, or in all that the person organises. */
export type MuteScope = 'series' | 'organizer';

/** The meetings of this conversation, occurrence by occurrence. */
export interface Meetings {
  /** Keeps what happened with this turn's commit. True where the meeting is over and a summary is to be offered: once for each occurrence. */
  note(event: MeetingEvent): Promise<boolean>;
  /** What this person missed of the newest occurrence, in its order; undefined where nothing is known of who was there. */
  missed(): Promise<readonly MeetingSpan[] | undefined>;
  /** When the newest occurrence took place; undefined where there was none. */
  newest(): Promise<MeetingSpan | undefined>;
  /** With this turn's commit. `not-organizer`: nothing was changed, since the person organises none of these meetings, or nobody can tell. */
  mute(scope: MuteScope): Promise<'done' | 'not-organizer'>;
  /** Offers come again: in this series, and in meetings that the person organises. With this turn's commit. */
  unmute(): Promise<void>;
}
