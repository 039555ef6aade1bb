import { cleanLine, webUrl } from './escape';

/** What one line of somebody else's markdown may do. */
export interface LineRules {
  /** Gets a whole http or https URL. */
  readonly mayLink: (url: string) => boolean;
  /** More of this line is still to come: what may yet become something else is held back. */
  readonly isGrowing: boolean;
}

/** A piece of the line that starts where the scanner stands: what is written for it, and where it ends; undefined: not finished yet. */
type Piece = { readonly written: string; readonly end: number } | undefined;

/**
 * One line of untrusted markdown with emphasis, lists and tables as they are, and nothing that loads, opens or hides
 * something: links only where `mayLink` lets them, as `[label](<url>)`; other addresses as code, which no client makes a
 * link of; no images, HTML, entities, references or definitions. Words in brackets and markers such as `[1]` stay.
 */
export function safeLine(line: string, rules: LineRules): string {
  const written: string[] = [];
  let last = '';
  for (let at = 0; at < line.length;) {
    const piece = pieceAt(line, at, rules);
    if (!piece) break;
    written.push(seamOf(last, piece.written), piece.written);
    last = piece.written.slice(-1);
    at = piece.end;
  }
  return written.join('');
}

/**
 * What was apart must not become one: two runs of backticks, or an address, a tag or an image whose halves stood
 * on both sides of something left out. An invisible joiner keeps them apart.
 */
