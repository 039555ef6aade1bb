import { parseActivity, userOf } from '../../../bot/directLine/activities';

test.each([
  ['a language that is a long list', { locale: { length: 4_000_000_000 } }],
  ['a text that is none', { text: { a: 1 } }],
  ['entities that are no list', { entities: 'x' }],
  ['more files than anybody sends', { attachments: Array.from({ length: 101 }, () => ({ contentType: 'text/plain' })) }],
  ['an id that no key has room for', { from: { id: 'x'.repeat(300) } }],
])('%s is refused', (_what, more) => {
  expect(() => parseActivity({ type: 'message', ...more })).toThrow(expect.objectContaining({ status: 400 }));
});

test('names are one line of a bearable length', () => {
  expect(parseActivity({ type: 'message', from: { id: 'u', name: `A\nB${'c'.repeat(1_000)}` } }).from?.name).toMatch(/^A Bc{252}c$/);
});

test.each(['x'.repeat(257), 'bot', 'dl_somebody', ''])('nobody can claim to be %j', (claimed) => {
  expect(() => userOf({ conversationId: 'c', origins: [] }, false, claimed, 'bot')).toThrow(expect.objectContaining({ status: 400 }));
});
