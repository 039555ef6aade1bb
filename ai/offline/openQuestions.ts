import type { ThreadKind } from '../../threads/thread';
import type { Cues } from './cues/cues';
import type { Pace } from './pace';
import { filterPaced } from './pace';
import type { Unit } from './units';

const MIN_WORDS = 5;
const MIN_TERMS = 2;
const MAX_WORDS = 45;
const LOOKAHEAD = 80; // sentences
/** How many messages later an answer may come. Speech moves on quickly; writers answer late. */
const ANSWER_WITHIN: Readonly<Record<ThreadKind, number>> = { meeting: 4, chat: 6, channel: 10, document: 0 };

/** Questions that nobody answered or that were put off, and sentences that say that something is open. */
export function findOpenQuestions(kind: ThreadKind, units: readonly Unit[], cues: Cues, pace: Pace): Promise<readonly Unit[]> {
  const isOpen = (unit: Unit, index: number): boolean => {
    if (unit.wordCount < MIN_WORDS || unit.wordCount > MAX_WORDS || unit.terms.length < MIN_TERMS || !unit.isComplete || unit.isTangled) return false;
    if (!unit.isQuestion) return cues.open.test(unit.text);
    if (cues.noQuestion.test(unit.text) || !cues.question.test(unit.text)) return false;
    return kind === 'document' || !isAnswered(kind, units, index, cues);
  };
  return filterPaced(units, isOpen, pace);
}

function isAnswered(kind: ThreadKind, units: readonly Unit[], index: number, cues: Cues): boolean {
  const question = units[index];
  if (!question) return true;
  for (let next = index + 1; next <= index + LOOKAHEAD; next += 1) {
    const unit = units[next];
    if (!unit || unit.messageIndex > question.messageIndex + ANSWER_WITHIN[kind]) return false;
    if (unit.author.id === question.author.id && unit.messageIndex === question.messageIndex && answersOneself(unit)) return true;
    if (unit.author.id !== question.author.id && isAnswer(kind, unit, question, cues)) return !cues.deferral.test(unit.text);
  }
  return false;
}

/** A speaker who goes on with a statement on the same subject has answered it, or did not ask. */
const answersOneself = (unit: Unit): boolean => !unit.isQuestion && unit.terms.length >= 2;

/**
 * A counter-question is no answer. In speech any statement that says something is one, and a word of agreement. In
 * writing an answer takes up the question's words, or follows at once and asks for nothing.
 */
function isAnswer(kind: ThreadKind, unit: Unit, question: Unit, cues: Cues): boolean {
  if (unit.isQuestion || (!unit.isComplete && unit.wordCount > 3)) return false;
  const follows = unit.messageIndex - question.messageIndex <= AT_ONCE;
  if (follows && (cues.reply.test(unit.text) || cues.deferral.test(unit.text))) return true;
  if (cues.courtesy.test(unit.text)) return false;
  if (unit.terms.some((term) => question.subjects.has(term))) return true;
  return kind === 'meeting' ? unit.terms.length >= 2 : follows && unit.terms.length >= 1 && !cues.request.test(unit.text);
}

const AT_ONCE = 2; // messages
