import { cleanLine } from './escape';

/** When something was said. */
export interface Moment {
  /** ISO 8601 with zone. */
  readonly createdAt?: string;
  /** Milliseconds since the recording began. */
  readonly offsetMs?: number;
}

export interface Place {
  /** BCP 47. */
  readonly locale: string;
  /** IANA name, as Teams gives in `localTimezone`; without it times are in UTC and say so. */
  readonly timeZone?: string;
}

/** "00:12:31" of a recording, else date and time for the place; undefined where neither is known. */
export function whenText(moment: Moment, place: Place): string | undefined {
  if (moment.offsetMs !== undefined && moment.offsetMs >= 0) return offsetText(moment.offsetMs);
  const time = Date.parse(moment.createdAt ?? '');
  if (Number.isNaN(time)) return undefined;
  return dateFormat(place, { year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(time);
}

/** Time of day alone, without a zone: for messages under a heading that names the day and, where it is UTC, says so. */
export function timeText(moment: Moment, place: Place): string | undefined {
  if (moment.offsetMs !== undefined && moment.offsetMs >= 0) return offsetText(moment.offsetMs);
  const time = Date.parse(moment.createdAt ?? '');
  return Number.isNaN(time) ? undefined : dateFormat({ ...place, timeZone: place.timeZone ?? 'UTC' }, { hour: 'numeric', minute: '2-digit' }).format(time);
}

/** The different calendar days of moments that have one, as people in the place write them. */
export function daysOf(moments: readonly Moment[], place: Place): string[] {
  const format = dateFormat(place, { year: 'numeric', month: 'short', day: 'numeric' });
  const times = moments.filter(({ offsetMs }) => offsetMs === undefined).map(({ createdAt = '' }) => Date.parse(createdAt));
  return [...new Set(times.filter((time) => !Number.isNaN(time)).map((time) => format.format(time)))];
}

/** A calendar day, `YYYY-MM-DD`, as people write it; the cleaned text itself where it is no such day. */
export function dayText(day: string, locale: string): string {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time)) return cleanLine(day, 40);
  return dateFormat({ locale, timeZone: 'UTC' }, { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' }).format(time);
}

function offsetText(offsetMs: number): string {
  const seconds = Math.floor(offsetMs / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

function dateFormat(place: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone: Intl.DateTimeFormatOptions = place.timeZone ? { timeZone: place.timeZone } : { timeZone: 'UTC', ...(options.hour && { timeZoneName: 'short' }) };
  try {
    return new Intl.DateTimeFormat(place.locale, { ...options, ...zone });
  } catch {
    // A locale or time zone that this machine does not know comes from the channel; a time in UTC is better than none.
    return new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC', ...(options.hour && { timeZoneName: 'short' }) });
  }
}
