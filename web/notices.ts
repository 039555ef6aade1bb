import { elementOf, type PageWords } from './pageData';

export interface Notice {
  readonly text: string;
  /** Interrupts a screen reader; the rest waits for a pause. */
  readonly urgent?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Short sentences above the conversation, read out politely; one for each kind, a new one takes its place. */
export function createNotices(words: PageWords['notice']) {
  const place = elementOf('notices');
  const shown = new Map<string, HTMLElement>();
  const hide = (kind: string): void => {
    shown.get(kind)?.remove();
    shown.delete(kind);
  };
  return {
    hide,
    show(kind: string, notice: Notice): void {
      hide(kind);
      const element = noticeElement(notice, words.dismiss, () => hide(kind));
      shown.set(kind, element);
      place.append(element);
    },
  };
}

export type Notices = ReturnType<typeof createNotices>;

function noticeElement({ text, urgent, action }: Notice, dismissLabel: string, dismiss: () => void): HTMLElement {
  const element = document.createElement('div');
  element.className = urgent ? 'notice notice-urgent' : 'notice';
  if (urgent) element.setAttribute('role', 'alert');
  const words = document.createElement('p');
  words.textContent = text;
  element.append(words);
  if (action) element.append(buttonElement(action.label, 'notice-action', action.run));
  element.append(buttonElement(dismissLabel, 'notice-close', dismiss));
  return element;
}

function buttonElement(label: string, className: string, run: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = className;
  button.textContent = label;
  button.addEventListener('click', run);
  return button;
}
