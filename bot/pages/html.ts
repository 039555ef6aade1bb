/** Markup that may be put on a page as it is. Only `html` makes it, so that every piece of text passes the one escape. */
export class Markup {
  constructor(readonly source: string) {}
}

export type Content = Markup | string | number | false | undefined | readonly Content[];

/** A template for markup: what is put in between is escaped, except markup itself. `false` and `undefined` leave nothing. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const parts = strings.map((part, index) => (index === 0 ? part : sourceOf(contents[index - 1]) + part));
  return new Markup(parts.join(''));
}

/** Data for a script of the page. It stands in an element that browsers do not run; "<" is written so that none can close it. */
export function jsonScript(id: string, data: unknown): Markup {
  const source = JSON.stringify(data).replaceAll('<', '\\u003c');
  return html`<script type="application/json" id="${id}">${new Markup(source)}</script>`;
}

function sourceOf(content: Content): string {
  if (content instanceof Markup) return content.source;
  if (typeof content === 'object') return content.map(sourceOf).join('');
  return content === false || content === undefined ? '' : escapeText(String(content));
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
