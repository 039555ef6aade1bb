import type { Words } from './words';

/** What a person has left of a day's budget (dialogs/turn.ts). */
export interface AllowanceShape {
  /** Absent: of everything together. */
  readonly capability?: keyof Words['allowance']['capability'] | undefined;
  readonly tokens?: { readonly left: number; readonly of: number } | undefined;
  readonly requests?: { readonly left: number; readonly of: number } | undefined;
  readonly renewedInMs: number;
}

const HOUR_MS = 60 * 60_000;

/** A line for each budget and one for its renewal, in words of ours; none where nothing is limited. */
export function allowanceLines(allowances: readonly AllowanceShape[], words: Words, locale = 'en'): readonly string[] {
  const [first] = allowances;
  if (!first) return [];
  return [...allowances.flatMap((allowance) => linesOf(allowance, words, locale)), words.allowance.renewed(Math.max(1, Math.ceil(first.renewedInMs / HOUR_MS)))];
}

function linesOf({ capability, tokens, requests }: AllowanceShape, { allowance: words }: Words, locale: string): string[] {
  const numbers = ({ left, of }: { readonly left: number; readonly of: number }): [string, string] => [left.toLocaleString(locale), of.toLocaleString(locale)];
  const lines = [...(tokens ? [words.tokens(...numbers(tokens))] : []), ...(requests ? [words.requests(...numbers(requests))] : [])];
  return capability === undefined ? lines : lines.map((line) => words.only(words.capability[capability], line));
}
