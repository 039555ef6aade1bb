import type { AdaptiveCard } from '../../cards/adaptiveCard';
import { cardBytes } from '../../cards/fit';
import { cardProblems, stringsOf } from './cardRules';
import { emptySamples, hostileSamples, hugeSamples } from './hardSamples';
import { samples } from './samples';

// Controls other than line ends and tabs, direction overrides and isolates, tags.
const hiding = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]|[\u{E0000}-\u{E007F}]/u;
const everyCard = Object.entries({ ...samples(), ...prefixed('empty', emptySamples()), ...prefixed('huge', hugeSamples()), ...prefixed('hostile', hostileSamples()) });

test.each(everyCard)('%s is valid by the official schema and by the parser of Web Chat', (_name, { card }) => {
  expect(cardProblems(card)).toEqual([]);
});

test.each(everyCard)('%s stays under 25 KB, with a fallback text of 1,000 characters at most', (_name, { card, text }) => {
  expect(cardBytes(card)).toBeLessThan(25_000);
  expect(text.trim()).not.toBe('');
  expect(card.fallbackText.trim()).not.toBe('');
  expect(card.fallbackText.length).toBeLessThanOrEqual(1_000);
});

test.each(everyCard)('%s holds whole characters only, and none that hide or reorder text', (_name, { card, text }) => {
  // The id goes back to the bot as it came, and is never shown.
  const strings = [...stringsOf(card), { name: 'text', text }].filter(({ name }) => name !== 'threadId');
  expect(strings.filter(({ text: string }) => !string.isWellFormed())).toEqual([]);
  expect(strings.filter(({ text: string }) => hiding.test(string))).toEqual([]);
});

test.each(everyCard)('%s opens http and https addresses only, and reads markdown in our own words only', (_name, { card }) => {
  // A picture of ours may be its own address; that opens nothing.
  const opening = stringsOf(card).filter(({ name, text }) => name === 'url' && !/^data:image\/(?:png|jpeg);base64,[\w+/=]+$/.test(text));
  expect(opening.filter(({ text }) => !/^https?:\/\//.test(text))).toEqual([]);
  expect(markdownTexts(card).filter((text) => /HOSTILE|<script|\]\(/.test(text))).toEqual([]);
});

test.each(everyCard)('every button of %s carries its action', (_name, { card }) => {
  const actions = JSON.stringify(card).match(/"type":"Action\.(Submit|Execute)"/g)?.length ?? 0;
  const data = JSON.stringify(card).match(/"parley":\{"action":"[a-z]+","values":\{/g)?.length ?? 0;
  expect(data).toBe(actions);
});

test('the checks find a misspelt property and a wrong value', () => {
  const card = { type: 'AdaptiveCard', version: '1.5', fallbackText: 'x', body: [{ type: 'TextBlock', text: 'x', wrapp: true, size: 'gigantic' }] };
  expect(cardProblems(card as unknown as AdaptiveCard)).not.toEqual([]);
});

function prefixed<Value>(prefix: string, values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]));
}

/** Where markdown is read: TextBlocks. */
function markdownTexts(card: AdaptiveCard): string[] {
  const texts: string[] = [];
  JSON.stringify(card, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'TextBlock' && 'text' in value) texts.push(String(value.text));
    return value;
  });
  return texts;
}
