import { whyCard, whyText, type WhyProps } from '../../cards/whyCard';
import { wordsFor } from '../../cards/words';
import type { Sample } from './samples';

const clean = (['hate', 'sexual', 'violence', 'self_harm'] as const).flatMap((category) => (['prompt', 'answer'] as const).map((on) => ({ on, category, severity: 'safe', isFiltered: false })));

const answer: WhyProps = {
  words: wordsFor('en'),
  locale: 'en',
  isAnswered: true,
  targets: [{ name: 'gpt-5-mini', region: 'swedencentral' }],
  sources: [
    { title: 'Remote control project: conceptual design', author: 'Project Manager', url: 'http://localhost:3978/threads/ami-ES2016c#t137' },
    { title: 'Remote control project: conceptual design', author: 'Industrial Designer', url: 'http://localhost:3978/threads/ami-ES2016c#t89' },
  ],
  read: { read: 214, total: 231 },
  omissions: [{ reason: 'empty', count: 5 }, { reason: 'filtered', count: 12 }],
  isCutOff: false,
  filters: [...clean, { on: 'prompt', category: 'jailbreak', isFiltered: false, isDetected: false }],
  inputTokens: 12_345,
  outputTokens: 678,
  isEstimated: false,
  requests: 2,
  durationMs: 3_456,
  firstTextMs: 812,
  moreUrl: 'http://localhost:3978/transparency',
};

/** "Why this answer?" for an answer with sources, one without in German, and one that a filter stopped. */
export function whySamples(): Readonly<Record<string, Sample>> {
  const plain: WhyProps = { ...answer, words: wordsFor('de'), locale: 'de', sources: [], read: undefined, omissions: [], isCutOff: true, isEstimated: true, filters: [], requests: 1 };
  const stopped: WhyProps = {
    ...answer, isAnswered: false, outputTokens: 0, firstTextMs: undefined,
    filters: [...clean.slice(2), { on: 'prompt', category: 'jailbreak', isFiltered: true, isDetected: true }, { on: 'prompt', category: 'violence', severity: 'low', isFiltered: false }, { on: 'answer', category: 'content_filter_error', isFiltered: false }],
  };
  return {
    why: { card: whyCard(answer), text: whyText(answer) },
    whyGerman: { card: whyCard(plain), text: whyText(plain) },
    whyStopped: { card: whyCard(stopped), text: whyText(stopped) },
  };
}
