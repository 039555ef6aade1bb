import type { Attachment } from 'botbuilder';
import { z } from 'zod';
import { cutText } from './cutText';

/**
 * Spreads attachments over messages, in order; each message's take up at most `maxLength` characters as JSON. A card
 * that is larger becomes several: cut between its elements, and within an element only where that is too large itself.
 * What is no Adaptive Card cannot be cut and gets a message of its own.
 */
export function spreadAttachments(attachments: readonly Attachment[], maxLength: number): readonly (readonly Attachment[])[] {
  return inGroups(attachments.flatMap((attachment) => splitAttachment(attachment, maxLength)), maxLength);
}

type Element = Readonly<Record<string, unknown>>;

const cardShape = z.looseObject({ type: z.literal('AdaptiveCard'), body: z.array(z.looseObject({ type: z.string() })), actions: z.array(z.unknown()).optional() });

function splitAttachment(attachment: Attachment, maxLength: number): readonly Attachment[] {
  const card = cardShape.safeParse(attachment.content);
  if (!card.success || sizeOf(attachment) <= maxLength) return [attachment];
  const { actions = [], ...content } = card.data;
  const shell = { ...content, body: [] };
  const room = roomIn({ ...attachment, content: shell }, maxLength);
  const bodies = inGroups(content.body.flatMap((element) => splitElement(element, room)), room);
  // Buttons come last, as people expect them: below the last element, or below nothing where there is no room.
  const isFull = sizeOf([bodies.at(-1) ?? [], actions]) > room;
  const cards = [...bodies, ...(actions.length > 0 && isFull ? [[]] : [])].map((body) => ({ ...shell, body }));
  return cards.map((part, index) => ({ ...attachment, content: index === cards.length - 1 && actions.length > 0 ? { ...part, actions } : part }));
}

function splitElement(element: Element, maxLength: number): readonly Element[] {
  if (sizeOf(element) <= maxLength) return [element];
  const list = ['items', 'inlines'].find((name) => Array.isArray(element[name]));
  if (list !== undefined) return splitList(element, list, maxLength);
  if (typeof element['text'] === 'string') {
    return cutText(element['text'], roomIn({ ...element, text: '' }, maxLength)).map((text) => ({ ...element, text }));
  }
  // A rich text block knows no markdown: what the words come from may have known none either.
  const block = (text: string): Element => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text }] });
  return cutText(wordsOf(element).join('\n'), roomIn(block(''), maxLength)).map(block);
}

function splitList(element: Element, list: string, maxLength: number): readonly Element[] {
  const parts = z.array(z.unknown()).parse(element[list]).map(toElement);
  const room = roomIn({ ...element, [list]: [] }, maxLength);
  const groups = inGroups(parts.flatMap((part) => splitElement(part, room)), room);
  return groups.map((group, index) => ({ ...(index === 0 ? element : withoutId(element)), [list]: group }));
}

/** A run of rich text may be written as a string. */
const toElement = (part: unknown): Element => (typeof part === 'string' ? { type: 'TextRun', text: part } : z.record(z.string(), z.unknown()).parse(part));

const withoutId = (element: Element): Element => Object.fromEntries(Object.entries(element).filter(([name]) => name !== 'id'));

const wordProperties = new Set(['text', 'title', 'value', 'label', 'placeholder', 'altText', 'url']);

/** What can be read in an element, in its order. */
function wordsOf(part: unknown): readonly string[] {
  if (Array.isArray(part)) return part.flatMap(wordsOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => (typeof value === 'string' ? (wordProperties.has(name) ? [value] : []) : wordsOf(value)));
}

function inGroups<T>(parts: readonly T[], maxLength: number): T[][] {
  const groups: T[][] = [];
  let length = Infinity;
  for (const part of parts) {
    const partLength = sizeOf(part) + 1;
    if (length + partLength > maxLength) {
      groups.push([]);
      length = 2;
    }
    groups.at(-1)?.push(part);
    length += partLength;
  }
  return groups;
}

const SMALLEST_ROOM = 256;

/** What is left for the contents. */
const roomIn = (shell: unknown, maxLength: number): number => Math.max(SMALLEST_ROOM, maxLength - sizeOf(shell));

const sizeOf = (value: unknown): number => JSON.stringify(value).length;
