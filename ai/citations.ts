import type { Source } from './engine';
import { normalize } from './evidence';
import type { Passage } from './passages';

export interface CitedText {
  readonly text: string;
  /** In the order of their markers: `[1]` is the first. */
  readonly cited: readonly Passage[];
}

const MAX_SOURCES = 20; // Teams refuses a message with more (Learn, "Bot messages with AI-generated content")

/**
 * The text with markers numbered by first appearance; those of no passage are taken out, and so are images and, where
 * passages were shown, links that stand in none of them. What may still become a marker or link is held back, so that
 * the results for a growing text grow too.
 */
export function toCitedText(raw: string, passages: readonly Passage[]): CitedText {
  const cited: Passage[] = [];
  const text = withoutForeignLinks(settled(raw), passages).replace(/([ \t]*)\[(\d{1,5}(?:\s*,\s*\d{1,5})*)\](?!\()/g, (_, space: string, ids: string) => {
    const positions = ids.split(',').map((id) => positionOf(Number(id), passages, cited));
    const markers = [...new Set(positions)].filter((position) => position !== undefined).map((position) => `[${position}]`);
    return markers.length > 0 ? space + markers.join('') : '';
  });
  return { text, cited };
}

/** Up to the first bracket or word that is not finished yet. */
function settled(raw: string): string {
  const [body = ''] = raw.split('[[next]]');
  return unfinished.reduce((text, tail) => text.replace(tail, ''), body);
}

const unfinished: readonly RegExp[] = [
  /\bh(?:t(?:t(?:p(?:s(?::\S*)?|:\S*)?)?)?)?$/i, // an address
  /!?\[\[[^\]\n]*\]?$/, // towards [[next]]
  /!?\[[^\][\n]*(?:\](?:\([^)\n]*)?)?$/, // a citation, or a link up to its target
  /!$/, // an image
  /\s+$/,
];

function withoutForeignLinks(text: string, passages: readonly Passage[]): string {
  const isKnown = (url: string): boolean => passages.length === 0 || passages.some(({ message }) => message.text.includes(url));
  return text
    .replace(/!\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])/g, '$1')
    .replace(/(?<!!)\[([^\]\n]+)\]\((\S+?)(?:\s[^)\n]*)?\)/g, (link, label: string, url: string) => (isKnown(url) ? link : label))
    .replace(/(?:https?:\/\/)[^\s)>\]]+/gi, (url) => (isKnown(url.replace(/[.,;:!?]+$/, '')) ? url : ''));
}

/** The number that people see. A passage gets the next one when it is cited first. */
function positionOf(id: number, passages: readonly Passage[], cited: Passage[]): number | undefined {
  const passage = passages.find((candidate) => candidate.id === id);
  if (!passage) return undefined;
  if (!cited.includes(passage)) {
    if (cited.length === MAX_SOURCES) return undefined;
    cited.push(passage);
  }
  return cited.indexOf(passage) + 1;
}

/** Each cited passage with the sentence of it that is closest to what was said before its marker. */
export function toSources(cited: readonly Passage[], text: string): readonly Source[] {
  return cited.map(({ thread, message }, index) => {
    const [before = ''] = text.split(`[${index + 1}]`);
    return { threadId: thread.id, title: thread.title, message, quote: closestSentence(message.text, before.slice(-300)) };
  });
}

function closestSentence(text: string, statement: string): string {
  const wanted = new Set(wordsOf(statement));
  const sentences = [...new Intl.Segmenter('und', { granularity: 'sentence' }).segment(text)].map(({ segment }) => segment.trim()).filter(Boolean);
  const scored = sentences.map((sentence) => ({ sentence, score: wordsOf(sentence).filter((word) => wanted.has(word)).length }));
  return scored.reduce((best, next) => (next.score > best.score ? next : best), scored[0] ?? { sentence: text, score: 0 }).sentence;
}

const wordsOf = (text: string): readonly string[] => normalize(text).match(/[\p{L}\p{N}]+/gu) ?? [];
