import type { Thread } from '../../threads/thread';
import type { ConverseRequest, ConverseResult, Source } from '../engine';
import { scoreByWords } from './bm25';
import { threadLanguage } from './language';
import type { Pace } from './pace';
import { createPace, filterPaced, mapPaced } from './pace';
import type { Unit } from './units';
import { toUnits } from './units';
import type { Vocabulary } from './vocabulary';

const MAX_UNITS = 30_000; // some 400,000 words; the newest threads come first
const MIN_WORDS = 4;
const MAX_QUOTES = 2;
/** Neighbours of a sentence lend it part of their score: an answer often stands beside the words of the question. */
const NEIGHBOUR_SHARES = [0.5, 0.25];
/** How much of the question's weight must be found around the quote; less is chance. */
const MIN_FOUND_SHARE = 0.45;
/** A second quote that fits much less well only distracts. */
const SECOND_QUOTE_SHARE = 0.6;

/**
 * Answers a question with the one or two sentences of the given threads that fit it best (BM25 over stems), each with
 * its source. `nothing-found` where the question has no content words or too few of them are found together.
 */
export async function answerByQuoting(
  { text, threads, language }: ConverseRequest,
  vocabularyOf: (language: string) => Promise<Vocabulary>,
  signal: AbortSignal,
): Promise<ConverseResult> {
  if (isSmallTalk(text)) return { kind: 'nothing-found' };
  const pace = createPace(signal);
  const passages: Passage[] = [];
  for (const thread of threads) {
    if (passages.length > MAX_UNITS) break;
    const vocabulary = await vocabularyOf((await threadLanguage(thread)) ?? language);
    passages.push(...(await toPassages(thread, vocabulary, toQuestion(text, vocabulary, thread), pace)));
  }
  const sources = bestPassages(passages).map(toSource);
  if (sources.length === 0) return { kind: 'nothing-found' };
  return { kind: 'answer', origin: 'quotes', text: sources.map(toLine).join('\n\n'), sources, followUps: [] };
}

interface Passage {
  readonly thread: Thread;
  readonly unit: Unit;
  readonly score: number;
}

/** Verbs of asking and telling: every meeting is full of them, and none tells what is asked for. */
const ASKING_WORDS =
  'next last say said tell told mention discuss talk speak explain describe show give find know think mean ask answer summary summarize summarise please anyone someone somebody thing something anything happen sagen gesagt sprechen gesprochen erzählen bitte dire dit parler quelqu decir dicho hablar';
/** What is asked about only where nothing else is named. */
const FRAME_WORDS =
  'question meeting document file text transcript chat thread conversation message people person frage besprechung datei dokument réunion fichier reunión archivo documento';
/** Words that ask, which the lists of stop words leave out: what answers the question does not contain them. */
const QUESTION_WORDS =
  'wer wem wen wessen wann warum weshalb wieso wohin woher womit wofür qui quand où comment pourquoi combien quién cuándo dónde cómo cuál cuánto qué';
const SAYING = /\b(?:sa(?:y|ys|id)|think|thinks|thought|suggest\w*|propos\w+|mention\w*|want(?:s|ed)?|ask(?:s|ed)?|promis\w+|according to|opinion|sagt\w*|gesagt|meint\w*|dit|pense|dice|dijo|piensa)\b/i;

