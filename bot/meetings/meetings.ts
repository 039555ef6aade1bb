import type { Activity } from 'botbuilder';
import type { Asker } from '../../ai/call';
import type { MeetingEvent, Meetings, MeetingSpan } from '../../dialogs/meetings';
import type { UserSettings } from '../../dialogs/turn';
import type { Queries } from '../../state/database';
import { anyPresence, isMuted, newestOccurrences, readPresence, writeMute, writeOccurrence, writePresence, type Occurrence } from '../../state/meetings';
import { readSettings } from '../../state/users';
import { ConnectorError, type Connector } from '../connector/connector';
import { userKey } from '../turns/keys';
import { parseSettings } from '../turns/settings';
import { meetingIdOf } from './meetingEvent';
import { afterEnd, afterStart, BEFORE_START_MS, missedSpans } from './occurrences';

export interface MeetingsOptions {
  readonly activity: Partial<Activity>;
  readonly asker: Pick<Asker, 'conversationKey' | 'userKey'>;
  readonly queries: Queries;
  readonly connector: Pick<Connector, 'meeting'>;
  /** Happens with the turn's commit. */
  readonly withCommit: (effect: (queries: Queries) => Promise<unknown>) => void;
  /** The person's own, and how they are written with the turn's commit. */
  readonly settings: UserSettings;
  readonly saveSettings: (settings: UserSettings) => Promise<void>;
}

/** The meetings of one turn's conversation. Its turns come one after the other, so that each sees what the one before it has written. */
export function createMeetings(options: MeetingsOptions): Meetings {
  const { asker: { conversationKey }, queries, settings } = options;
  const newest = async (): Promise<Occurrence | undefined> => (await newestOccurrences(queries, conversationKey, 1))[0];
  return {
    note: async (event) => ('people' in event ? notePeople(event, options) : noteTime(event, await newest(), options)),
    missed: async () => missedOf(await newest(), options),
    newest: async () => toSpan(await newest()),
    mute: async (scope) => {
      if (scope === 'organizer') return muteOwn(options);
      options.withCommit((commit) => writeMute(commit, conversationKey, true));
      return 'done';
    },
    unmute: async () => {
      options.withCommit((commit) => writeMute(commit, conversationKey, false));
      if (settings.meetingOffers !== undefined) await options.saveSettings({ ...settings, meetingOffers: undefined });
    },
  };
}

type PeopleEvent = Extract<MeetingEvent, { readonly people: unknown }>;
type TimeEvent = Exclude<MeetingEvent, PeopleEvent>;

async function noteTime(event: TimeEvent, before: Occurrence | undefined, options: MeetingsOptions): Promise<boolean> {
  const after = event.kind === 'start' ? afterStart(before, event.at) : afterEnd(before, event.at);
  if (!after) return false;
  const isDue = event.kind === 'end' && !after.isOffered && (await isWanted(event.meetingId, options));
  const { asker: { conversationKey } } = options;
  options.withCommit((commit) => writeOccurrence(commit, conversationKey, isDue ? { ...after, isOffered: true } : after));
  return isDue;
}

async function notePeople({ kind, at, people }: PeopleEvent, { asker: { conversationKey }, withCommit }: MeetingsOptions): Promise<boolean> {
  withCommit((commit) => writePresence(commit, conversationKey, people.map((person) => ({ userKey: person, at, kind }))));
  return false;
}

/** Neither this series nor its organizer has had enough of offers. Where nobody can be asked who that is, silence is the better mistake. */
async function isWanted(meetingId: string | undefined, options: MeetingsOptions): Promise<boolean> {
  if (await isMuted(options.queries, options.asker.conversationKey)) return false;
  const organizer = await organizerOf(meetingId, options);
  if (organizer.kind !== 'known') return organizer.kind === 'untold';
  return parseSettings(await readSettings(options.queries, organizer.userKey)).meetingOffers !== 'no';
}

async function muteOwn(options: MeetingsOptions): Promise<'done' | 'not-organizer'> {
  const { activity, asker, settings } = options;
  const organizer = await organizerOf(meetingIdOf(activity), options);
  if (organizer.kind !== 'known' || organizer.userKey !== asker.userKey) return 'not-organizer';
  await options.saveSettings({ ...settings, meetingOffers: 'no' });
  return 'done';
}

/** `untold`: the meeting's details may not be read, or the meeting is over for good (403, 404). */
type Organizer = { readonly kind: 'known'; readonly userKey: string } | { readonly kind: 'untold' | 'unreachable' };

async function organizerOf(meetingId: string | undefined, { activity, connector }: MeetingsOptions): Promise<Organizer> {
  if (meetingId === undefined) return { kind: 'untold' };
  try {
    const { organizer } = await connector.meeting(meetingId);
    if (!organizer) return { kind: 'untold' };
    const { id, aadObjectId } = organizer;
    return { kind: 'known', userKey: userKey({ ...activity, from: { id, name: '', ...(aadObjectId !== undefined && { aadObjectId }) } }) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { kind: ['blocked', 'gone', 'bad-request'].includes(error.code) ? 'untold' : 'unreachable' };
  }
}

async function missedOf(occurrence: Occurrence | undefined, { asker, queries }: MeetingsOptions): Promise<readonly MeetingSpan[] | undefined> {
  if (!occurrence) return undefined;
  const since = occurrence.startedAt - BEFORE_START_MS;
  if (!(await anyPresence(queries, asker.conversationKey, since))) return undefined;
  return missedSpans(occurrence, await readPresence(queries, asker.conversationKey, asker.userKey, since));
}

const toSpan = (occurrence: Occurrence | undefined): MeetingSpan | undefined => occurrence && { since: occurrence.startedAt, until: occurrence.endedAt };
