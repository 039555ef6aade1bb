import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { note, sentence } from './elements';
import { submitButton } from './submit';
import type { Words } from './words';

export interface ForgetProps {
  readonly words: Words;
  readonly locale?: string;
}

/** Asks before everything is deleted, and says what that is. Submits `forget` with `{ confirmed: true }`, or `cancel`. */
export function forgetCard(props: ForgetProps): AdaptiveCard {
  const { words, locale } = props;
  return adaptiveCard({
    language: locale,
    text: forgetText(props),
    body: [
      sentence(words.forgetCard.title, { size: 'large', weight: 'bolder', style: 'heading' }),
      sentence(words.forgetCard.deletes),
      ...whatIsDeleted(words).map((line) => sentence(`• ${line}`, { spacing: 'small' })),
      note(words.forgetCard.others, { spacing: 'default' }),
    ],
    actions: [
      submitButton({ title: words.forgetCard.confirm, action: 'forget', values: { confirmed: true }, style: 'destructive' }),
      submitButton({ title: words.card.cancel, action: 'cancel' }),
    ],
  });
}

/** The same as markdown. */
export function forgetText({ words }: ForgetProps): string {
  const { forgetCard: text } = words;
  return [`**${text.title}**`, text.deletes, whatIsDeleted(words).map((line) => `- ${line}`).join('\n'), text.others].join('\n\n');
}

function whatIsDeleted({ forgetCard: { messages, files, ratings, settings } }: Words): string[] {
  return [messages, files, ratings, settings];
}
