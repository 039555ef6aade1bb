import { codeCard, codeText } from '../../cards/codeCard';
import { sentimentCard, sentimentText, type SentimentProps } from '../../cards/sentimentCard';
import { wordsFor } from '../../cards/words';
import type { Sample } from './samples';

const words = wordsFor('en');

const why = { title: words.whyCard.title, action: 'why' };

const messages: SentimentProps['messages'] = new Map([
  ['m1', { author: { name: 'Anna Berg' }, createdAt: '2026-11-20T09:02:00Z', url: 'http://localhost:3978/threads/release#m1' }],
  ['m2', { author: { name: 'Ben Cole' }, createdAt: '2026-11-20T09:05:00Z', url: 'http://localhost:3978/threads/release#m2' }],
  ['m3', { author: { name: 'Clara Diaz' }, createdAt: '2026-11-20T09:11:00Z', url: 'http://localhost:3978/threads/release#m3' }],
]);

const thread: SentimentProps = {
  words, locale: 'en', timeZone: 'Europe/London', title: 'Release 3, the day after', threadId: 'release', messages,
  sentiment: {
    overall: 'mixed',
    people: [{ author: { name: 'Anna Berg' }, tone: 'positive' }, { author: { name: 'Ben Cole' }, tone: 'negative' }, { author: { name: 'Clara Diaz' }, tone: 'mixed' }],
    quotes: [
      { quote: 'I am so proud of what this team has put together.', tone: 'positive', messageId: 'm1' },
      { quote: 'Honestly, the evening of the release was a disaster: nobody answered the phone for two hours.', tone: 'negative', messageId: 'm2' },
      { quote: 'The page is lovely, but I was worn out at the end.', tone: 'mixed', messageId: 'm3' },
    ],
    dropped: 1, total: 24, read: 22, omissions: [{ reason: 'empty', count: 2 }],
  },
};

const text: SentimentProps = {
  ...thread, title: 'Letter to the landlord',
  sentiment: { overall: 'neutral', people: [], quotes: [], dropped: 0, total: 1, read: 1, omissions: [] },
};

export const sentimentSamples = (): Record<string, Sample> => ({
  sentimentThread: { card: sentimentCard(thread), text: sentimentText(thread) },
  sentimentText: { card: sentimentCard(text), text: sentimentText(text) },
  code: { card: codeCard({ words, locale: 'en', actions: [why] }), text: codeText({ words, actions: [] }) },
});

/** Whatever was given is used for every text, name and address. */
export function outsideSentiment({ text: given, url, count }: { readonly text: string; readonly url: string; readonly count: number }): Sample {
  const tones = ['positive', 'negative', 'mixed', 'neutral'] as const;
  const list = Array.from({ length: count }, (_, index) => ({ tone: tones[index % 4] ?? 'neutral', messageId: `m${index}` }));
  const props: SentimentProps = {
    words, locale: 'en', title: given, threadId: given.slice(0, 100).toWellFormed(),
    messages: new Map(list.map(({ messageId }) => [messageId, { author: { name: given }, url, createdAt: given }])),
    sentiment: { overall: 'mixed', people: list.map(({ tone }) => ({ author: { name: given }, tone })), quotes: list.map((each) => ({ ...each, quote: given })), dropped: count, total: count, read: count, omissions: [] },
  };
  return { card: sentimentCard(props), text: sentimentText(props) };
}
