import type { Activity } from 'botbuilder';
import { mentionsBot, textWithoutOwnMention } from '../../bot/mentions';
import { bot, mention, mentionShapes } from './mentionShapes';

// What a channel sends may be anything: the SDK's type promises more.
const message = (text: unknown, entities: unknown, recipient: unknown = bot) => ({ text, recipient, entities }) as unknown as Partial<Activity>;

test.each(mentionShapes)('the text without the bot: $what', ({ text, entities, expected }) => {
  expect(textWithoutOwnMention(message(text, entities))).toBe(expected);
});

test.each<[string, Partial<Activity>, string]>([
  ['no text', message(undefined, [mention('<at>Parley</at>')]), ''],
  ['a text that is no string', message({ a: 1 }, []), ''],
  ['somebody of the same name', message('<at>Parley</at> hi', [mention('<at>Parley</at>', { id: '29:other', name: 'Parley' })]), '<at>Parley</at> hi'],
  ['entities that are no list', message('hi', 'x'), 'hi'],
  ['no recipient', message('hi', [mention('<at>Parley</at>')], undefined), 'hi'],
  ['a recipient and a mention without ids', message('hi', [mention('hi', { id: '' })], { id: '' }), 'hi'],
])('no mention of the bot: %s', (_what, activity, expected) => {
  expect(textWithoutOwnMention(activity)).toBe(expected);
});

test.each([
  ['a gap of spaces', `a${' '.repeat(200_000)}b`],
  ['tags that never end', '<at '.repeat(50_000)],
  ['mentions that never end', '<at>Parley'.repeat(20_000)],
])('the time for a text does not grow with the square of its length: %s', (_what, text) => {
  const startedAt = performance.now();
  textWithoutOwnMention(message(text, [mention(), mention('<at>Parley</at>')]));
  expect(performance.now() - startedAt).toBeLessThan(200);
});

test('the bot is mentioned only by its own id', () => {
  expect(mentionsBot(message('x', [mention('<at>Parley</at>')]))).toBe(true);
  expect(mentionsBot(message('x', [mention('<at>Parley</at>', { id: '29:other', name: 'Parley' })]))).toBe(false);
  expect(mentionsBot(message('Parley', []))).toBe(false);
});
