import { consentCard, consentText, feedbackCard, feedbackText } from '../../cards/feedbackCard';
import { wordsFor } from '../../cards/words';
import type { Sample } from './samples';

/** What is asked after a thumb. */
export function feedbackSamples(): Record<string, Sample> {
  const values = { answer: { by: 'asked', id: '1719300000000' }, reaction: 'dislike' };
  const asking = { words: wordsFor('en'), locale: 'en', values, asksForConsent: true };
  const agreed = { ...asking, asksForConsent: false };
  const german = { ...asking, words: wordsFor('de'), locale: 'de' };
  return {
    feedback: { card: feedbackCard(asking), text: feedbackText(asking) },
    feedbackAgreed: { card: feedbackCard(agreed), text: feedbackText(agreed) },
    feedbackGerman: { card: feedbackCard(german), text: feedbackText(german) },
    consent: { card: consentCard(asking), text: consentText(asking) },
  };
}
