import { html, type Content } from './html';

/** What every page of ours has around its body. */
export interface DocumentOptions {
  readonly title: string;
  /** BCP 47 of the page's words. */
  readonly language: string;
  /** Addresses of the style sheets. */
  readonly styles: readonly string[];
  readonly nonce: string;
  readonly head?: Content;
  readonly body: Content;
}

/** A whole HTML page. */
export function htmlDocument({ title, language, styles, nonce, head, body }: DocumentOptions): string {
  return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#1b1a1f" media="(prefers-color-scheme: dark)">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${styles.map((href) => html`<link rel="stylesheet" href="${href}" nonce="${nonce}">`)}
${head}
</head>
<body>
${body}
</body>
</html>
`.source;
}

const rightToLeft = new Set(['ar', 'fa', 'he', 'ur']);

/** The direction that a language is written in. */
export const directionOf = (language: string): 'ltr' | 'rtl' => (rightToLeft.has(language.split('-', 1)[0] ?? '') ? 'rtl' : 'ltr');

/** Parley's mark: two speech bubbles that become one. The same drawing is web/icon.svg. */
export const logo = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path class="logo-back" d="M12 3h12a6 6 0 0 1 6 6v6a6 6 0 0 1-6 6v4.2a.8.8 0 0 1-1.4.5L18.5 21H12a6 6 0 0 1-6-6V9a6 6 0 0 1 6-6z"/><path class="logo-front" d="M8 9h10a6 6 0 0 1 6 6v4a6 6 0 0 1-6 6h-4.5l-4.6 4.3a.8.8 0 0 1-1.4-.6V25A6 6 0 0 1 2 19v-4a6 6 0 0 1 6-6z"/></svg>`;
