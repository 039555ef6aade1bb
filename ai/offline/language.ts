import { setImmediate } from 'node:timers/promises';
import type { Thread } from '../../threads/thread';

/** Enough for a sure answer; the detector reads no more than 1,000 characters. */
const SAMPLE_LENGTH = 3_000;

/**
 * BCP 47 primary language of a text; undefined where it cannot be told (too short, numbers, emoji). Links, code and
 * mentions are left out, since they are of no language.
 */
export async function detectLanguage(text: string): Promise<string | undefined> {
  const prose = proseOf(text.slice(0, SAMPLE_LENGTH));
  if (!/\p{L}/u.test(prose)) return undefined;
  const { eld } = await import('eld/extrasmall');
  await setImmediate(); // to load it takes a while: others are served before what comes next
  const result = eld.detect(prose);
  return result.isReliable() ? result.language : undefined;
}

const proseOf = (text: string): string =>
  text
    .replace(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, ' ')
    .replace(/<at\b[^>]*>.*?<\/at>/gi, ' ')
    .replace(/\b(?:https?:\/\/|www\.)\S+|\S+@\S+\.\S+/gi, ' ')
    .replace(/(?<!\S)[@#][\p{L}\p{N}_.-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Told from the longest messages: the first ones are often a greeting. */
export function threadLanguage({ messages }: Thread): Promise<string | undefined> {
  const longest = [...messages].sort((a, b) => b.text.length - a.text.length).slice(0, 20);
  return detectLanguage(longest.map(({ text }) => text.slice(0, 200)).join('\n'));
}
