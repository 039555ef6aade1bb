import { escapeMarkdown, webUrl } from '../../cards/escape';
import { summaryText } from '../../cards/summaryText';
import { hostileSamples, hostileTexts } from './hardSamples';
import { quotedSummary, samples } from './samples';

interface Markdown { render(markdown: string): string; readonly linkify: { set(options: object): void } }
const MarkdownIt = jest.requireActual<new (options: object) => Markdown>('markdown-it');
/** Everything that any channel may understand: HTML, bare addresses, strikethrough and tables. */
const markdown = new MarkdownIt({ html: true, linkify: true });
// "example.com" without http or www is a link in no markdown; clients that guess so do it to people's own messages too.
markdown.linkify.set({ fuzzyLink: false });
const foreignTag = /<(?!\/?(p|strong|em|ul|ol|li|br)\b)[a-z]+[^>]*>/gi;

test.each(['script', 'markdown', 'autolink'])('unescaped, %s would have made some', (name) => {
  expect(markdown.render(hostileTexts[name]!).match(foreignTag)).not.toBeNull();
});

test.each(Object.entries(hostileSamples()).filter(([name]) => !name.endsWith('translation')))('the text of %s has no foreign link, image or tag', (_name, { text }) => {
  expect(markdown.render(text).match(foreignTag) ?? []).toEqual([]);
});

test.each([...Object.values(hostileTexts), '# head', '- item', '1. one', '> quote', '| a | b |', 'a_b_c and _d_', '`code`', '~~gone~~', '&amp; &lt;', 'line\n---', '    indented', '\\*'])(
  'escaped markdown reads as it was typed: %j', (text) => {
    const shown = markdown.render(`x ${escapeMarkdown(text)}`).replace(/<\/?p>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&').trim();
    const visible = text.toWellFormed().replace(/(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069]|[\u{E0000}-\u{E007F}]/gu, '');
    expect(shown.replace(/\s+/g, ' ')).toBe(`x ${visible}`.replace(/\s+/g, ' ').trim());
  },
);

test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'msteams:/l/chat', '//evil.example.com', 'www.example.com', '', undefined, `https://example.com/${'a'.repeat(3_000)}`])(
  '%j never opens', (url) => { expect(webUrl(url)).toBeUndefined(); },
);

test('a summary as text names who, when and where, and how much was read', () => {
  const text = summaryText(quotedSummary);
  expect(text).toContain('**Action items**\n\n- “Ryan you’ll be working on the user interface design.” (Owner: Ryan, [Project Manager Mar 2, 2026, 9:31 AM](<http://localhost:3978/threads/ami-ES2016c#t270>))');
  expect(text).toContain('Read 214 of 231 messages. Left out: 5 empty, 12 stopped by the content filter.');
});

test('a summary of quotes is never called AI-generated, and one by a model always is', () => {
  const { summaryQuotes, summaryAi } = samples();
  expect(JSON.stringify(summaryQuotes!.card) + summaryQuotes!.text).not.toContain('AI-generated');
  expect(JSON.stringify(summaryAi!.card.body)).toContain('AI-generated');
  expect(summaryAi!.text).toContain('AI-generated');
});
