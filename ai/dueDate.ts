import type { ThreadMessage } from '../threads/thread';
import { addDays, isCalendarDay, spokenDeadlines, toIsoDay, toMoment, withIsoDates, type Day } from './calendar';

/**
 * Whether a message gives reason for a due day (`YYYY-MM-DD`): by naming the day, in numbers or words of the
 * languages that chrono-node reads, or relative to the day on which it was written ("by Friday", "morgen", "EOW").
 */
export async function isDueSupported(due: string, { text, createdAt }: ThreadMessage): Promise<boolean> {
  if (!isCalendarDay(due)) return false;
  if (text.includes(due)) return true;
  const said = createdAt === undefined ? undefined : toMoment(createdAt)?.day; // the author's own day
  return (said !== undefined && endsIn(text, said).some((day) => toIsoDay(day) === due)) || (await daysIn(withIsoDates(text), due, said)).has(due);
}

/** Every day that the text may mean. Without a day of writing, only days of the due year that are named in full count. */
async function daysIn(text: string, due: string, said: Day | undefined): Promise<ReadonlySet<string>> {
  const chrono = await import('chrono-node'); // loading takes 0.07 s of CPU
  const languages = [chrono.en, chrono.en.GB, chrono.de, chrono.fr, chrono.es, chrono.pt, chrono.nl, chrono.it, chrono.ru, chrono.uk, chrono.ja, chrono.zh];
  const noon = new Date(`${said ? toIsoDay(said) : `${due.slice(0, 4)}-01-01`}T12:00:00Z`); // so that no zone moves the day
  const days = new Set<string>();
  for (const language of languages) {
    for (const { start } of language.parse(text, { instant: noon, timezone: 0 })) {
      const isNamed = start.isCertain('day') && start.isCertain('month');
      if (!said && !isNamed) continue;
      const day = toIsoDay(start.date());
      days.add(day);
      // chrono takes "Friday" as the nearest one, before or after; people mean the next, or the one after
      if (start.isCertain('weekday') && !start.isCertain('day')) for (const weeks of [1, 2]) days.add(toIsoDay(addDays(start.date(), weeks * 7)));
      if (isNamed && !start.isCertain('year')) for (const year of [-1, 1]) days.add(`${Number(day.slice(0, 4)) + year}${day.slice(4)}`);
    }
  }
  return days;
}

/** What is asked for "this week" may be due at its end. */
function endsIn(text: string, said: Day): readonly Day[] {
  const spans: readonly [RegExp, string][] = [
    [/\btoday\b/i, 'eod'],
    [/\bthis week\b/i, 'eow'],
    [/\bthis month\b/i, 'eom'],
    [/\bthis quarter\b/i, 'eoq'],
  ];
  return [...spokenDeadlines(text, said), ...spans.flatMap(([words, end]) => (words.test(text) ? spokenDeadlines(end, said) : []))];
}
