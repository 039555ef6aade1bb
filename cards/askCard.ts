import { adaptiveCard, type AdaptiveCard, type CardElement } from './adaptiveCard';
import { block, buttonRows, note, row, run } from './elements';
import { cleanLine, cleanText, escapeMarkdown } from './escape';
import { fitCard } from './fit';
import { submitButton, type Button } from './submit';
import type { Words } from './words';

export interface AskProps {
  readonly words: Words;
  readonly locale?: string;
  readonly question: string;
  /** At most 12; typing an answer works as well. */
  readonly choices: readonly Button[];
  readonly cancel?: boolean;
}

/** A question with choices, such as which language. */
export function askCard(props: AskProps): AdaptiveCard {
  const { words, locale, question, choices, cancel = true } = props;
  const text = askText(props);
  return fitCard(maxChoices, (count) => adaptiveCard({
    language: locale,
    text,
    body: [
      block([run(cleanText(question, 500), { weight: 'bolder' })]),
      ...choiceElements(choices.slice(0, count)),
      note(words.askCard.other),
    ],
    actions: cancel ? [submitButton({ title: words.card.cancel, action: 'cancel' })] : [],
  }));
}

/** The same as markdown. */
export function askText({ words, question, choices }: AskProps): string {
  const list = choices.slice(0, maxChoices).map((choice) => `- ${escapeMarkdown(cleanLine(choice.title, 80))}`).join('\n');
  return [escapeMarkdown(cleanText(question, 500)), list, list && words.askCard.other].filter(Boolean).join('\n\n');
}

const maxChoices = 12;

/** Short answers as buttons two in a line, sentences as rows that wrap. */
function choiceElements(choices: readonly Button[]): readonly CardElement[] {
  return choices.every(({ title }) => title.length <= 16) ? buttonRows(choices) : choices.map((choice) => row(choice));
}
