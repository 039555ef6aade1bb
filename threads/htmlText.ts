/** What the message's own parts say, in place of their tags. */
export interface HtmlParts {
  /** Words for `<attachment id="…">`; nothing without it. */
  readonly attachment?: (id: string) => string;
  /** Words for `<at id="0">Name</at>`; "@Name" without it. */
  readonly mention?: (id: string, name: string) => string;
}

/**
 * Plain text of HTML as Teams writes it: paragraphs, lists, quotes, tables, code, links (with their address), names and
 * emoji stay readable. Nothing of it is markup any more, whatever it says; broken HTML is text. Linear in its length.
 */
export function htmlText(html: string, parts: HtmlParts = {}): string {
  const writer = new TextWriter(parts);
  for (const token of tokens(html)) {
    if (typeof token === 'string') writer.text(decodeEntities(token));
    else if (token.isEnd) writer.close(token.name);
    else writer.open(token);
  }
  return writer.result();
}

interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: string;
}

const MAX_TAG_LENGTH = 200_000; // characters, for pictures within the address; a "<" that is not closed by then is a sign like others

function* tokens(html: string): Generator<string | Tag> {
  for (let at = 0; at < html.length;) {
    const open = html.indexOf('<', at);
    if (open < 0) {
      yield html.slice(at);
      return;
    }
    if (open > at) yield html.slice(at, open);
    const { token, end } = readTag(html, open);
    yield token;
    at = end;
  }
}

function readTag(html: string, open: number): { readonly token: string | Tag; readonly end: number } {
  if (html.startsWith('<!--', open)) {
    const end = html.indexOf('-->', open);
    return { token: { name: '!', isEnd: false, attributes: '' }, end: end < 0 ? html.length : end + 3 };
  }
  const head = /^<(\/?)([a-z][a-z0-9]*)/i.exec(html.slice(open, open + 40));
  const close = head ? closeOf(html, open) : -1;
  if (!head || close < 0) return { token: '<', end: open + 1 };
  const [whole, slash = '', name = ''] = head;
  return { token: { name: name.toLowerCase(), isEnd: slash === '/', attributes: html.slice(open + whole.length, close) }, end: close + 1 };
}

/** The ">" that ends the tag: one inside quotation marks does not. Another tag that begins first ends the search, so that many "<" cost no more than their length. */
function closeOf(html: string, open: number): number {
  const limit = Math.min(html.length, open + MAX_TAG_LENGTH);
  let quote = '';
  for (let at = open; at < limit; at += 1) {
    const sign = html.charAt(at);
    if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '>') return at;
    else if (sign === '<' && at > open) return -1;
  }
  return -1;
}

const BLOCKS = new Set(['p', 'div', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'table', 'tr', 'blockquote', 'pre', 'codeblock', 'section', 'article', 'header', 'footer', 'hr']);
/** Of these nothing is said to people. */
const UNSAID = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'iframe', 'object']);
/** Bullets and quotes do not nest deeper than people read. */
const MAX_DEPTH = 8;

class TextWriter {
  private readonly lines: string[] = [];
  /** Pieces of the line that is being written. */
  private line: string[] = [];
  private endsInSpace = true;
  /** A bullet waits for its words, which may come in a paragraph of their own. */
  private isAtBullet = false;
  private readonly lists: { readonly isOrdered: boolean; count: number }[] = [];
  private quotes = 0;
  private code = 0;
  private unsaid: string | undefined;
  private reply = 0;
  private link: { readonly href: string; readonly line: number; readonly piece: number } | undefined;
  private mention: { readonly id: string; readonly name: string[] } | undefined;
  private cells = 0;

  constructor(private readonly parts: HtmlParts) {}

  text(text: string): void {
    if (this.unsaid !== undefined || this.reply > 0) return;
    if (this.mention) this.mention.name.push(text);
    else if (this.code > 0) this.append(text, true);
    else this.append(text.replace(/[\s\u00A0]+/g, ' '), false);
  }

  open({ name, attributes }: Tag): void {
    if (this.unsaid !== undefined) return;
    if (UNSAID.has(name)) this.unsaid = name;
    else if (name === 'blockquote' && (this.reply > 0 || /schema\.skype\.com\/Reply/i.test(attributes))) this.reply += 1; // words of somebody else, who said them before
    else if (this.reply === 0) this.openSaid(name, attributes);
  }

  private openSaid(name: string, attributes: string): void {
    if (BLOCKS.has(name)) this.breakLine();
    if (name === 'br') this.newLine();
    else if (name === 'blockquote') this.quotes += 1;
    else if (name === 'pre' || name === 'codeblock') this.code += 1;
    else if (name === 'ul' || name === 'ol') this.lists.push({ isOrdered: name === 'ol', count: 0 });
    else if (name === 'li') this.openItem();
    else if (name === 'tr') this.cells = 0;
    else if (name === 'td' || name === 'th') this.openCell();
    else if (name === 'a') this.link = { href: attribute(attributes, 'href') ?? '', line: this.lines.length, piece: this.line.length };
    else if (name === 'at') this.mention = { id: attribute(attributes, 'id') ?? '', name: [] };
    else if (name === 'attachment') this.append(this.parts.attachment?.(attribute(attributes, 'id') ?? '') ?? '', false);
    else if (name === 'emoji' || name === 'img') this.append(attribute(attributes, 'alt')?.replace(/^image$/i, '') ?? '', false);
  }

