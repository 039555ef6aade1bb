import type { PageWords } from './pageData';

/** How long a button says that it has copied. */
const COPIED_MS = 2_000;

/** Puts a button above each piece of code in the conversation, which copies it: Web Chat 4.18.1 has none. */
export function offerCopies(conversation: HTMLElement, words: PageWords['code']): void {
  // Web Chat draws a message anew with each piece of a stream: the button is back before anything is painted.
  new MutationObserver(() => addButtons(conversation, words)).observe(conversation, { childList: true, subtree: true });
}

function addButtons(conversation: HTMLElement, words: PageWords['code']): void {
  for (const code of conversation.querySelectorAll('pre > code')) {
    const block = code.parentElement;
    if (block && !block.previousElementSibling?.classList.contains('copy-code')) block.before(copyButton(code, words));
  }
}

function copyButton(code: Element, words: PageWords['code']): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy-code';
  button.textContent = words.copy;
  button.ariaLive = 'polite';
  button.addEventListener('click', () => void copy(code).then((isCopied) => {
    if (!isCopied) return;
    button.textContent = words.copied;
    setTimeout(() => (button.textContent = words.copy), COPIED_MS);
  }));
  return button;
}

/** False where the browser does not let pages copy: the code is selected then, so that the person can. */
async function copy(code: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(plainCode(code));
    return true;
  } catch {
    getSelection()?.selectAllChildren(code);
    return false;
  }
}

/** What the server put in so that no client makes a link of it (cards/safeInline.ts) is no part of the code. */
const plainCode = (code: Element): string => code.textContent.replaceAll('\u2060', '').replace(/\n$/, '');
