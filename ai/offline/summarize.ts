import type { Thread } from '../../threads/thread';
import type { SummarizeOptions, SummaryLength } from '../engine';
import { claimId } from '../summary/claimId';
import type { Claim, Coverage, KeySentence, Summary } from '../summary/summary';
import type { Task } from './actionItems';
import { findTasks } from './actionItems';
import { cuesFor } from './cues/cuesFor';
import { findDecisions } from './decisions';
import { loadDueDates } from './dueDate';
import { chooseKeyPoints, saysTheSame } from './keyPoints';
import { detectLanguage } from './language';
import { findOpenQuestions } from './openQuestions';
import type { Unit } from './units';
import { countWords, toUnits } from './units';
import type { Vocabulary } from './vocabulary';

interface Limits {
  readonly keyPoints: number;
  readonly decisions: number;
  readonly actionItems: number;
  readonly openQuestions: number;
  readonly words: number;
}

const limits: Readonly<Record<SummaryLength, Limits>> = {
  short: { keyPoints: 3, decisions: 3, actionItems: 4, openQuestions: 2, words: 150 },
  standard: { keyPoints: 6, decisions: 5, actionItems: 8, openQuestions: 4, words: 350 },
  detailed: { keyPoints: 14, decisions: 12, actionItems: 20, openQuestions: 10, words: 900 },
};

/** Key points get at least this share of the words, however much was decided. */
const KEY_POINT_SHARE = 0.35;

/**
 * Quotes the sentences of a thread that tell most, and those that decide, give tasks and leave questions, by rules.
 * Every sentence stands in one section only. Works in the thread's own language.
 */
export async function summarizeByRules(
  thread: Thread,
  options: SummarizeOptions,
  vocabularyOf: (language: string) => Promise<Vocabulary>,
): Promise<Summary> {
  const language = (await threadLanguage(thread)) ?? options.language;
  const [vocabulary, findDueDate] = await Promise.all([vocabularyOf(language), loadDueDates(language)]);
  const cues = cuesFor(language);
  const units = toUnits(thread, vocabulary);
  const limit = { ...limits[options.length], ...(options.maxWords === undefined ? {} : { words: options.maxWords }) };
  const budget = { left: Math.floor(limit.words * (1 - KEY_POINT_SHARE)) };
  const decisions = takeDistinct(findDecisions(units, cues), { limit: limit.decisions, budget, told: [] });
  const tasks = takeTasks(findTasks(thread, units, cues, findDueDate), { limit: limit.actionItems, budget, told: decisions });
  const told = [...decisions, ...tasks.map(({ unit }) => unit)];
  const openQuestions = takeDistinct(findOpenQuestions(thread.kind, units, cues), { limit: limit.openQuestions, budget, told });
  const maxWords = limit.words - sumWords([...told, ...openQuestions]);
  const keyPoints = chooseKeyPoints(thread, units, { maxItems: limit.keyPoints, maxWords, told: [...told, ...openQuestions], cues, vocabulary });
  const claims = [...decisions.map((unit) => toClaim('decision', unit)), ...tasks.map(toTaskClaim), ...openQuestions.map((unit) => toClaim('question', unit))];
  const keySentences = claims.length === 0 && keyPoints.length === 0 ? fullestSentence(units, limit.words) : keyPoints.map(toKeySentence);
  return {
    origin: 'quotes', language, length: options.length, tldr: [], claims: inThreadOrder(thread, claims), keySentences, coverage: receipt(thread), dropped: 0, engine: { kind: 'offline', name: ENGINE_NAME },
  };
}

const ENGINE_NAME = 'Parley'; // nobody else's work: our own rules

/** Told from the longest messages: the first ones are often a greeting. */
function threadLanguage({ messages }: Thread): Promise<string | undefined> {
  const longest = [...messages].sort((a, b) => b.text.length - a.text.length).slice(0, 20);
  return detectLanguage(longest.map(({ text }) => text.slice(0, 200)).join('\n'));
}

