import type { Words } from '../../cards/words';
import { htmlDocument, logo } from './document';
import { html, type Markup } from './html';

export interface TransparencyPageOptions {
  /** The note: docs/transparency.md, in the reader's language. */
  readonly note: string;
  readonly words: Words;
  /** BCP 47 of the note. */
  readonly language: string;
  readonly nonce: string;
  readonly urlOf: (name: string) => string;
}

/** What Parley is and does with AI and data, as a page. */
export function transparencyPage({ note, words, language, nonce, urlOf }: TransparencyPageOptions): string {
  return htmlDocument({
    title: `${words.aboutCard.more} · Parley`,
    language,
    nonce,
    styles: [urlOf('thread.css')],
    body: html`<header class="bar"><a class="brand" href="/" aria-label="${words.threadPage.back}">${logo}<span>Parley</span></a></header>
<main class="reading note">
${blocksOf(note).map((block) => blockMarkup(block))}
</main>`,
  });
}

/** Paragraphs, headings and lists are apart by empty lines; lines are wrapped anywhere. The note needs no more of Markdown than that. */
const blocksOf = (note: string): readonly string[] => note.split(/\n{2,}/).map((block) => block.trim()).filter(Boolean);

function blockMarkup(block: string): Markup {
  if (block.startsWith('# ')) return html`<h1>${inline(block.slice(2))}</h1>`;
  if (block.startsWith('## ')) return html`<h2>${inline(block.slice(3))}</h2>`;
  if (!block.startsWith('- ')) return html`<p>${inline(block)}</p>`;
  return html`<ul>${block.slice(2).split(/\n- /).map((item) => html`<li>${inline(item)}</li>`)}</ul>`;
}

const inline = (text: string): readonly Markup[] => text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
  if (part.startsWith('**')) return html`<strong>${part.slice(2, -2)}</strong>`;
  return part.startsWith('`') ? html`<code>${part.slice(1, -1)}</code>` : html`${part}`;
});
