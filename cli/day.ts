import type { Words } from '../cards/words';
import { CommandError } from './command';

const DAY_MS = 24 * 60 * 60_000;

/** The beginning and the end of a day in UTC, in milliseconds since 1970. Throws CommandError (exit code 2) for what is no day. */
export function dayRange(day: string, { cli }: Words): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  if (Number.isNaN(fromMs)) throw new CommandError(cli.day(day), 2);
  return { fromMs, toMs: fromMs + DAY_MS };
}
