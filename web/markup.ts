/** As far as it is used; TypeScript's library does not have it yet: https://developer.mozilla.org/docs/Web/API/Trusted_Types_API */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string }): { createHTML(text: string): string };
}

const REFUSED_ELEMENTS = 'script, iframe, frame, object, embed, base, meta, link, form, template, portal';
const RUNNING_ADDRESS = /^[\s\p{Cc}]*(?:javascript|vbscript)\s*:/iu;

/**
 * Makes every text that becomes markup, Web Chat's own work included, go through one place that lets nothing in which
 * runs or loads a page; text never becomes a script. Browsers without Trusted Types go by the page's policy alone.
 */
export function guardMarkup(): void {
  const { trustedTypes } = window as { readonly trustedTypes?: TrustedTypes };
  const asItIs = trustedTypes?.createPolicy('parley', { createHTML: (text) => text });
  if (asItIs) trustedTypes?.createPolicy('default', { createHTML: (text) => inertMarkup(text, asItIs.createHTML(text)) });
}

/** `trusted`: the same text, as the browser's parser takes it. */
function inertMarkup(text: string, trusted: string): string {
  if (!text.includes('<')) return text;
  const { body } = new DOMParser().parseFromString(trusted, 'text/html'); // runs and loads nothing
  for (const element of body.querySelectorAll(REFUSED_ELEMENTS)) element.remove();
  for (const element of body.querySelectorAll('*')) {
    for (const { name, value } of [...element.attributes]) {
      if (/^on|^srcdoc$/i.test(name) || RUNNING_ADDRESS.test(value)) element.removeAttribute(name);
    }
  }
  return body.innerHTML;
}
