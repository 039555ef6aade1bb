import type { ThreadMessage } from '../threads/thread';

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Whether a message gives reason for a due day (`YYYY-MM-DD`): by naming the day, in numbers or words of the
 * languages that chrono-node reads, or relative to the day on which it was written ("by Friday", "morgen", "EOW").
 */
export async function isDueSupported(due: string, { text, createdAt }: ThreadMessage): Promise<boolean> {
  if (!isCalendarDay(due)) return false;
  if (text.includes(due)) return true;
  // the author's own day, at noon so that no zone moves it
  const reference = createdAt && isCalendarDay(createdAt.slice(0, 10)) ? new Date(`${createdAt.slice(0, 10)}T12:00:00Z`) : undefined;
  return (await daysIn(text, due, reference)).has(due) || (reference !== undefined && endsOfPeriods(text, reference).includes(due));
}

/** 2026-02-30 is none. */
function isCalendarDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(date.getTime()) && toDay(date) === day;
}

/** Every day that the text may mean. Without a day of writing, only days of the due year that are named in full count. */
async function daysIn(text: string, due: string, reference: Date | undefined): Promise<ReadonlySet<string>> {
  const chrono = await import('chrono-node'); // loading takes 0.07 s of CPU
  const languages = [chrono.en, chrono.en.GB, chrono.de, chrono.fr, chrono.es, chrono.pt, chrono.nl, chrono.it, chrono.ru, chrono.uk, chrono.ja, chrono.zh];
  const from = reference ?? new Date(`${due.slice(0, 4)}-01-01T12:00:00Z`);
  const days = new Set<string>();
  for (const language of languages) {
    for (const { start } of language.parse(text, { instant: from, timezone: 0 })) {
      const isNamed = start.isCertain('day') && start.isCertain('month');
      if (!reference && !isNamed) continue;
      const day = toDay(start.date());
      days.add(day);
      if (start.isCertain('weekday') && !start.isCertain('day')) addWeeks(days, start.date());
      if (isNamed && !start.isCertain('year')) for (const year of [-1, 1]) days.add(`${Number(day.slice(0, 4)) + year}${day.slice(4)}`);
    }
  }
  return days;
}

/** chrono takes "Friday" as the nearest one, before or after; people mean the next, or the one after. */
function addWeeks(days: Set<string>, date: Date): void {
  for (const weeks of [1, 2]) days.add(toDay(new Date(date.getTime() + weeks * 7 * DAY_MS)));
}

/** Ends that chrono does not read: of the day, the week (Friday or Sunday), the month and the quarter. */
function endsOfPeriods(text: string, from: Date): readonly string[] {
  const [year, month, day] = [from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()];
  const toFriday = (12 - from.getUTCDay()) % 7;
  const ends: readonly [RegExp, readonly [number, number, number][]][] = [
    [/\b(EOD|COB|today|tonight|asap|end of (the )?day)\b/i, [[year, month, day]]],
    [/\b(EOW|this week|end of (the |this )?week)\b/i, [[year, month, day + toFriday], [year, month, day + toFriday + 2]]],
    [/\b(EOM|this month|end of (the |this )?month)\b/i, [[year, month + 1, 0]]],
    [/\b(EOQ|this quarter|end of (the |this )?quarter)\b/i, [[year, (Math.floor(month / 3) + 1) * 3, 0]]],
  ];
  return ends.filter(([words]) => words.test(text)).flatMap(([, dates]) => dates.map((parts) => toDay(new Date(Date.UTC(...parts)))));
}

const toDay = (date: Date): string => date.toISOString().slice(0, 10);
