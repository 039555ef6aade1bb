import { assembleThread } from './assemble';
import type { Thread } from './thread';

/** A document from plain text or Markdown: one message a paragraph, its author the title. */
export function parseParagraphs(title: string, text: string): Thread {
  const paragraphs = text.split(/\n[^\S\n]*\n/).flatMap(splitListItems).map(toOneLine).filter((each) => each !== '');
  return toDocument(title, paragraphs.map((each) => ({ text: each })));
}

/** A document of paragraphs; `id` where the source tells places apart, such as pages. */
export function toDocument(title: string, paragraphs: readonly { readonly id?: string; readonly text: string }[]): Thread {
  return assembleThread({ title, kind: 'document', messages: paragraphs.map((each) => ({ ...each, author: title })) });
}

/** List items and headings stand for themselves; other lines of a paragraph are one text, wrapped. */
function splitListItems(paragraph: string): readonly string[] {
  return paragraph.split(/\n(?=\s*(?:[-*+•]|\d+[.)]|#{1,6})\s)|(?<=^\s*#{1,6}\s[^\n]*)\n/m);
}

const toOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