const isSmallTalk = (text: string): boolean =>
  /^\s*(?:hi|hello|hey|yo|good (?:morning|afternoon|evening|night)|thanks?(?: you)?|thx|bye|goodbye|ok(?:ay)?|yes|no|how are you|how's it going|what's up|who are you|what are you|hallo|guten \p{L}+|danke|tschüss|wie geht(?:'s| es dir)|bonjour|salut|merci|au revoir|ça va|hola|gracias|adiós|qué tal)\b[\s\p{P}]*(?:there|you|parley|so much|very much|today|again|dir|à tous|todos)?[\s\p{P}\p{Emoji}]*$/iu.test(text);

interface Question {
  readonly terms: readonly string[];
  /** Ids of those whose words are asked for; empty: anybody's. */
  readonly authors: ReadonlySet<string>;
}

function toQuestion(text: string, vocabulary: Vocabulary, thread: Thread): Question {
  const asked = SAYING.test(text) && thread.kind !== 'document' ? thread.participants.filter(({ name }) => names(text, name)) : [];
  const ignored = new Set(vocabulary.terms([ASKING_WORDS, QUESTION_WORDS, ...asked.map(({ name }) => name)].join(' ')));
  const terms = [...new Set(vocabulary.terms(text))].filter((term) => !ignored.has(term));
  const frame = new Set(vocabulary.terms(FRAME_WORDS));
  const telling = terms.filter((term) => !frame.has(term));
  return { terms: telling.length > 0 ? telling : terms, authors: new Set(asked.map(({ id }) => id)) };
}

const names = (text: string, name: string): boolean =>
  new RegExp(`(?<![\\p{L}])${escapePattern(name)}(?![\\p{L}])`, 'iu').test(text);

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

async function toPassages(thread: Thread, vocabulary: Vocabulary, { terms, authors }: Question, pace: Pace): Promise<readonly Passage[]> {
  if (terms.length === 0) return [];
  const units = await filterPaced(await toUnits(thread, vocabulary, pace), ({ subjects }) => subjects.size > 0, pace);
  const own = await scoreByWords(units, terms, pace);
  const weight = termWeight(units, terms);
  const total = terms.reduce((sum, term) => sum + weight(term), 0);
  const passages = await mapPaced(units, (unit, index) => {
    if ((own[index] ?? 0) === 0 || unit.wordCount < MIN_WORDS || (authors.size > 0 && !authors.has(unit.author.id))) return undefined;
    const share = terms.filter((term) => isNear(units, index, term)).reduce((sum, term) => sum + weight(term), 0) / total;
    if (share < MIN_FOUND_SHARE) return undefined;
    const penalty = (unit.isQuestion ? 0.5 : 1) * (unit.isComplete && !unit.isTangled ? 1 : 0.6);
    return { thread, unit, score: ((own[index] ?? 0) + smooth(own, index)) * share * penalty };
  }, pace);
  return passages.filter((passage) => passage !== undefined);
}

function smooth(scores: readonly number[], index: number): number {
  return NEIGHBOUR_SHARES.reduce((sum, share, distance) => sum + share * ((scores[index - distance - 1] ?? 0) + (scores[index + distance + 1] ?? 0)), 0);
}

/** Rare words weigh most; one that the thread does not have weighs as one that it has once. */
function termWeight(units: readonly Unit[], terms: readonly string[]): (term: string) => number {
  const counts = new Map(terms.map((term) => [term, units.reduce((count, { subjects }) => count + (subjects.has(term) ? 1 : 0), 0)]));
  return (term) => Math.log(1 + units.length / ((counts.get(term) || 1) + 0.5));
}

const isNear = (units: readonly Unit[], index: number, term: string): boolean =>
  [units[index - 1], units[index], units[index + 1]].some((unit) => unit?.subjects.has(term));

function bestPassages(passages: readonly Passage[]): readonly Passage[] {
  const sorted = [...passages].sort((a, b) => b.score - a.score);
  const [best] = sorted;
  if (!best) return [];
  const fitting = sorted.filter(({ score, unit }) => score >= best.score * SECOND_QUOTE_SHARE && (unit === best.unit || unit.text !== best.unit.text));
  return fitting.slice(0, MAX_QUOTES);
}

function toSource({ thread, unit }: Passage): Source {
  const message = thread.messages[unit.messageIndex];
  if (!message) throw new Error(`Message ${unit.messageIndex} of thread ${thread.id} is gone.`);
  return { threadId: thread.id, title: thread.title, message, quote: unit.text };
}

const toLine = ({ message, quote, title }: Source): string => (message.author.name === title ? `“${quote}”` : `${message.author.name}: “${quote}”`);
