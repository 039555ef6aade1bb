/** Finds the day that a sentence names as its deadline: `YYYY-MM-DD`, or undefined where it names none. */
export type FindDueDate = (text: string, saidAt: string | undefined) => string | undefined;

/** Structure of chrono-node's results, as far as it is used. */
interface ParsedDate {
  readonly text: string;
  readonly start: {
    get(part: 'year' | 'month' | 'day'): number | null;
    isCertain(part: 'year' | 'month' | 'day' | 'weekday' | 'hour'): boolean;
  };
}

interface DateParser {
  readonly parse: (text: string, reference: { readonly instant: Date; readonly timezone: number }, options: { readonly forwardDate: boolean }) => readonly ParsedDate[];
}

const parsers: Readonly<Record<string, () => Promise<DateParser>>> = {
  en: async () => import('chrono-node/en'),
  de: async () => import('chrono-node/de'),
  fr: async () => import('chrono-node/fr'),
  es: async () => import('chrono-node/es'),
};

/**
 * Deadlines in sentences of a language, counted from the day the sentence was said, in its own time zone. Without that
 * day only a full date is a deadline. A day in the past is none.
 */
export async function loadDueDates(language: string): Promise<FindDueDate> {
  const load = parsers[language] ?? parsers.en;
  if (!load) return () => undefined;
  const parser = await load();
  return (text, saidAt) => {
    const said = saidAt === undefined ? undefined : toMoment(saidAt);
    const plain = withIsoDates(text);
    return (said && spokenDeadline(plain, said.day)) ?? parsedDeadline(parser, plain, said);
  };
}

interface Moment {
  readonly instant: Date;
  /** Minutes east of UTC. */
  readonly timezone: number;
  readonly day: Day;
}

/** A calendar day as midnight UTC, so that adding days never meets a clock change. */
type Day = Date;

const DAY_MS = 86_400_000;
const FRIDAY = 5;

function toMoment(iso: string): Moment {
  const instant = new Date(iso);
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d{2}):?(\d{2})$/.exec(iso) ?? [];
  const timezone = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const local = new Date(instant.getTime() + timezone * 60_000);
  return { instant, timezone, day: new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate())) };
}

/** "12.11.2026" is the twelfth of November wherever dots are used; the English parser would read December. */
function withIsoDates(text: string): string {
  return text.replace(/(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?!\d)/g, (whole, day: string, month: string, year: string) =>
    Number(month) > 12 || Number(day) > 31 ? whole : `${year.length === 2 ? `20${year}` : year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
}

/** Deadlines that people write and date parsers do not know. */
const spokenDeadlines: readonly (readonly [RegExp, (said: Day, match: RegExpExecArray) => Day])[] = [
  [/\b(?:by |at |before )?(?:the )?(?:eow|end of (?:the|this) week|ende der woche|fin de (?:la )?semaine|fin de (?:la )?semana)\b/i, (said) => fridayFrom(said)],
  [/\b(?:the )?end of next week\b/i, (said) => fridayFrom(addDays(said, 7))],
  [/\b(?:eod|cob|close of business|end of (?:the |this )?(?:business )?day|asap|as soon as possible|tonight|so schnell wie möglich|schnellstmöglich|dès que possible|lo antes posible|cuanto antes)\b/i, (said) => said],
  [/\b(?:eom|end of (?:the|this) month|monatsende|ende des monats|fin du mois|fin de mes)\b/i, (said) => lastOfMonth(said.getUTCFullYear(), said.getUTCMonth())],
  [/\b(?:eoy|end of (?:the|this) year|jahresende|ende des jahres|fin de l'année|fin de año)\b/i, (said) => new Date(Date.UTC(said.getUTCFullYear(), 11, 31))],
  [/\bQ([1-4])(?:[ /]*(20\d{2}))?\b/, (said, match) => endOfQuarter(said, Number(match[1]), match[2])],
];

function spokenDeadline(text: string, said: Day): string | undefined {
  for (const [pattern, toDay] of spokenDeadlines) {
    const match = pattern.exec(text);
    if (match) return toIsoDay(toDay(said, match));
  }
  return undefined;
}

function parsedDeadline({ parse }: DateParser, text: string, said: Moment | undefined): string | undefined {
  const reference = said ?? { instant: new Date(0), timezone: 0, day: new Date(0) };
  for (const result of parse(text, reference, { forwardDate: said !== undefined })) {
    const day = toDay(result, said);
    if (day && (!said || day >= said.day)) return toIsoDay(day);
  }
  return undefined;
}

function toDay({ text, start }: ParsedDate, said: Moment | undefined): Day | undefined {
  const namesADate = start.isCertain('day') && start.isCertain('month') && start.isCertain('year');
  const isDate = /\d/.test(text) || start.isCertain('day') || start.isCertain('weekday');
  if (!said ? !(namesADate && /\d{4}/.test(text)) : !isDate || isClockOnly(text)) return undefined;
  const [year, month, day] = [start.get('year'), start.get('month'), start.get('day')];
  if (year === null || month === null || day === null) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  // "Friday", said on a Friday, is the next one: today would be called today.
  const isWeekdayAlone = start.isCertain('weekday') && !start.isCertain('day');
  return said && isWeekdayAlone && date.getTime() === said.day.getTime() ? addDays(date, 7) : date;
}

/** "at 10:00", "in thirty minutes" and "for 5 minutes" are times of a day, not days. */
const isClockOnly = (text: string): boolean =>
  /^(?:at |um |à |a las )?\d{1,2}(?::\d{2}|h\d{0,2}| ?[ap]\.?m\.?)?\.?$/i.test(text.trim()) || /\b(?:minutes?|mins?|hours?|seconds?|minuten|stunden?|heures?|horas?|minutos?)\b/i.test(text) || /^(?:now|just now|jetzt|maintenant|ahora)$/i.test(text.trim());

const addDays = (day: Day, days: number): Day => new Date(day.getTime() + days * DAY_MS);
const fridayFrom = (day: Day): Day => addDays(day, (FRIDAY - day.getUTCDay() + 7) % 7);
const lastOfMonth = (year: number, month: number): Day => new Date(Date.UTC(year, month + 1, 0));
const toIsoDay = (day: Day): string => day.toISOString().slice(0, 10);

function endOfQuarter(said: Day, quarter: number, year: string | undefined): Day {
  const end = lastOfMonth(year ? Number(year) : said.getUTCFullYear(), quarter * 3 - 1);
  return !year && end < said ? lastOfMonth(said.getUTCFullYear() + 1, quarter * 3 - 1) : end;
}
