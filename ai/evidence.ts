import type { Author, ThreadMessage } from '../threads/thread';
import { isDueSupported } from './dueDate';

/** A statement about a thread as the model made it. */
export interface RawClaim {
  readonly kind: 'key-point' | 'decision' | 'action' | 'question';
  readonly text: string;
  readonly owner: string | null;
  readonly due: string | null;
  readonly quote: string;
}

/** A statement whose quote stands in the message it names. */
export interface Claim {
  readonly kind: RawClaim['kind'];
  readonly text: string;
  readonly owner?: string;
  readonly due?: string;
  readonly quote: string;
  /** Of the thread, not the short one. */
  readonly messageId: string;
}

const MIN_QUOTE_LENGTH = 8; // characters; anything shorter ("yes") stands in nearly every message

/**
 * Keeps a claim only where its message exists and holds its quote. An owner who neither takes part nor is named
 * there, and a date that the message does not support, are left out of the claim.
 */
export async function verifyClaim(claim: RawClaim, message: ThreadMessage | undefined, participants: readonly Author[]): Promise<Claim | undefined> {
  const text = claim.text.replace(/\s+/g, ' ').trim();
  if (!message || text === '' || !isQuoted(claim.quote, message.text)) return undefined;
  if (hasForeignLink(text, message.text)) return undefined;
  const owner = claim.owner ? supportedOwner(claim.owner, message, participants) : undefined;
  const due = claim.due && (await isDueSupported(claim.due, message)) ? claim.due : undefined;
  return { kind: claim.kind, text, messageId: message.id, quote: claim.quote.trim(), ...(owner && { owner }), ...(due && { due }) };
}

function isQuoted(quote: string, text: string): boolean {
  const [wanted, whole] = [normalize(quote), normalize(text)];
  return wanted !== '' && whole.includes(wanted) && (wanted.length >= MIN_QUOTE_LENGTH || wanted === whole);
}

/** Same letters whatever the width, case, spaces and kind of quotation marks; no punctuation at the ends. */
export const normalize = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2018\u2019\u201b]/g, "'")
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/[\u2010-\u2015]/g, '-')
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'.…,;:!?]+|[\s"'.…,;:!?]+$/gu, '');

/** The summary may not bring an address into the conversation that was not there. */
const hasForeignLink = (text: string, source: string): boolean => (text.match(/(?:https?:\/\/|www\.)[^\s)>\]]+/gi) ?? []).some((link) => !source.includes(link));

function supportedOwner(owner: string, { author, text }: ThreadMessage, participants: readonly Author[]): string | undefined {
  const wanted = normalize(owner);
  if (wanted === '') return undefined;
  const names = [author, ...participants].map(({ name }) => name);
  const sameName = names.find((name) => normalize(name) === wanted);
  if (sameName) return sameName;
  const firstNames = [...new Set(names.filter((name) => normalize(name).split(' ').includes(wanted)))];
  if (firstNames.length === 1) return firstNames[0];
  return hasWord(normalize(text), wanted) ? owner.trim() : undefined;
}

/** As a whole word: "Ann" is not named by "annual". */
function hasWord(text: string, word: string): boolean {
  const at = text.indexOf(word);
  if (at < 0) return false;
  const [before, after] = [text.slice(0, at).at(-1) ?? ' ', text[at + word.length] ?? ' '];
  return (!isLetter(before) && !isLetter(after)) || hasWord(text.slice(at + 1), word);
}

const isLetter = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
