interface Markdown { render(markdown: string): string; readonly linkify: { set(options: object): void; add(schema: string, rule: null): void } }
const MarkdownIt = jest.requireActual<new (options: object) => Markdown>('markdown-it');
/** Everything that any channel may understand: HTML, bare addresses, tables. */
const markdown = new MarkdownIt({ html: true, linkify: true });
markdown.linkify.set({ fuzzyLink: false });
markdown.linkify.add('//', null); // "//example.com" within a text is a link in no client; as the address of one it is

/** Where an activity or a card holds words that clients read as markdown. */
const wordKeys = new Set(['text', 'summary', 'subtitle', 'speak', 'fallbackText']);
/** What goes back to the bot when a button is pressed, and names of forms: they open nothing. */
const silentKeys = new Set(['data', '@type', '@context', '@id', 'type', '$schema', 'contentType', 'additionalType']);

/** Words that clients show as they are (https://adaptivecards.io/explorer: TextRun, titles of actions). */
const plainKeys = new Set(['title', 'altText', 'tooltip', 'name', 'abstract', 'placeholder', 'label']);

/** Every address of another machine that a client could open, load or hand on, in a message as it goes to a channel. */
export function openableIn(activity: unknown): readonly string[] {
  if (Array.isArray(activity)) return activity.flatMap(openableIn);
  if (typeof activity !== 'object' || activity === null) return [];
  const isRun = 'type' in activity && activity.type === 'TextRun';
  return Object.entries(activity).flatMap(([key, value]: [string, unknown]) => {
    if (silentKeys.has(key)) return [];
    if (typeof value === 'string' && (plainKeys.has(key) || (isRun && key === 'text'))) return [];
    if (typeof value !== 'string') return openableIn(value);
    return wordKeys.has(key) ? inMarkdown(value) : isForeign(value) ? [value] : [];
  });
}

/** Characters that people cannot see, and that could carry something away when they copy it. */
export const hiddenIn = (text: string): readonly string[] => text.match(/[\u{E0000}-\u{E007F}\u202A-\u202E\u2066-\u2069]/gu) ?? [];

function inMarkdown(text: string): readonly string[] {
  const drawn = markdown.render(text).replace(/<pre>[^]*?<\/pre>|<code>[^]*?<\/code>/g, '');
  const elements = [...drawn.matchAll(/<[a-z][^>]*?\s(?:href|src|action|data|itemprop)\s*=\s*["']?([^"'\s>]*)/gi)].map(([, address = '']) => address.replaceAll('&amp;', '&'));
  return elements.filter((address) => isForeign(address));
}

/** Another machine's, or none that http reaches. Relative addresses are of ours. */
function isForeign(address: string): boolean {
  if (!/^(?:[a-z][a-z\d+.-]*:|\/\/|\\\\|www\.)/i.test(address)) return false;
  const url = URL.parse(address.startsWith('www.') ? `https://${address}` : address, 'http://127.0.0.1/');
  if (!url) return false;
  if (/^https?:$/.test(url.protocol)) return !/^(?:127\.0\.0\.1|localhost)$/.test(url.hostname);
  return /^(?:javascript|data|vbscript|file|ftp|mailto|msteams|ws|wss|blob):$/.test(url.protocol) && !address.startsWith('data:image/png;base64,');
}
