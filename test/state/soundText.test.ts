import { soundText, soundValue } from '../../state/soundText';

test.each([
  ['plain words', 'Grüße, 世界 🙂 👩🏽‍🚀 ❤️', 'Grüße, 世界 🙂 👩🏽‍🚀 ❤️'],
  ['NUL', 'a\0b', 'a\uFFFDb'],
  ['half characters', '\uD83D a \uDE42', '\uFFFD a \uFFFD'],
  ['invisible tags', 'a\u{E0061}\u{E007F}b', 'ab'],
  ['flags that are written with tags', '\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}', '\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
  ['words behind a flag', '\u{1F3F4}\u{E0068}\u{E0069}\u{E007F}', '\u{1F3F4}'],
  ['bytes in selectors', '🙂\uFE0F\u{E0101}\u{E0102}!', '🙂\uFE0F!'],
  ['direction and zero-width signs, which are content', '\u202Ea\u200B\u2069', '\u202Ea\u200B\u2069'],
])('%s', (_what, text, expected) => {
  expect(soundText(text)).toBe(expected);
});

test('every string of a value is made sound, names of properties too', () => {
  const value = { 'a\0': ['\uD800', { b: 'x\u{E0041}' }], n: 1, t: true, z: null };
  expect(soundValue(value)).toEqual({ 'a\uFFFD': ['\uFFFD', { b: 'x' }], n: 1, t: true, z: null });
});
