/** A date and time as an export wrote them. */
export interface Stamp {
  readonly date: string | undefined;
  readonly time: string | undefined;
}

export type DateOrder = 'day-first' | 'month-first' | 'year-first';

/**
 * ISO time of a stamp. Exports name no zone, so the clock's time is given as UTC: days and order are right, and nothing
 * is shifted. Undefined without a full date.
 */
export function toCreatedAt({ date, time }: Stamp, order: DateOrder): string | undefined {
  const numbers = (date ?? '').split(/[./-]/).map(Number);
  const [first = 0, second = 0, third] = numbers;
  if (third === undefined) return undefined;
  const [year, month, day] = order === 'year-first' ? [first, second, third] : order === 'day-first' ? [third, second, first] : [third, first, second];
  const moment = new Date(Date.UTC(year < 100 ? 2000 + year : year, month - 1, day) + (clockMs(time) ?? 0));
  return Number.isNaN(moment.getTime()) || month > 12 || day > 31 ? undefined : moment.toISOString();
}

/** Which number is the day: told by a value above 12 somewhere, else by the punctuation and the clock's habit. */
export function dateOrderOf(stamps: readonly Stamp[]): DateOrder {
  const dates = stamps.flatMap(({ date }) => (date ? [date.split(/[./-]/).map(Number)] : []));
  if (dates.some(([first = 0]) => first > 31)) return 'year-first';
  if (dates.some(([first = 0]) => first > 12)) return 'day-first';
  if (dates.some(([, second = 0]) => second > 12)) return 'month-first';
  const americanClock = stamps.some(({ date, time }) => date?.includes('/') && /[ap]\.?m/i.test(time ?? ''));
  return americanClock ? 'month-first' : 'day-first';
}

const LATEST_START_MS = 10 * 60_000; // transcripts begin near zero; a clock reads like that only just after midnight

/** True where the times run like a recording's: from about zero, never back. `10:03` is then minutes and seconds. */
export function areOffsets(stamps: readonly Stamp[]): boolean {
  if (stamps.some(({ date, time }) => date !== undefined || time === undefined || /[ap]/i.test(time))) return false;
  const offsets = stamps.map(({ time }) => offsetMs(time));
  const [first] = offsets;
  return first !== undefined && first <= LATEST_START_MS && offsets.every((each, index) => (each ?? 0) >= (offsets[index - 1] ?? 0));
}

/** `1:02:03` or `02:03` since the beginning, in milliseconds. */
export function offsetMs(time: string | undefined): number | undefined {
  const parts = time?.match(/\d+/g)?.map(Number);
  return parts && parts.reduce((seconds, part) => seconds * 60 + part, 0) * 1000;
}

function clockMs(time: string | undefined): number | undefined {
  const [hours, minutes = 0, seconds = 0] = time?.match(/\d+/g)?.map(Number) ?? [];
  if (hours === undefined) return undefined;
  const twelveHour = /([ap])\.?m/i.exec(time ?? '')?.[1]?.toLowerCase();
  const hour = twelveHour ? (hours % 12) + (twelveHour === 'p' ? 12 : 0) : hours;
  return ((hour * 60 + minutes) * 60 + seconds) * 1000;
}
