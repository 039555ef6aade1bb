import { adaptiveCard, type AdaptiveCard, type CardElement } from './adaptiveCard';
import { note, sentence } from './elements';
import { submitButton } from './submit';
import type { Words } from './words';

export interface FeedbackProps {
  readonly words: Words;
  readonly locale?: string;
  /** Which answer, and what was said of it already: comes back with what the person chooses. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Nothing may be kept yet. */
  readonly asksForConsent: boolean;
}

const maxCorrectionLength = 4_000;
const reasons = ['wrong', 'incomplete', 'off-topic', 'style', 'harmful'] as const;

/**
 * Asks what was wrong with an answer. Submits `feedback` with `values`, and beside them the inputs `reason`, `correction`
 * and, where it is asked for, `consent` ("true" or "false").
 */
export function feedbackCard(props: FeedbackProps): AdaptiveCard {
  const { words: { feedbackCard: words }, locale, values, asksForConsent } = props;
  return adaptiveCard({
    language: locale,
    text: feedbackText(props),
    body: [
      sentence(words.title, { size: 'large', weight: 'bolder', style: 'heading' }),
      { type: 'Input.ChoiceSet', id: 'reason', label: words.reason, style: 'compact', value: 'wrong', choices: reasons.map((id) => ({ title: words.reasons[id], value: id })) },
      { type: 'Input.Text', id: 'correction', label: words.correction, isMultiline: true, maxLength: maxCorrectionLength },
      ...(asksForConsent ? consentBox(words) : [note(words.isKept, { spacing: 'default' })]),
    ],
    actions: [submitButton({ title: words.send, action: 'feedback', values, style: 'positive' })],
  });
}

const consentBox = (words: Words['feedbackCard']): CardElement[] => [
  { type: 'Input.Toggle', id: 'consent', title: words.consent, value: 'false', wrap: true, spacing: 'medium' },
  note(words.withdraw),
];

/** The same as markdown. */
export const feedbackText = ({ words: { feedbackCard: words }, asksForConsent }: FeedbackProps): string =>
  [`**${words.title}**`, asksForConsent ? `${words.consent} ${words.withdraw}` : words.isKept].join('\n\n');

/** Asks whether question and answer may be kept. Submits `feedback` with `values` and `consent`. */
export function consentCard(props: FeedbackProps): AdaptiveCard {
  const { words: { feedbackCard: words }, locale, values } = props;
  return adaptiveCard({
    language: locale,
    text: consentText(props),
    body: [
      sentence(words.thanks, { size: 'large', weight: 'bolder', style: 'heading' }),
      sentence(words.ask),
      note(words.withdraw, { spacing: 'default' }),
    ],
    actions: [
      submitButton({ title: words.agree, action: 'feedback', values: { ...values, consent: true }, style: 'positive' }),
      submitButton({ title: words.decline, action: 'feedback', values: { ...values, consent: false } }),
    ],
  });
}

/** The same as markdown. */
export const consentText = ({ words: { feedbackCard: words } }: FeedbackProps): string => [`**${words.thanks}**`, words.ask, words.withdraw].join('\n\n');
