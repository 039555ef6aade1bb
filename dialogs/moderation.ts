import type { Activity } from 'botbuilder';
import type { FilterVerdict } from '../ai/call';
import { AIError } from '../ai/error';
import type { Turn } from './turn';

/** Whether something may be shown. `unchecked`: nobody could say, and the settings hold it then. */
export type Clearance = 'cleared' | 'flagged' | 'unchecked';

/**
 * Asks moderation about a text, where a deployment is there for it. While that does not answer, the settings decide.
 * `on`: who wrote the text.
 */
export async function clear(turn: Turn, text: string, on: FilterVerdict['on']): Promise<Clearance> {
  const { moderate } = turn.engine;
  if (!moderate || text.trim() === '') return 'cleared';
  try {
    const { isFlagged } = await moderate(text, on, turn.signal);
    return isFlagged ? 'flagged' : 'cleared';
  } catch (error) {
    if (!(error instanceof AIError)) throw error;
    return isHeld(turn) ? 'unchecked' : 'cleared';
  }
}

const isHeld = ({ withoutModeration, isPersonal }: Turn): boolean => withoutModeration === 'hold' || (withoutModeration === 'hold-public' && !isPersonal);

/** Others read along here, and moderation is there: nothing that was made from a request is shown before it was looked at. */
export const isModerated = ({ engine, isPersonal }: Turn): boolean => engine.moderate !== undefined && !isPersonal;

/** Everything that people can read in a message and its cards. */
export function readableText({ text, summary, attachments }: Partial<Activity>): string {
  return [text, summary, ...wordsIn(attachments)].filter(Boolean).join('\n');
}

const readable = new Set(['text', 'title', 'altText']);

function wordsIn(part: unknown): readonly string[] {
  if (Array.isArray(part)) return part.flatMap(wordsIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => (typeof value === 'string' ? (readable.has(name) ? [value] : []) : wordsIn(value)));
}
