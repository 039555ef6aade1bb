/** The main namespace of WordprocessingML, in its transitional and its strict form (ISO/IEC 29500-1, annex A). */
const NAMESPACES = ['http://schemas.openxmlformats.org/wordprocessingml/2006/main', 'http://purl.oclc.org/ooxml/wordprocessingml/main'];

/**
 * The paragraphs of a Word file's main part (`word/document.xml`), as one reads them: what was deleted or moved away is
 * left out. Tags are taken one after the other and nothing else is kept, since a tree takes twenty times the file's
 * size; entities that a document declares for itself are not expanded. undefined where the text is no such part.
 */
export function wordParagraphs(xml: string): readonly string[] | undefined {
  const prefix = prefixOf(xml);
  if (prefix === undefined || !xml.includes(`<${prefix}body`)) return undefined;
  const reader = new WordReader(prefix);
  for (const [token] of xml.matchAll(TOKENS)) reader.take(token);
  return reader.end();
}

/** A comment, CDATA, tag, or the text between; what is never closed is taken for text. */
const TOKENS = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<[^<>]*>|[^<]+|</g;

/** Of the document's own elements, such as "w:"; '' where they have none. */
function prefixOf(xml: string): string | undefined {
  for (const namespace of NAMESPACES) {
    const at = xml.indexOf(`"${namespace}"`);
    const declared = at < 0 ? undefined : /xmlns(?::([\w.-]{1,50}))?\s{0,10}=\s{0,10}$/.exec(xml.slice(Math.max(0, at - 100), at));
    if (declared) return declared[1] === undefined ? '' : `${declared[1]}:`;
  }
  return undefined;
}

/** Elements whose text nobody reads. Of two renderings of one thing (AlternateContent) the simpler one counts. */
const HIDDEN = new Set(['del', 'moveFrom', 'mc:Choice']);

/** What a run may hold in place of text. */
const SIGNS: ReadonlyMap<string, string> = new Map([['tab', '\t'], ['br', '\n'], ['cr', '\n'], ['noBreakHyphen', '\u2011']]);

class WordReader {
  private readonly paragraphs: string[] = [];
  /** Paragraphs that are open: a text box stands inside another's. */
  private readonly open: string[] = [];
  private hiddenDepth = 0;
  private isInRun = false;
  private isInText = false;

  constructor(private readonly prefix: string) {}

  take(token: string): void {
    if (!token.startsWith('<') || token === '<') this.say(decodeEntities(token));
    else if (token.startsWith('<![CDATA[')) this.say(token.slice(9, -3));
    else if (!token.startsWith('<!') && !token.startsWith('<?')) this.tag(token);
  }

  end(): readonly string[] {
    while (this.open.length > 0) this.closeParagraph();
    return this.paragraphs;
  }

  private tag(token: string): void {
    const isEnd = token.startsWith('</');
    const isEmpty = token.endsWith('/>');
    const name = this.localName(token.slice(isEnd ? 2 : 1, isEmpty ? -2 : -1));
    if (HIDDEN.has(name) && !isEmpty) this.hiddenDepth += isEnd ? -1 : 1;
    else if (name === 'p' && !isEmpty) this.paragraph(isEnd);
    else if (name === 'r' && !isEmpty) this.isInRun = !isEnd;
    else if (name === 't' && !isEmpty) this.isInText = !isEnd;
    else if (this.isInRun && !isEnd) this.write(SIGNS.get(name) ?? '');
  }

  private localName(tag: string): string {
    const name = /^[^\s/]+/.exec(tag)?.[0] ?? '';
    return this.prefix !== '' && name.startsWith(this.prefix) ? name.slice(this.prefix.length) : this.prefix === '' || name === 'mc:Choice' ? name : '';
  }

  private paragraph(isEnd: boolean): void {
    if (isEnd) this.closeParagraph();
    else this.open.push('');
  }

  private closeParagraph(): void {
    const text = this.open.pop()?.trim() ?? '';
    if (text !== '') this.paragraphs.push(text);
  }

  private say(text: string): void {
    if (this.isInText) this.write(text);
  }

  private write(text: string): void {
    const innermost = this.open.pop();
    if (innermost !== undefined) this.open.push(this.hiddenDepth > 0 ? innermost : innermost + text);
  }
}

const ENTITIES: ReadonlyMap<string, string> = new Map([['amp', '&'], ['lt', '<'], ['gt', '>'], ['quot', '"'], ['apos', "'"]]);

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w{1,8}));/gi, (entity, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES.get(name) ?? entity;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}
