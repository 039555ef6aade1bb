/** A calendar day as midnight UTC, so that adding days never meets a clock change. */
export type Day = Date;

/** A moment that was written down with its zone, and the day it was there. */
export interface Moment {
  readonly instant: Date;
  /** Minutes east of UTC. */
  readonly timezone: number;
  readonly day: Day;
}

const DAY_MS = 86_400_000;
const FRIDAY = 5;

/** ISO 8601 as its author saw it; undefined for what is no time. */
export function toMoment(iso: string): Moment | undefined {
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime())) return undefined;
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d{2}):?(\d{2})$/.exec(iso.slice(10)) ?? [];
  const timezone = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return { instant, timezone, day: midnight(new Date(instant.getTime() + timezone * 60_000)) };
}

const midnight = (date: Date): Day => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));

/** `YYYY-MM-DD` that the calendar has: 2026-02-30 is none. */
export function isCalendarDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(date.getTime()) && toIsoDay(date) === day;
}

export const addDays = (day: Day, days: number): Day => new Date(day.getTime() + days * DAY_MS);
export const toIsoDay = (day: Day): string => day.toISOString().slice(0, 10);

/**
 * "12.11.2026" is the twelfth of November wherever dots are used; the English parser would read December.
 * Two digits are a year of this century.
 */
export function withIsoDates(text: string): string {
  return text.replace(/(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?!\d)/g, (whole, day: string, month: string, year: string) =>
    Number(month) > 12 || Number(day) > 31 ? whole : `${year.length === 2 ? `20${year}` : year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
}

interface SpokenEnd {
  readonly words: RegExp;
  /** The days it may mean, the likeliest first. */
  readonly days: (said: Day, match: RegExpExecArray) => readonly Day[];
}

/** Ends that people write and date parsers do not know, in English, German, French and Spanish. */
const spokenEnds: readonly SpokenEnd[] = [
  { words: /\b(?:end of next week|ende (?:der )?nächster? woche|fin de la semaine prochaine|fin de la próxima semana)\b/i, days: (said) => endsOfWeek(addDays(said, 7)) },
  { words: /\b(?:eow|end of (?:the |this )?week|ende der woche|fin de (?:la |cette )?semaine|fin de (?:la |esta )?semana)\b/i, days: endsOfWeek },
  { words: /\b(?:eod|cob|close of business|end of (?:the |this )?(?:business )?day|asap|as soon as possible|tonight|so schnell wie möglich|schnellstmöglich|heute noch|dès que possible|ce soir|lo antes posible|cuanto antes|esta noche)(?![\p{L}])/iu, days: (said) => [said] },
  { words: /\b(?:eom|end of (?:the |this )?month|monatsende|ende des monats|fin du mois|(?:fin|final) de(?:l)? mes)\b/i, days: (said) => [lastOfMonth(said.getUTCFullYear(), said.getUTCMonth())] },
  { words: /\b(?:eoq|end of (?:the |this )?quarter|quartalsende|ende des quartals|fin du trimestre|(?:fin|final) del trimestre)\b/i, days: (said) => [endOfQuarter(said, Math.floor(said.getUTCMonth() / 3) + 1, undefined)] },
  { words: /\b(?:eoy|end of (?:the |this )?year|jahresende|ende des jahres|fin de l['’]année|(?:fin|final) de(?:l)? año)(?![\p{L}])/iu, days: (said) => [new Date(Date.UTC(said.getUTCFullYear(), 11, 31))] },
  { words: /\bQ([1-4])(?:[ /]*(20\d{2}))?\b/, days: (said, match) => [endOfQuarter(said, Number(match[1]), match[2])] },
];

/** The days that such an end in a text may mean, counted from the day it was said, the likeliest first; none without one. */
export function spokenDeadlines(text: string, said: Day): readonly Day[] {
  return spokenEnds.flatMap(({ words, days }) => {
    const match = words.exec(text);
    return match ? days(said, match) : [];
  });
}

/** Friday or Sunday: people mean either. */
function endsOfWeek(from: Day): readonly Day[] {
  const friday = addDays(from, (FRIDAY - from.getUTCDay() + 7) % 7);
  return [friday, addDays(friday, 2)];
}

const lastOfMonth = (year: number, month: number): Day => new Date(Date.UTC(year, month + 1, 0));

function endOfQuarter(said: Day, quarter: number, year: string | undefined): Day {
  const end = lastOfMonth(year ? Number(year) : said.getUTCFullYear(), quarter * 3 - 1);
  return !year && end < said ? lastOfMonth(said.getUTCFullYear() + 1, quarter * 3 - 1) : end;
}
