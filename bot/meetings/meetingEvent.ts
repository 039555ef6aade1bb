import type { Activity } from 'botbuilder';
import { z } from 'zod';
import type { MeetingEvent } from '../../dialogs/meetings';
import { userKey } from '../turns/keys';
import { timeOf } from '../turns/sentAt';

type Kind = MeetingEvent['kind'];

/** Names of Teams' events: https://learn.microsoft.com/microsoftteams/platform/apps-in-teams-meetings/meeting-apps-apis */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ['application/vnd.microsoft.meetingStart', 'start'],
  ['application/vnd.microsoft.meetingEnd', 'end'],
  ['application/vnd.microsoft.meetingParticipantJoin', 'join'],
  ['application/vnd.microsoft.meetingParticipantLeave', 'leave'],
]);

/** Teams tells of a meeting, in its own time: many people may come at once, and none of that is a flood. */
export const isMeetingEvent = ({ channelId, type, name }: Partial<Activity>): boolean => channelId === 'msteams' && type === 'event' && kinds.has(name ?? '');

/** What Teams tells of a meeting; undefined for every other activity. Of what it may leave out or send in another form, nothing is needed. */
export function meetingEventOf(activity: Partial<Activity>): MeetingEvent | undefined {
  const kind = isMeetingEvent(activity) ? kinds.get(activity.name ?? '') : undefined;
  if (kind === 'start' || kind === 'end') return { kind, at: momentOf(kind, activity), meetingId: meetingIdOf(activity) };
  return kind === undefined ? undefined : { kind, at: timeOf(activity), people: peopleIn(activity) };
}

/** A clock that says something else than the event's own is none. */
const CLOCKS_DIFFER_MS = 24 * 60 * 60_000;

/** `value` is written in PascalCase; the time is in it, else it is the event's own. */
function momentOf(kind: 'start' | 'end', activity: Partial<Activity>): number {
  const sentAt = timeOf(activity);
  const told = fieldsOf(activity.value)[kind === 'start' ? 'startTime' : 'endTime'];
  const at = typeof told === 'string' ? Date.parse(told) : NaN;
  return Math.abs(at - sentAt) < CLOCKS_DIFFER_MS ? at : sentAt;
}

const channelDataShape = z.object({ meeting: z.object({ id: z.string().min(1).max(1_000) }) });

/** Teams' documentation: not `value.Id`, nor the id of the conversation. */
export const meetingIdOf = ({ channelData }: Partial<Activity>): string | undefined => channelDataShape.safeParse(channelData).data?.meeting.id;

const MAX_PEOPLE = 1_000; // in one event
const accountShape = z.looseObject({ id: z.string().min(1).max(200), aadObjectId: z.string().max(100).nullish(), objectId: z.string().max(100).nullish() });

/** `{members: [{user, meeting}]}`, in either case. */
function peopleIn(activity: Partial<Activity>): readonly string[] {
  const { members } = fieldsOf(activity.value);
  if (!Array.isArray(members)) return [];
  const accounts = members.slice(0, MAX_PEOPLE).map((member: unknown) => accountShape.safeParse(fieldsOf(fieldsOf(member)['user'])).data);
  return accounts.filter((account) => account !== undefined).map(({ id, aadObjectId, objectId }) => {
    const directoryId = aadObjectId ?? objectId;
    return userKey({ ...activity, from: { id, name: '', ...(directoryId && { aadObjectId: directoryId }) } });
  });
}

/** An object's fields by their names in camelCase; none of anything else. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [`${name.slice(0, 1).toLowerCase()}${name.slice(1)}`, field as unknown]));
}
