import { AIError } from '../../ai/error';
import { promptBudget } from '../../ai/promptBudget';
import { estimateTokens } from '../../ai/tokens';
import { insertSummary, readMemory, writeUnderLease, type Memory, type Position } from '../../state/memory';
import { earliestTexts, latestTexts, type LoggedText } from '../../state/messages';
import type { MemoryWork } from './keeper';

/** This share of a prompt's history is left to be read word for word. */
const LEFT_SHARE = 0.5;
/** Messages that notes are taken of at once. */
const MAX_PART_TOKENS = 4_000;
const MAX_PART_MESSAGES = 200;
/** Characters of one message: the rest of a long one is found where it is looked for. */
const MAX_TEXT_LENGTH = 4_000;

/**
 * Takes notes of what no prompt will hold much longer, part by part, each time with the notes before it. Gives the
 * number of parts. Throws AIError, and StateError('conflict') where a message changed meanwhile.
 */
export async function takeNotes(work: MemoryWork): Promise<number> {
  const { database, engine, lease, untilMs } = work;
  if (!engine.compact) return 0;
  const { history, notes: maxTokens } = engine.budget ?? promptBudget();
  const left = Math.floor(history * LEFT_SHARE); // the store is asked for as many characters: PostgreSQL takes whole numbers alone
  const before = await leftFrom(work, left);
  for (let parts = 0; ; parts += 1) {
    const memory = await readMemory(database, lease.conversationKey);
    const part = before && (await nextPart(work, memory, before, Math.min(MAX_PART_TOKENS, left)));
    const last = part?.at(-1);
    if (!part || !last) return parts;
    const text = (await notesOn(work, memory.summary?.text || undefined, part, maxTokens)) ?? '';
    await writeUnderLease(database, lease, untilMs(), [insertSummary(lease.conversationKey, { text, until: { at: last.at, id: last.id } })]);
  }
}

/** The oldest of the newest messages that are left as they are; undefined where all are. */
async function leftFrom({ database, lease }: MemoryWork, maxTokens: number): Promise<Position | undefined> {
  const { startsAfter } = await readMemory(database, lease.conversationKey);
  let before: Position | undefined;
  for (let tokens = 0; ;) {
    const page = await latestTexts(database, lease.conversationKey, { after: startsAfter, limit: MAX_PART_MESSAGES, maxLength: maxTokens, ...(before && { before }) });
    for (const message of page) {
      tokens += estimateTokens(message.text);
      if (tokens > maxTokens) return before ?? message;
      before = { at: message.at, id: message.id };
    }
    if (page.length < MAX_PART_MESSAGES) return undefined;
  }
}

async function nextPart({ database, lease }: MemoryWork, { startsAfter, summary }: Memory, before: Position, maxTokens: number): Promise<readonly LoggedText[]> {
  const after = summary?.until ?? startsAfter;
  const texts = await earliestTexts(database, lease.conversationKey, { after, before, limit: MAX_PART_MESSAGES, maxLength: MAX_TEXT_LENGTH });
  let tokens = 0;
  const end = texts.findIndex(({ text }) => (tokens += estimateTokens(text)) > maxTokens);
  return end < 0 ? texts : texts.slice(0, Math.max(1, end));
}

/**
 * A part that the service will not read, or not at once, is halved, until only the messages in question are left out: those
 * can still be looked up.
 */
async function notesOn(work: MemoryWork, notes: string | undefined, part: readonly LoggedText[], maxTokens: number): Promise<string | undefined> {
  const messages = part.map(({ role, authorName, at, text }) => ({ by: role === 'bot' ? 'Parley' : authorName, at: new Date(at).toISOString(), text }));
  try {
    return await work.engine.compact?.({ ...(notes !== undefined && { notes }), messages, maxTokens }, work.signal);
  } catch (error) {
    if (!(error instanceof AIError) || !(error.code === 'content-filtered' || error.code === 'too-long')) throw error;
    if (part.length === 1) return notes;
    const middle = Math.ceil(part.length / 2);
    return notesOn(work, await notesOn(work, notes, part.slice(0, middle), maxTokens), part.slice(middle), maxTokens);
  }
}