function seamOf(last: string, next: string): string {
  if (last === '`') return next.startsWith('`') ? JOINER : '';
  if (last === '!' || last === '<') return /^[[a-z/!?]/i.test(next) ? JOINER : '';
  return '';
}

const JOINER = '\u2060';

function pieceAt(line: string, at: number, rules: LineRules): Piece {
  const special = readers[line.charAt(at)];
  if (special) return special(line, at, rules);
  const address = match(ADDRESS, line, at);
  if (address !== undefined) return addressPiece(address, line, at, rules);
  if (line.startsWith('://', at)) return { written: `:${JOINER}//`, end: at + 3 };
  const words = match(WORDS, line, at) ?? line.charAt(at);
  const end = at + words.length;
  const held = rules.isGrowing && end === line.length ? (BEGINNING.exec(words)?.[0].length ?? 0) : 0;
  return held === words.length ? undefined : { written: words.slice(0, words.length - held), end: end - held };
}

/** What clients make links of by themselves. */
const ADDRESS = /(?:(?:https?|ftp):\/\/|www\.|mailto:(?=\S))[^\s<>`\\]{0,2000}/iy;
/** Up to where an address begins, in the middle of a word too: clients differ. */
const WORDS = /[^\\`![\]<&]+?(?=(?:https?|ftp):\/\/|www\.|mailto:|:\/\/|[\\`![\]<&]|$)/iy;
/** What may become an address when more comes. */
const BEGINNING = /(?:h|ht|htt|https?|https?:|https?:\/|f|ft|ftp|ftp:|ftp:\/|w|ww|www|m|ma|mai|mail|mailt|mailto|mailto:|:|:\/)$/i;
const CODE = /(`{1,20})(?!`)([^\n]{1,2000}?)(?<!`)\1(?!`)/y;
const BACKTICKS = /`+/y;
const AUTOLINK = /<([a-z][a-z\d+.-]{1,31}:[^\s<>]{0,2000})>/iy;
const TARGET = /\(\s{0,20}(?:<([^<>\n]{0,2000})>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.){0,500}\)){0,2000}))(?:\s{1,20}(?:"[^"]{0,500}"|'[^']{0,500}'|\([^()]{0,500}\)))?\s{0,20}\)/y;
const CITATION = /\[\d{1,3}\](?![(:])/y;
const ENTITY = /&#?\w{1,40};/y;

type Reader = (line: string, at: number, rules: LineRules) => Piece;

const readers: Readonly<Record<string, Reader>> = {
  '\\': (line, at, { isGrowing }) => {
    if (at + 1 === line.length) return isGrowing ? undefined : { written: '\\\\', end: at + 1 };
    const next = line.charAt(at + 1);
    if (next === '<') return { written: '&lt;', end: at + 2 };
    const isEscape = /[!-/:-@[-`{-~]/.test(next);
    return isEscape ? { written: line.slice(at, at + 2), end: at + 2 } : { written: '\\\\', end: at + 1 };
  },
  '`': (line, at, { isGrowing }) => {
    const span = match(CODE, line, at);
    const isOpen = span === undefined || at + span.length === line.length;
    if (isOpen && isGrowing) return undefined;
    if (span !== undefined) return { written: defused(span), end: at + span.length };
    const run = match(BACKTICKS, line, at) ?? '`';
    return { written: '\\`'.repeat(run.length), end: at + run.length };
  },
  '<': (line, at, rules) => {
    const inner = groups(AUTOLINK, line, at)?.[1];
    if (inner !== undefined) return { written: addressText(inner, rules), end: at + inner.length + 2 };
    if (rules.isGrowing && !/[\s>]/.test(line.slice(at + 1))) return undefined;
    return { written: /[a-z/!?]/i.test(line.charAt(at + 1)) ? '&lt;' : '<', end: at + 1 };
  },
  '&': (line, at, { isGrowing }) => {
    if (isGrowing && /^&#?\w*$/.test(line.slice(at, at + 50))) return undefined;
    return { written: match(ENTITY, line, at) === undefined ? '&' : '&amp;', end: at + 1 };
  },
  '!': (line, at, { mayLink, isGrowing }) => {
    if (line.charAt(at + 1) !== '[') return isGrowing && at + 1 === line.length ? undefined : { written: '!', end: at + 1 };
    const image = linkAt(line, at + 1, isGrowing);
    if (image === 'unfinished') return undefined;
    // An image is never shown: what it would have said is.
    return image ? { written: apart(safeLine(image.label, { mayLink, isGrowing: false })), end: image.end } : { written: '\\!', end: at + 1 };
  },
  '[': (line, at, rules) => {
    const link = linkAt(line, at, rules.isGrowing);
    if (link === 'unfinished') return undefined;
    if (link) return { written: linkText(link.label, link.url, rules), end: link.end };
    const citation = match(CITATION, line, at);
    // Two in a row would be one link to the second.
    if (citation !== undefined) return { written: line.charAt(at - 1) === ']' ? ` ${citation}` : citation, end: at + citation.length };
    const close = closingBracket(line, at);
    const isPlain = close !== undefined && !/[([:]/.test(line.charAt(close + 1)) && line.charAt(at - 1) !== ']';
    return isPlain ? { written: `[${safeLine(line.slice(at + 1, close), { ...rules, isGrowing: false })}]`, end: close + 1 } : { written: '\\[', end: at + 1 };
  },
  ']': (_line, at) => ({ written: '\\]', end: at + 1 }),
};

function match(pattern: RegExp, line: string, at: number): string | undefined {
  return groups(pattern, line, at)?.[0];
}

function groups(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}

interface Link {
  readonly label: string;
  readonly url: string;
  readonly end: number;
}

/** The link `[label](url)` that begins here. */
function linkAt(line: string, at: number, isGrowing: boolean): Link | 'unfinished' | undefined {
  const close = closingBracket(line, at);
  if (close === undefined) return isGrowing && line.length - at < MAX_LABEL_LENGTH ? 'unfinished' : undefined;
  if (close + 1 === line.length && isGrowing) return 'unfinished';
  if (line.charAt(close + 1) !== '(') return undefined;
  const target = groups(TARGET, line, close + 1);
  if (!target) return isGrowing && !line.slice(close).includes(')') ? 'unfinished' : undefined;
  return { label: line.slice(at + 1, close), url: target[1] ?? target[2] ?? '', end: close + 1 + target[0].length };
}

const MAX_LABEL_LENGTH = 500;

function closingBracket(line: string, at: number): number | undefined {
  let depth = 0;
  for (let index = at; index < line.length && index - at < MAX_LABEL_LENGTH; index += 1) {
    const sign = line.charAt(index);
    if (sign === '\\') index += 1;
    else if (sign === '[') depth += 1;
    else if (sign === ']' && (depth -= 1) === 0) return index;
  }
  return undefined;
}

function addressPiece(found: string, line: string, at: number, rules: LineRules): Piece {
  if (rules.isGrowing && at + found.length === line.length) return undefined;
  const address = withoutEndOfSentence(found);
  return { written: addressText(address, rules), end: at + address.length };
}

/** Closing brackets that were not opened, quotes and full stops belong to the sentence around. */
function withoutEndOfSentence(found: string): string {
  let address = found;
  while (/[.,:;!?'"*_~\]|]$/.test(address) || (address.endsWith(')') && address.split(')').length > address.split('(').length)) address = address.slice(0, -1);
  return address || found;
}

/** An address that stands for itself. */
function addressText(address: string, { mayLink }: LineRules): string {
  const href = webUrl(address.startsWith('www.') ? `https://${address}` : address);
  return href && mayLink(href) ? `[${asLabel(address)}](<${asTarget(href)}>)` : asCode(address);
}

function linkText(label: string, url: string, rules: LineRules): string {
  const href = webUrl(url.replace(/\\([!-/:-@[-`{-~])/g, '$1'));
  const text = safeLine(label, { mayLink: () => false, isGrowing: false });
  if (href && rules.mayLink(href) && !pretends(label, href)) return `[${text}](<${asTarget(href)}>)`;
  if (!href) return apart(text);
  return label.trim() === url ? asCode(href) : `${apart(text)} (${asCode(href)})`;
}

/** A label whose link was left out; joined to its neighbours it could become part of an address ("htt", "p", "://"). */
const apart = (label: string): string => (label === '' ? JOINER : `${JOINER}${label}${JOINER}`);

/** A label that is an address of another site than it opens. */
function pretends(label: string, href: string): boolean {
  const address = /(?:[a-z][a-z\d+.-]*:\/\/|www\.)\S+|^\s*[^\s/]+\.[a-z]{2,}(?:[/:?#]\S*)?\s*$/iu.exec(label)?.[0].trim();
  if (address === undefined) return false;
  const shown = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `https://${address}`)?.host;
  return shown?.replace(/^www\./, '') !== new URL(href).host.replace(/^www\./, '');
}

const asTarget = (href: string): string => href.replaceAll('\\', '%5C').replace(/&(?=#?\w+;)/g, '&amp;');

const asLabel = (address: string): string => cleanLine(address, 300).replace(/[\\`*_[\]<>&~]/g, '\\$&');

/** Nothing in code becomes a link. Longer addresses are nothing to copy. */
const asCode = (address: string): string => `\`${cleanLine(address, 300).replaceAll('`', '%60')}\``;

/** Code as it is, but for a link with an address in it: where a client sees no code, it must see no link. */
export const defused = (code: string): string => code.replace(/\](?=\(\s*<?\s*(?:[a-z][a-z\d+.-]*:|\/\/|www\.))/gi, `]${JOINER}`);
