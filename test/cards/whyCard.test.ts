import { answerCard } from '../../cards/answerCard';
import { whyButton } from '../../cards/whyCard';
import { spokenLanguages, wordsFor } from '../../cards/words';
import { whySamples } from './whySamples';

test('says who wrote it and where, on what, what was left out, what the filters said, and what it took', () => {
  const { why } = whySamples();
  expect(why?.text).toContain('An AI model wrote it, and it can be wrong');
  expect(why?.text).toContain('gpt-5-mini, in the region swedencentral');
  expect(why?.text).toContain('[Remote control project: conceptual design · Project Manager](<http://localhost:3978/threads/ami-ES2016c#t137>)');
  expect(why?.text).toContain('Read 214 of 231 messages.');
  expect(why?.text).toContain('Left out: 5 empty, 12 stopped by the content filter.');
  expect(why?.text).toContain('Nothing was found. They looked for: hate, sexual content, violence, self-harm, attempts to take over the AI.');
  expect(why?.text).toContain('12,345 tokens read, 678 written');
  expect(JSON.stringify(why?.card.body)).toContain('3.5 seconds, the first words after 0.8');
  expect(why?.text).toContain('[How Parley works with AI and data](<http://localhost:3978/transparency>)');
  expect(JSON.stringify(why?.card.body)).toContain('gpt-5-mini, in the region swedencentral');
});

test('says that a filter stopped it, what others found, and that one could not look', () => {
  const text = whySamples().whyStopped?.text ?? '';
  expect(text).toContain('No answer of an AI model came of this.');
  expect(text).toContain('Attempts to take over the AI, in the request: stopped');
  expect(text).toContain('Violence (slight), in the request');
  expect(text).toContain('They could not look at all of it.');
  expect(text).not.toContain('Nothing was found');
  expect(text).not.toContain('What it stands on');
});

test('an answer without sources says so, and that its end is missing', () => {
  const text = whySamples().whyGerman?.text ?? '';
  expect(text).toContain('Sie verweist auf keinen Text.');
  expect(text).toContain('Das Ende fehlt');
  expect(text).toContain('Etwa 12.345 Token gelesen');
  expect(text).toContain('Der Dienst hat nichts über Sicherheitsfilter gesagt.');
});

test.each(spokenLanguages)('the button under an answer has a title that fits, in %s', (language) => {
  const words = wordsFor(language);
  const card = answerCard({ words, origin: 'ai', sources: [], followUps: [], actions: [whyButton(words, 'a1')] });
  expect(JSON.stringify(card)).toContain(JSON.stringify({ parley: { action: 'why', values: { answer: 'a1' } } }));
  expect(words.whyCard.title.length).toBeLessThanOrEqual(30);
  expect(JSON.stringify(card.body)).toContain(words.card.ai);
});
