import { aboutCard, aboutText } from '../../cards/aboutCard';
import { answerCard, answerText } from '../../cards/answerCard';
import { askCard, askText } from '../../cards/askCard';
import { errorCard, errorText } from '../../cards/errorCard';
import { helpCard, helpText } from '../../cards/helpCard';
import { imageCard, imageText } from '../../cards/imageCard';
import { settingsCard, settingsText } from '../../cards/settingsCard';
import { speechCard, speechText } from '../../cards/speechCard';
import { summaryCard, type SummaryCardItem, type SummaryMessage, type SummaryProps } from '../../cards/summaryCard';
import { summaryText } from '../../cards/summaryText';
import { translationCard, translationText } from '../../cards/translationCard';
import { whyCard, whyText } from '../../cards/whyCard';
import { wordsFor } from '../../cards/words';
import type { Sample } from './samples';
import { outsideSentiment } from './sentimentSamples';

/** Whatever was given is used for every text, name, id and address that a card takes from outside. */
interface Outside {
  readonly text: string;
  readonly url: string;
  readonly count: number;
}

const words = wordsFor('en');

export const emptySamples = (): Readonly<Record<string, Sample>> => allCards({ text: '', url: '', count: 0 });

export const hugeSamples = (): Readonly<Record<string, Sample>> => ({
  ...prefixed('words', allCards({ text: 'Lorem ipsum dolor sit amet. '.repeat(3_600), url: `https://example.com/${'a'.repeat(5_000)}`, count: 200 })),
  ...prefixed('one word', allCards({ text: 'x'.repeat(100_000), url: 'https://example.com/', count: 30 })),
  ...prefixed('lines', allCards({ text: 'a\n'.repeat(50_000), url: 'https://example.com/', count: 30 })),
  ...prefixed('emoji', allCards({ text: '👩‍👩‍👧‍👦'.repeat(9_000), url: 'https://example.com/', count: 30 })),
});

export const hostileTexts: Readonly<Record<string, string>> = {
  script: '<script>window.HOSTILE = 1</script><img src=x onerror="window.HOSTILE=1">',
  markdown: '[HOSTILE](https://evil.example.com) ![HOSTILE](https://evil.example.com/x.png) **HOSTILE** <https://evil.example.com> [a]: https://evil.example.com',
  autolink: 'HOSTILE https://evil.example.com www.evil.example.com mail@evil.example.com',
  template: '${HOSTILE} {{DATE(2026-01-01T00:00:00Z)}} {HOSTILE}',
  rightToLeft: 'HOSTILE شكراً \u202Egnp.exe\u202C \u2066x',
  surrogates: 'HOSTILE \uD83D and \uDE00 \u0000 \u0007',
  tags: `HOSTILE${String.fromCodePoint(...Array.from('ignore', (letter) => 0xE0000 + letter.charCodeAt(0)))}`,
  prototype: '__proto__',
};

export const hostileSamples = (): Readonly<Record<string, Sample>> => Object.fromEntries(
  Object.entries(hostileTexts).flatMap(([name, text]) => Object.entries(prefixed(name, allCards({ text, url: 'javascript:window.HOSTILE=1', count: 2 })))),
);

function allCards({ text, url, count }: Outside): Record<string, Sample> {
  const list = <Item>(item: Item): Item[] => Array.from({ length: count }, () => item);
  const help = { words, greeting: true, modelName: text, prompts: list({ title: text, text }), skills: list({ title: text, description: text, action: 'summarize' }) };
  const answer = { words, origin: 'ai' as const, question: text, text, sources: list({ title: text, quote: text, author: text, when: text, url }), followUps: list(text), actions: list({ title: 'To German', action: 'translate', values: { threadId: 'a' } }) };
  const translation = { words, translation: { text, from: text, to: text }, actions: list({ title: 'To German', action: 'translate' }) };
  const settings = { words, settings: { language: text, translateTo: text }, languages: list({ id: 'de', name: text }), inPlace: true };
  const error = { words, message: text || 'It did not work.', nextStep: text, retry: { action: 'say', values: {} } };
  const ask = { words, question: text || 'Which one?', choices: list({ title: text, action: 'translate' }) };
  const summary = summaryProps({ text, url, count });
  const image = { words, prompt: text, revisedPrompt: text, shown: undefined, url, until: 'Mon, Nov 30, 2026', actions: list({ title: 'Wide', action: 'image', values: { shape: 'wide' } }) };
  const speech = { words, url, until: 'Mon, Nov 30, 2026', cut: { read: '1', of: '2' }, leavesOutCode: true, isReachable: false };
  const about = { words, version: '0.1.0', modelName: text, moreUrl: url };
  const why = {
    words, isAnswered: true, targets: list({ name: text, region: text }), sources: list({ title: text, author: text, url }), read: { read: count, total: count }, omissions: [], isCutOff: true,
    filters: list({ on: 'answer' as const, category: text, severity: text, isFiltered: true }), inputTokens: count, outputTokens: count, isEstimated: true, requests: count, durationMs: count, moreUrl: url,
  };
  return {
    image: { card: imageCard(image), text: imageText(image) },
    speech: { card: speechCard(speech), text: speechText(speech) },
    help: { card: helpCard(help), text: helpText(help) },
    answer: { card: answerCard(answer), text: answerText(answer) },
    translation: { card: translationCard(translation), text: translationText(translation) },
    settings: { card: settingsCard(settings), text: settingsText(settings) },
    error: { card: errorCard(error), text: errorText(error) },
    ask: { card: askCard(ask), text: askText(ask) },
    summary: { card: summaryCard(summary), text: summaryText(summary) },
    about: { card: aboutCard(about), text: aboutText(about) },
    sentiment: outsideSentiment({ text, url, count }),
    why: { card: whyCard(why), text: whyText(why) },
  };
}

function summaryProps({ text, url, count }: Outside): SummaryProps {
  const items: SummaryCardItem[] = Array.from({ length: count }, (_, index) => ({ text, messageId: `${index % 3}${text.slice(0, 20)}`, owner: text, due: text }));
  const messages: ReadonlyMap<string, SummaryMessage> = new Map(items.map(({ messageId }, index) => [messageId, {
    author: { name: text }, url, ...(index % 3 === 0 ? { offsetMs: index * 61_000 } : { createdAt: index % 3 === 1 ? '2026-03-02T09:00:00Z' : text }),
  }]));
  return {
    words, locale: 'en', title: text, threadId: text.slice(0, 100).toWellFormed(), messages,
    summary: { origin: 'ai', language: 'en', overview: text, keyPoints: items, decisions: items, actionItems: items, openQuestions: items, total: count, read: count, omissions: [] },
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, Sample>>): Record<string, Sample> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]));
}