  close(name: string): void {
    if (this.unsaid !== undefined) {
      if (name === this.unsaid) this.unsaid = undefined;
    } else if (this.reply > 0) this.reply -= name === 'blockquote' ? 1 : 0;
    else this.closeSaid(name);
  }

  private closeSaid(name: string): void {
    if (name === 'at') this.endMention();
    else if (name === 'a') this.endLink();
    if (BLOCKS.has(name) || name === 'li') this.breakLine();
    if (name === 'blockquote') this.quotes = Math.max(0, this.quotes - 1);
    else if (name === 'pre' || name === 'codeblock') this.code = Math.max(0, this.code - 1);
    else if (name === 'ul' || name === 'ol') this.lists.pop();
  }

  result(): string {
    if (this.mention) this.endMention();
    if (this.link) this.endLink();
    this.newLine();
    return this.lines.join('\n').replace(/\n{3,}/g, '\n\n').trim();
  }

  private append(text: string, isVerbatim: boolean): void {
    const [first = '', ...rest] = isVerbatim ? text.split(/\r?\n/) : [text];
    this.write(!isVerbatim && this.endsInSpace ? first.replace(/^ /, '') : first);
    for (const line of rest) {
      this.newLine();
      this.write(line);
    }
  }

  private write(text: string): void {
    if (text === '') return;
    if (this.line.length === 0) this.line.push('> '.repeat(Math.min(this.quotes, MAX_DEPTH)));
    this.line.push(text);
    this.isAtBullet = false;
    this.endsInSpace = /\s$/.test(text);
  }

  private newLine(): void {
    this.lines.push(this.line.join('').trimEnd());
    this.line = [];
    this.isAtBullet = false;
    this.endsInSpace = true;
  }

  private breakLine(): void {
    if (this.line.length > 0 && !this.isAtBullet) this.newLine();
  }

  private openItem(): void {
    if (this.line.length > 0) this.newLine();
    const list = this.lists.at(-1);
    if (list) list.count += 1;
    const depth = Math.min(Math.max(0, this.lists.length - 1), MAX_DEPTH);
    this.append(`${'  '.repeat(depth)}${list?.isOrdered ? `${list.count}.` : '-'} `, true);
    this.isAtBullet = true;
  }

  private openCell(): void {
    if (this.cells > 0) this.append(' | ', true);
    this.cells += 1;
  }

  private endMention(): void {
    if (!this.mention) return;
    const { id, name } = this.mention;
    this.mention = undefined;
    const said = name.join('').replace(/\s+/g, ' ').trim();
    this.append(this.parts.mention?.(id, said) ?? (said === '' ? '' : `@${said}`), false);
  }

  /** An address is told once, where the words are not the address itself. */
  private endLink(): void {
    if (!this.link) return;
    const { href, line, piece } = this.link;
    this.link = undefined;
    const words = line === this.lines.length ? this.line.slice(piece).join('').trim() : undefined;
    if (/^https?:\/\/\S+$/i.test(href) && words !== href) this.append(words === '' ? href : ` (${href})`, true);
  }
}

function attribute(attributes: string, name: string): string | undefined {
  for (const [, key = '', , double, single, bare] of attributes.matchAll(/([a-z-]{1,40})\s{0,5}=\s{0,5}("([^"]*)"|'([^']*)'|([^\s"'>]+))/gi)) {
    if (key.toLowerCase() === name) return decodeEntities(double ?? single ?? bare ?? '').replace(/\s+/g, ' ').trim();
  }
  return undefined;
}

const entities = new Map(Object.entries({
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0', ndash: '–', mdash: '—', hellip: '…', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»',
  bull: '•', middot: '·', copy: '©', reg: '®', trade: '™', euro: '€', pound: '£', yen: '¥', cent: '¢', deg: '°', times: '×', rarr: '→', larr: '←', zwnj: '\u200C', zwj: '\u200D', shy: '\u00AD',
  auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß', eacute: 'é', egrave: 'è', ecirc: 'ê', agrave: 'à', acirc: 'â', ccedil: 'ç', ocirc: 'ô', ntilde: 'ñ', aacute: 'á', iacute: 'í', oacute: 'ó', uacute: 'ú', Eacute: 'É', iexcl: '¡', iquest: '¿',
}));

function decodeEntities(text: string): string {
  return text.includes('&') ? text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, decodeEntity) : text;
}

function decodeEntity(whole: string, decimal: string | undefined, hexadecimal: string | undefined, name: string | undefined): string {
  if (name !== undefined) return entities.get(name) ?? whole;
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\uFFFD';
}
