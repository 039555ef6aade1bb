import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { buttonRows, note } from './elements';
import type { Button } from './submit';
import type { Words } from './words';

export interface CodeProps {
  readonly words: Words;
  /** BCP 47 of the reader. */
  readonly locale?: string;
  readonly actions: readonly Button[];
}

/** What stands below code, which is in the message itself: there it is copied as it stands. */
export function codeCard(props: CodeProps): AdaptiveCard {
  return adaptiveCard({ language: props.locale, text: codeText(props), body: [note(props.words.code.care), ...buttonRows(props.actions)] });
}

export const codeText = ({ words }: CodeProps): string => words.code.care;
