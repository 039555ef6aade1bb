/**
 * Untrusted text (names, quotes, titles, model output) as it may stand in a card: well-formed Unicode without control
 * characters, direction overrides and invisible tag characters (they can hide or reorder what people read),
 * at most `maxLength` characters, the cut shown by "…". Markup stays as typed: put it where no markdown is read.
 */
export function cleanText(text: string, maxLength = 2_000): string {
  // Cut first: cleaning a hundred thousand characters to show three hundred costs time. What is removed is rare.
  const clean = visibleText(text.slice(0, maxLength * 2)).trim();
  if (clean.length <= maxLength && text.length <= maxLength * 2) return clean;
  return `${clean.slice(0, maxLength - 1).toWellFormed().replace(/\uFFFD$/u, '').trimEnd()}…`;
}

/** The same at any length, untrimmed. */
export function visibleText(text: string): string {
  return text.toWellFormed().replace(hiddenCharacters, '').replace(/\r\n?/g, '\n');
}

/** Untrusted text on one line. */
export function cleanLine(text: string, maxLength = 200): string {
  return cleanText(text.slice(0, maxLength * 4), maxLength).replace(/\s+/g, ' ');
}

/**
 * Untrusted text inside markdown: backslashes before whatever could become a link, an image, an HTML tag or formatting,
 * and nowhere else, since channels without markdown show them.
 */
export function escapeMarkdown(text: string): string {
  return text.toWellFormed().replace(hiddenCharacters, '')
    .replace(/[\\`*[\]>~|]/g, '\\$&')
    .replace(/&(?=#?\w+;)/g, '\\&')
    .replaceAll('<', '&lt;') // Teams reads HTML in markdown, a backslash before it or not
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/\b(https?|ftp|mailto):/gi, '$1\\:')
    .replace(/(?<=\w)@(?=\w)/g, '\\@')
    .replace(/\bwww\./gi, (prefix) => `${prefix.slice(0, -1)}\\.`)
    .replace(/^(\s*)([#+=-])/gm, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/gm, '$1\\$2');
}

/** The address when it is a whole http or https URL; undefined otherwise, so that nothing else ever opens. */
export function webUrl(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return (protocol === 'https:' || protocol === 'http:') && href.length <= 2_000 ? href : undefined;
}

// C0 and C1 controls except tab and line ends, bidirectional embeddings, overrides and isolates, zero-width no-break space, tags.
// eslint-disable-next-line no-control-regex -- these are the characters to remove
const hiddenCharacters = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]|[\u{E0000}-\u{E007F}]/gu;
