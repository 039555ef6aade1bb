import type { Thread } from '../../threads/thread';
import type { SummarizeOptions } from '../engine';
import type { Coverage, KeySentence, Summary } from '../summary/summary';
import { findClaims } from './claims';
import { cuesFor } from './cues/cuesFor';
import { chooseKeySentences } from './keySentences';
import { threadLanguage } from './language';
import { limitsFor } from './limits';
import { createPace } from './pace';
import type { Unit } from './units';
import { toUnits } from './units';
import type { Vocabulary } from './vocabulary';
import { firstWords } from './words';

/**
 * Quotes the sentences of a thread that tell most, and those that decide, give tasks and leave questions, by rules. Works
 * in the thread's own language, in slices. With a limit of words the key sentences use all of it, whatever else was found;
 * without one, what is a claim already is not told again.
 */
export async function summarizeByRules(
  thread: Thread,
  options: SummarizeOptions,
  vocabularyOf: (language: string) => Promise<Vocabulary>,
  signal: AbortSignal,
): Promise<Summary> {
  const language = (await threadLanguage(thread)) ?? options.language;
  const vocabulary = await vocabularyOf(language);
  const [cues, limits, pace] = [cuesFor(language), limitsFor(options), createPace(signal)];
  const units = await toUnits(thread, vocabulary, pace);
  const { claims, told } = await findClaims({ thread, units, language, cues, limits }, pace);
  const isFilled = options.maxWords !== undefined;
  const chosen = await chooseKeySentences(thread, units, { ...limits.keySentences, isFilled, told: isFilled ? [] : told, cues, vocabulary }, pace);
  const keySentences = claims.length === 0 && chosen.length === 0 ? fullestSentence(units, limits.keySentences.maxWords) : chosen.map(toKeySentence);
  return { origin: 'quotes', language, length: options.length, tldr: [], claims, keySentences, coverage: receipt(thread), dropped: 0, engine: { kind: 'offline', name: ENGINE_NAME } };
}

const ENGINE_NAME = 'Parley'; // nobody else's work: our own rules

const toKeySentence = ({ text, messageId }: Unit): KeySentence => ({ text, messageId });

/** A thread of one short message, or room for a few words only, still gets its fullest sentence, cut where it must be. */
function fullestSentence(units: readonly Unit[], maxWords: number): readonly KeySentence[] {
  const fullest = units.reduce<Unit | undefined>((best, unit) => (unit.text !== '' && (!best || unit.terms.length > best.terms.length) ? unit : best), undefined);
  return fullest ? [{ text: firstWords(fullest.text, maxWords), messageId: fullest.messageId }] : [];
}

function receipt({ messages }: Thread): Coverage {
  const empty = messages.filter(({ text }) => text.trim() === '').length;
  return { messages: messages.length, read: messages.length - empty, omitted: empty > 0 ? [{ reason: 'empty', count: empty }] : [], quotedOnly: 0 };
}