interface Taking {
  readonly limit: number;
  readonly budget: { left: number };
  readonly told: readonly Unit[];
}

/** Too many for the space: the latest come first, since what was said last stands. */
function takeDistinct(units: readonly Unit[], { limit, budget, told }: Taking): readonly Unit[] {
  const taken: Unit[] = [];
  for (const unit of [...units].reverse()) {
    if (taken.length >= limit) break;
    if (unit.wordCount > budget.left || [...told, ...taken].some((each) => saysTheSame(each, unit))) continue;
    budget.left -= unit.wordCount;
    taken.push(unit);
  }
  return inOrder(taken);
}

function takeTasks(tasks: readonly Task[], { limit, budget, told }: Taking): readonly Task[] {
  const surest = [...tasks].sort((a, b) => b.certainty - a.certainty);
  const taken: Task[] = [];
  for (const task of surest) {
    if (taken.length >= limit) break;
    if (task.unit.wordCount > budget.left || [...told, ...taken.map(({ unit }) => unit)].some((each) => saysTheSame(each, task.unit))) continue;
    budget.left -= task.unit.wordCount;
    taken.push(task);
  }
  return taken.sort((a, b) => a.unit.messageIndex - b.unit.messageIndex || a.unit.sentence - b.unit.sentence);
}

const inOrder = (units: readonly Unit[]): readonly Unit[] => [...units].sort((a, b) => a.messageIndex - b.messageIndex || a.sentence - b.sentence);
const sumWords = (units: readonly Unit[]): number => units.reduce((sum, { wordCount }) => sum + wordCount, 0);
const toKeySentence = ({ text, messageId }: Unit): KeySentence => ({ text, messageId });

const statuses = { decision: 'current', action: 'proposed', question: 'open' } as const;

function toClaim(kind: keyof typeof statuses, { text, messageId }: Unit): Claim {
  const claim = { kind, text, evidence: [{ messageId, quote: text }], status: statuses[kind] };
  return { id: claimId(claim), ...claim };
}

function toTaskClaim({ unit, owner, due }: Task): Claim {
  const isOwnWord = owner !== undefined && owner === unit.author.name;
  return { ...toClaim('action', unit), status: isOwnWord ? 'accepted' : 'proposed', ...(owner ? { owner } : {}), ...(isOwnWord ? { ownerId: unit.author.id } : {}), ...(due ? { due } : {}) };
}

function inThreadOrder({ messages }: Thread, claims: readonly Claim[]): readonly Claim[] {
  const places = new Map(messages.map(({ id }, place) => [id, place]));
  const placeOf = ({ evidence: [first] }: Claim): number => places.get(first?.messageId ?? '') ?? 0;
  return claims.toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** A thread of one short message, or room for a few words only, still gets its fullest sentence, cut where it must be. */
function fullestSentence(units: readonly Unit[], maxWords: number): readonly KeySentence[] {
  const fullest = units.reduce<Unit | undefined>((best, unit) => (unit.text !== '' && (!best || unit.terms.length > best.terms.length) ? unit : best), undefined);
  return fullest ? [{ text: firstWords(fullest.text, maxWords), messageId: fullest.messageId }] : [];
}

/** Counted piece by piece from the front: a text may be one sentence of 100,000 words, or of characters without a space. */
function firstWords(text: string, maxWords: number): string {
  let end = 0;
  let count = 0;
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    count += countWords(piece);
    if (count > maxWords && end > 0) return `${text.slice(0, end).replace(/[,.;:]$/, '')} …`;
    end = index + piece.length;
  }
  return text;
}

/** What stands between spaces, 40 characters at a time: longer ones are scripts without spaces, or no words. */
const PIECES = /\S{1,40}/gu;

function receipt({ messages }: Thread): Coverage {
  const empty = messages.filter(({ text }) => text.trim() === '').length;
  return { messages: messages.length, read: messages.length - empty, omitted: empty > 0 ? [{ reason: 'empty', count: empty }] : [], quotedOnly: 0 };
}
