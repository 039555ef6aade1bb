import { addDays, spokenDeadlines, toIsoDay, toMoment, withIsoDates, type Day, type Moment } from '../calendar';

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
    const [spoken] = said ? spokenDeadlines(text, said.day) : [];
    if (spoken) return toIsoDay(spoken);
    return mayNameADay(text) ? parsedDeadline(parser, withIsoDates(text), said) : undefined;
  };
}

/** A parser tries some hundred patterns; most sentences have neither a number nor a word of the calendar. */
export const mayNameADay = (text: string): boolean => MAY_NAME_A_DAY.test(text);

const MAY_NAME_A_DAY =
  /\d|day|week|month|year|morrow|night|noon|morning|weekend|quarter|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|tag|woche|monat|jahr|heute|morgen|abend|mittwoch|mär|mai|okt|dez|jour|semaine|mois|année|demain|aujourd|soir|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|avr|juin|juil|août|fév|déc|día|mes|año|mañana|hoy|lunes|martes|miércoles|jueves|viernes|sábado|domingo|ene|abr|ago|dic/i;

function parsedDeadline({ parse }: DateParser, text: string, said: Moment | undefined): string | undefined {
  const reference = said ?? { instant: new Date(0), timezone: 0 };
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
