import type { Author, Thread, ThreadMessage } from '../../threads/thread';
import { cleanSpeech, cleanWriting } from './clean';
import type { Sentence } from './sentences';
import { splitSentences } from './sentences';
import type { Vocabulary } from './vocabulary';

/** A sentence of somebody, cleaned, and the message it starts in. */
export interface Unit {
  readonly text: string;
  readonly messageId: string;
  /** Place of the message in the thread, from 0. */
  readonly messageIndex: number;
  readonly createdAt: string | undefined;
  readonly author: Author;
  /** Place of the sentence in its message, from 0. */
  readonly sentence: number;
  readonly wordCount: number;
  /** Stems of the content words. */
  readonly terms: readonly string[];
  readonly isQuestion: boolean;
  /** False where the speaker broke off. */
  readonly isComplete: boolean;
  /** True where several starts stand in one sentence: "we'll have to I'll we're having". */
  readonly isTangled: boolean;
}

/** Every sentence of a thread, in order. Speech that went on in the speaker's next turn is put together again. */
export function toUnits(thread: Thread, vocabulary: Vocabulary): readonly Unit[] {
  const spoken = thread.kind === 'meeting';
  const turns = spoken ? joinTurns(thread.messages) : thread.messages.map((message, index) => ({ pieces: [{ message, index }] }));
  return turns.flatMap((turn) => turnUnits(turn, spoken, vocabulary));
}

interface Piece {
  readonly message: ThreadMessage;
  readonly index: number;
}

interface Turn {
  readonly pieces: readonly Piece[];
}

const MAX_PIECES = 4; // who speaks on after that is telling something else
const MAX_INTERJECTIONS = 2;

/** A turn that stops in mid-sentence goes on in the same speaker's next one, over a "mm-hmm" of others. */
function joinTurns(messages: readonly ThreadMessage[]): readonly Turn[] {
  const taken = new Set<number>();
  return messages.flatMap((message, index) => {
    if (taken.has(index)) return [];
    const pieces = [{ message, index }];
    for (let last = pieces.at(-1); last && pieces.length < MAX_PIECES; last = pieces.at(-1)) {
      const next = continuation(messages, last);
      if (!next) break;
      taken.add(next.index);
      pieces.push(next);
    }
    return [{ pieces }];
  });
}

function continuation(messages: readonly ThreadMessage[], { message, index }: Piece): Piece | undefined {
  if (endsSentence(message.text)) return undefined;
  for (let next = index + 1; next <= index + 1 + MAX_INTERJECTIONS; next += 1) {
    const candidate = messages[next];
    if (!candidate) return undefined;
    if (candidate.author.id === message.author.id) return /^[\p{Ll}'’]/u.test(candidate.text) || next === index + 1 ? { message: candidate, index: next } : undefined;
    if (countWords(candidate.text) > 3) return undefined;
  }
  return undefined;
}

const endsSentence = (text: string): boolean => /[.?!…。！？]["'”’)\]]*$/u.test(text.trim());

/** Words of a text; in scripts without spaces two characters count as one. */
export function countWords(text: string): number {
  const spaced = text.replace(UNSPACED, ' ').match(/[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}_]+)*/gu)?.length ?? 0;
  return spaced + Math.ceil((text.match(UNSPACED)?.length ?? 0) / 2);
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

function turnUnits({ pieces }: Turn, spoken: boolean, vocabulary: Vocabulary): readonly Unit[] {
  const text = pieces.map(({ message }) => message.text.trimEnd()).join(' ');
  const source = spoken ? text : withoutQuotes(text);
  const sentences = splitSentences(source, vocabulary.language);
  return (spoken ? sentences.flatMap(splitRestarts) : sentences).map((sentence, order) => {
    const cleaned = spoken ? cleanSpeech(sentence.text, vocabulary.language) : cleanWriting(sentence.text);
    const { message, index } = pieceAt(pieces, sentence.start + leftOut(sentence.text, cleaned));
    return {
      text: cleaned,
      messageId: message.id,
      messageIndex: index,
      createdAt: message.createdAt,
      author: message.author,
      sentence: order,
      wordCount: countWords(cleaned),
      terms: vocabulary.terms(cleaned),
      isQuestion: /[?？]["'”’)\]]*$/u.test(cleaned),
      isComplete: !spoken || endsSentence(sentence.text),
      isTangled: spoken && TANGLED.test(cleaned),
    };
  });
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

/** How much of the beginning cleaning took away: a turn of "uh, yeah, uh" is not where its sentence starts. */
function leftOut(text: string, cleaned: string): number {
  const opening = cleaned.split(' ').slice(0, 2).join(' ').toLowerCase();
  return Math.max(0, text.toLowerCase().indexOf(opening));
}

function pieceAt(pieces: readonly Piece[], offset: number): Piece {
  let end = 0;
  for (const piece of pieces) {
    end += piece.message.text.trimEnd().length + 1;
    if (offset < end) return piece;
  }
  return pieces[pieces.length - 1] as Piece; // a turn has at least one piece
}

/** What others wrote before, and code, are not this author's sentences. */
const withoutQuotes = (text: string): string => text.replace(/```[\s\S]*?(?:```|$)/g, ' ').replace(/^>.*$/gm, ' ');
