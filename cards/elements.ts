import { isRightToLeft, type ActionSet, type CardElement, type Container, type OpenUrlAction, type RichTextBlock, type TextBlock, type TextRun } from './adaptiveCard';
import { cleanLine, cleanText, webUrl } from './escape';
import { submitButton, type Button } from './submit';

/** The card's title: untrusted text is fine. */
export function title(text: string, maxLength = 200): RichTextBlock {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: cleanLine(text, maxLength), size: 'large', weight: 'bolder' }] };
}

/** A heading of ours, which screen readers list. Words of the catalogue only: markdown is read. */
export function heading(words: string): TextBlock {
  return { type: 'TextBlock', text: words, size: 'default', weight: 'bolder', wrap: true, style: 'heading', spacing: 'large' };
}

/** A sentence of ours. Words of the catalogue only: markdown is read. */
export function sentence(words: string, look: Partial<TextBlock> = {}): TextBlock {
  return { type: 'TextBlock', text: words, wrap: true, ...look };
}

/** A quiet line of ours, such as where a text comes from. Words of the catalogue only. */
export function note(words: string, look: Partial<TextBlock> = {}): TextBlock {
  return sentence(words, { size: 'small', isSubtle: true, spacing: 'small', ...look });
}

/** Untrusted text, one block a line, so that paragraphs survive on every client; lines after the 40th run on in the last block. */
export function paragraphs(text: string, maxLength: number): RichTextBlock[] {
  const lines = cleanText(text, maxLength).split(/\n+/).filter((line) => line.trim() !== '');
  const blocks = lines.length <= maxBlocks ? lines : [...lines.slice(0, maxBlocks - 1), lines.slice(maxBlocks - 1).join(' ')];
  return blocks.map((line) => block([run(line)]));
}

const maxBlocks = 40;

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
  return { type: 'Action.OpenUrl', title: cleanLine(purpose), url };
}

/** A button as wide as the card, whose text wraps: for sentences, which real buttons would cut. */
export function row(button: Button): Container {
  return {
    type: 'Container',
    style: 'emphasis',
    spacing: 'small',
    selectAction: submitButton(button),
    items: [block([run(cleanLine(button.title), { color: 'accent' })])],
  };
}

/** A skill or another thing to open: a linked name and what it does. Untrusted text is fine. */
export function linkRow(button: Button, description: string): Container {
  return {
    type: 'Container',
    spacing: 'default',
    selectAction: submitButton(button),
    items: [
      block([run(cleanLine(button.title, 80), { weight: 'bolder', color: 'accent' })]),
      block([run(cleanLine(description, 300))], { spacing: 'none' }),
    ],
  };
}

/** Buttons two in a line: Teams cuts the titles of more on a phone. */
export function buttonRows(buttons: readonly Button[]): ActionSet[] {
  const pairs = Array.from({ length: Math.ceil(buttons.length / 2) }, (_, index) => buttons.slice(index * 2, index * 2 + 2));
  return pairs.map((pair, index) => ({ type: 'ActionSet', spacing: index === 0 ? 'default' : 'small', actions: pair.map(submitButton) }));
}

/** `items` in the direction of their own language, in a card of another. */
export function inLanguage(language: string, cardLanguage: string, items: readonly CardElement[]): readonly CardElement[] {
  const rtl = isRightToLeft(language);
  if (items.length === 0 || rtl === isRightToLeft(cardLanguage)) return items;
  // A column, since the published schema misspells the same property of containers ("rtl?") and so refuses it.
  return [{ type: 'ColumnSet', spacing: 'small', columns: [{ type: 'Column', width: 'stretch', rtl, items }] }];
}
