import { adaptiveCard, type AdaptiveCard } from './adaptiveCard';
import { block, run, sentence } from './elements';
import { cleanLine, cleanText, escapeMarkdown } from './escape';
import { submitButton } from './submit';
import type { Words } from './words';

export interface ErrorProps {
  readonly words: Words;
  readonly locale?: string;
  /** One sentence: what did not work. It may hold untrusted names. */
  readonly message: string;
  /** One sentence: what to do now. */
  readonly nextStep?: string;
  /** What "Try again" does. */
  readonly retry?: { readonly action: string; readonly values?: Readonly<Record<string, unknown>> };
}

/** Says what did not work and what to do now. */
export function errorCard(props: ErrorProps): AdaptiveCard {
  const { words, locale, message, nextStep, retry } = props;
  return adaptiveCard({
    language: locale,
    text: errorText(props),
    body: [
      sentence(words.errorCard.title, { weight: 'bolder', style: 'heading' }),
      block([run(cleanText(message, 1_000))], { spacing: 'small' }),
      ...(nextStep ? [block([run(cleanText(nextStep, 1_000))], { spacing: 'small' })] : []),
    ],
    actions: retry ? [submitButton({ title: words.card.retry, ...retry })] : [],
  });
}

/** The same as markdown. */
export function errorText({ message, nextStep }: ErrorProps): string {
  return [message, nextStep].filter(Boolean).map((line) => escapeMarkdown(cleanLine(line ?? '', 1_000))).join(' ');
}
