import type { Thread, ThreadMessage } from '../../threads/thread';
import { unwrapped, withoutForeignText } from './writing';

/** A message, or a turn of speech over several: what one person says in one go. */
export interface Turn {
  /** In order; at least one. */
  readonly pieces: readonly Piece[];
  /** The pieces' texts, a space between two. */
  readonly text: string;
}

export interface Piece {
  readonly message: ThreadMessage;
  /** Place of the message in the thread, from 0. */
  readonly index: number;
  /** Where its text begins in the turn's. */
  readonly start: number;
}

/** Who says what, in order. Speech that stops in mid-sentence is put together with what the speaker says next. */
export function toTurns({ messages }: Thread, isSpeech: boolean): readonly Turn[] {
  if (!isSpeech) return messages.map((message, index) => ({ pieces: [{ message, index, start: 0 }], text: unwrapped(withoutForeignText(message.text)) }));
  const taken = new Set<number>();
  return messages.flatMap((_, index) => (taken.has(index) ? [] : [spokenTurn(messages, index, taken)]));
}

const MAX_PIECES = 4; // who speaks on after that is telling something else
const MAX_INTERJECTIONS = 2;

function spokenTurn(messages: readonly ThreadMessage[], first: number, taken: Set<number>): Turn {
  const pieces: Piece[] = [];
  let text = '';
  for (let next: number | undefined = first; next !== undefined && pieces.length < MAX_PIECES; next = continuation(messages, next)) {
    const message = messages[next];
    if (!message) break;
    pieces.push({ message, index: next, start: text === '' ? 0 : text.length + 1 });
    text += `${text === '' ? '' : ' '}${message.text.trimEnd()}`;
    taken.add(next);
  }
  return { pieces, text };
}

/** Where an unfinished message goes on: at once, or over a "mm-hmm" of others where it begins in lower case. */
function continuation(messages: readonly ThreadMessage[], index: number): number | undefined {
  const message = messages[index];
  if (!message || endsSentence(message.text)) return undefined;
  for (let next = index + 1; next <= index + 1 + MAX_INTERJECTIONS; next += 1) {
    const candidate = messages[next];
    if (!candidate) return undefined;
    if (candidate.author.id === message.author.id) return next === index + 1 || /^[\p{Ll}'’]/u.test(candidate.text) ? next : undefined;
    if (!isInterjection(candidate.text)) return undefined;
  }
  return undefined;
}

const isInterjection = (text: string): boolean => text.length < 40 && text.split(/[^\p{L}\p{N}'’-]+/u).filter(Boolean).length <= 3;

export const endsSentence = (text: string): boolean => /[.?!…。！？]["'”’)\]]*\s*$/u.test(text.slice(-10));
