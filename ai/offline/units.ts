import type { Author, Thread } from '../../threads/thread';
import type { Evidence } from '../summary/summary';
import { cleanSpeech, cleanWriting } from './clean';
import type { Pace } from './pace';
import { mapPaced } from './pace';
import type { Sentence } from './sentences';
import { splitSentences } from './sentences';
import type { Piece, Turn } from './turns';
import { endsSentence, toTurns } from './turns';
import type { Vocabulary } from './vocabulary';
import { countWords } from './words';

/** A sentence of somebody, cleaned, and the message it starts in. */
export interface Unit {
  readonly text: string;
  readonly messageId: string;
  /** Place of the message in the thread, from 0. */
  readonly messageIndex: number;
  readonly createdAt: string | undefined;
  readonly author: Author;
  /** Place of the sentence among those that begin in the same turn, from 0. */
  readonly sentence: number;
  readonly wordCount: number;
  /** Stems of the content words, in order. */
  readonly terms: readonly string[];
  /** The same, each once. */
  readonly subjects: ReadonlySet<string>;
  readonly isQuestion: boolean;
  /** False where the speaker broke off. */
  readonly isComplete: boolean;
  /** True where several starts stand in one sentence: "we'll have to I'll we're having". */
  readonly isTangled: boolean;
  readonly source: UnitSource;
}

/** Where a sentence stands, before it was cleaned. */
interface UnitSource {
  readonly turn: Turn;
  /** Characters of the turn's text. */
  readonly start: number;
  readonly end: number;
}

/** Every sentence of a thread, in order. */
export async function toUnits(thread: Thread, vocabulary: Vocabulary, pace: Pace): Promise<readonly Unit[]> {
  const isSpeech = thread.kind === 'meeting';
  const blocks = toTurns(thread, isSpeech).flatMap(cutIntoBlocks);
  const units = await mapPaced(blocks, (block) => (isSpeech ? spokenUnits(block, vocabulary) : writtenUnits(block, vocabulary)), pace);
  return units.flat();
}

/** As they stand in the thread. */
export const byPlace = (a: Unit, b: Unit): number => a.messageIndex - b.messageIndex || a.source.start - b.source.start;

/** A sentence as it stands in its messages: verbatim, one quote for each message it runs over. */
export function evidenceOf({ source: { turn, start, end } }: Pick<Unit, 'source'>): readonly Evidence[] {
  return turn.pieces.flatMap(({ message, start: offset }, index) => {
    const until = Math.min(end, (turn.pieces[index + 1]?.start ?? Infinity) - 1);
    const quote = message.text.slice(Math.max(0, start - offset), Math.max(0, until - offset)).trim();
    return quote === '' ? [] : [{ messageId: message.id, quote }];
  });
}

interface Block extends Sentence {
  readonly turn: Turn;
}

/** As much as is cleaned in one go, characters: a message may be a megabyte. */
const MAX_BLOCK_LENGTH = 4_000;

function cutIntoBlocks(turn: Turn): readonly Block[] {
  if (turn.text.length <= MAX_BLOCK_LENGTH) return [{ turn, text: turn.text, start: 0 }];
  const blocks: Block[] = [];
  for (let start = 0; start < turn.text.length; start += blocks.at(-1)?.text.length ?? MAX_BLOCK_LENGTH) {
    const text = turn.text.slice(start, start + MAX_BLOCK_LENGTH);
    blocks.push({ turn, text: text.length < MAX_BLOCK_LENGTH ? text : text.slice(0, lastEnd(text)), start });
  }
  return blocks;
}

/** After a line, a sentence or a word, in this order; never in the middle of a character. */
function lastEnd(text: string): number {
  const ends = [text.lastIndexOf('\n'), text.lastIndexOf('. ') + 1, text.lastIndexOf('。'), text.lastIndexOf(' ')];
  const end = ends.find((place) => place > MAX_BLOCK_LENGTH / 2);
  if (end !== undefined) return end + 1;
  return /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length;
}

function spokenUnits({ turn, text, start }: Block, vocabulary: Vocabulary): readonly Unit[] {
  return splitSentences(text, vocabulary.language).flatMap(splitRestarts).map((sentence, order) => {
    const cleaned = cleanSpeech(sentence.text, vocabulary.language);
    const place = { turn, start: start + sentence.start, end: start + sentence.start + sentence.text.length };
    return { ...toUnit(cleaned, place, order, vocabulary), isComplete: endsSentence(sentence.text), isTangled: cleaned.includes(' ') && TANGLED.test(cleaned) };
  });
}

function writtenUnits({ turn, text, start }: Block, vocabulary: Vocabulary): readonly Unit[] {
  return splitSentences(text, vocabulary.language).map((sentence, order) => {
    const place = { turn, start: start + sentence.start, end: start + sentence.start + sentence.text.length };
    return toUnit(cleanWriting(sentence.text), place, order, vocabulary);
  });
}

function toUnit(text: string, source: UnitSource, sentence: number, vocabulary: Vocabulary): Unit {
  const { message, index } = pieceOf(source, text);
  const terms = vocabulary.terms(text);
  return {
    text,
    messageId: message.id,
    messageIndex: index,
    createdAt: message.createdAt,
    author: message.author,
    sentence,
    wordCount: countWords(text),
    terms,
    subjects: new Set(terms),
    isQuestion: /[?？]["'”’)\]]*$/u.test(text),
    isComplete: true,
    isTangled: false,
    source,
  };
}

const RESTART = /(?<=[\p{Ll},]) (?=(?:The|And|But|So|If|We|It|It's|That|That's|This|Whether|What|How|Or|Maybe|Perhaps|You|They|There|There's|Which|Then|Because|In|On|For|With)(?: |'))/u;
const DANGLING = /(?:,? (?:with|and|or|but|the|a|an|to|of|so|because|like|is|was|i've|we've|i'm|it's|that|where|which|'cause|in|on|for|then))+$/i;
const TANGLED = /(?<![\p{L}])(?:\p{L}+'(?:ll|re|ve|m|d)|to|the|a|an|shall|will|i) (?:i|we|you|they|he|she)'\p{L}+|(?<![\p{L}])(?:i (?:shall|can|will) i|(?:i|we|you|they)(?: (?:do|ca|did)n't)? (?:it|he|she|there|what) (?:could|would|is|was|we|i|can)|a an|the a|is are|for remember)(?![\p{L}])/iu;

/** A capital in the middle of speech is where the speaker started over; the first start may still say something. */
function splitRestarts({ text, start }: Sentence): readonly Sentence[] {
  let offset = start;
  return text.split(RESTART).map((part, index, parts) => {
    const at = offset;
    offset += part.length + 1;
    return { text: index < parts.length - 1 ? part.replace(DANGLING, '') : part, start: at };
  });
}

/** The message in which the cleaned sentence begins: one of "uh, yeah, uh" may come before. */
function pieceOf({ turn: { pieces, text }, start, end }: UnitSource, cleaned: string): Piece {
  const [first] = pieces as readonly [Piece, ...Piece[]]; // a turn has at least one piece
  if (pieces.length === 1) return first;
  const opening = cleaned.split(' ', 2).join(' ').toLowerCase();
  const begins = start + Math.max(0, text.slice(start, end).toLowerCase().indexOf(opening));
  return pieces.findLast((piece) => piece.start <= begins) ?? first;
}
