import type { ThreadKind } from '../../threads/thread';
import type { Cues } from './cues/cues';
import type { Unit } from './units';

const MIN_WORDS = 5;
const MIN_TERMS = 2;
const MAX_WORDS = 45;
/** How many messages later an answer may come. Speech moves on quickly; writers answer late. */
const ANSWER_WITHIN: Readonly<Record<ThreadKind, number>> = { meeting: 4, chat: 6, channel: 10, document: 0 };

/** Questions that nobody answered or that were put off, and sentences that say that something is open. */
export function findOpenQuestions(kind: ThreadKind, units: readonly Unit[], cues: Cues): readonly Unit[] {
  return units.filter((unit, index) => {
    if (unit.wordCount < MIN_WORDS || unit.wordCount > MAX_WORDS || unit.terms.length < MIN_TERMS || !unit.isComplete || unit.isTangled) return false;
    if (!unit.isQuestion) return cues.open.test(unit.text);
    if (cues.noQuestion.test(unit.text) || !cues.question.test(unit.text)) return false;
    return kind === 'document' || !isAnswered(kind, units, index, cues);
  });
}

function isAnswered(kind: ThreadKind, units: readonly Unit[], index: number, cues: Cues): boolean {
  const question = units[index];
  if (!question) return true;
  for (const unit of units.slice(index + 1)) {
    if (unit.messageIndex > question.messageIndex + ANSWER_WITHIN[kind]) return false;
    if (unit.author.id === question.author.id && unit.messageIndex === question.messageIndex && answersOneself(unit)) return true;
    if (unit.author.id !== question.author.id && isAnswer(unit, question, cues)) return !cues.deferral.test(unit.text);
  }
  return false;
}

/** A speaker who goes on with a statement on the same subject has answered it, or did not ask. */
const answersOneself = (unit: Unit): boolean => !unit.isQuestion && unit.terms.length >= 2;

/** A counter-question is no answer; a word of agreement is, and so is any statement that says something. */
function isAnswer(unit: Unit, question: Unit, cues: Cues): boolean {
  if (unit.isQuestion || (!unit.isComplete && unit.wordCount > 3)) return false;
  if (cues.reply.test(unit.text) || cues.deferral.test(unit.text)) return true;
  return unit.terms.length >= 2 || unit.terms.some((term) => question.terms.includes(term));
}
