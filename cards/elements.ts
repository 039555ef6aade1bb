import type { CardElement, Container, OpenUrlAction, RichTextBlock, TextBlock, TextRun } from './adaptiveCard';
import { cleanLine, cleanText, webUrl } from './escape';
import { submitButton, type Button } from './submit';

/** The card's title: untrusted text is fine. */
export function title(text: string, maxLength = 200): RichTextBlock {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: cleanLine(text, maxLength), size: 'large', weight: 'bolder' }] };
}

/** A heading of ours, which screen readers list. Words of the catalogue only: markdown is read. */
export function heading(words: string): TextBlock {
  return { type: 'TextBlock', text: words, weight: 'bolder', wrap: true, style: 'heading', spacing: 'large' };
}

/** A sentence of ours. Words of the catalogue only: markdown is read. */
export function sentence(words: string, look: Partial<TextBlock> = {}): TextBlock {
  return { type: 'TextBlock', text: words, wrap: true, ...look };
}

/** A quiet line of ours, such as where a text comes from. Words of the catalogue only. */
export function note(words: string, look: Partial<TextBlock> = {}): TextBlock {
  return sentence(words, { size: 'small', isSubtle: true, spacing: 'small', ...look });
}

/** Untrusted text, one block a line, so that paragraphs survive on every client. */
export function paragraphs(text: string, maxLength: number): RichTextBlock[] {
  const lines = cleanText(text, maxLength).split(/\n+/).filter((line) => line.trim() !== '');
  return lines.map((line) => block([run(line)]));
}

export function block(inlines: readonly TextRun[], look: Partial<RichTextBlock> = {}): RichTextBlock {
  return { type: 'RichTextBlock', inlines, ...look };
}

/** A run of untrusted text that was cleaned. */
export function run(text: string, look: Partial<TextRun> = {}): TextRun {
  return { type: 'TextRun', text, ...look };
}

/** A visible link where the URL is fit to open, else the same text. `purpose` is what screen readers add. */
export function linkRun(text: string, url: string | undefined, purpose: string, look: Partial<TextRun> = {}): TextRun {
  const href = webUrl(url);
  if (!href) return run(text, look);
  return run(text, { ...look, isSubtle: false, color: 'accent', underline: true, selectAction: openUrl(href, purpose) });
}

/** `url` must have passed `webUrl`. */
export function openUrl(url: string, purpose: string): OpenUrlAction {
  return { type: 'Action.OpenUrl', title: cleanLine(purpose), tooltip: cleanLine(purpose), url };
}

/** A button as wide as the card, whose text wraps: for sentences, which real buttons would cut. */
export function row(button: Button, items?: readonly CardElement[]): Container {
  return {
    type: 'Container',
    style: 'emphasis',
    spacing: 'small',
    selectAction: submitButton(button),
    items: items ?? [block([run(cleanLine(button.title, 300), { color: 'accent' })])],
  };
}
