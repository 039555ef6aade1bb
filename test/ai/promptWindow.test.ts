import { promptBudget, smallerBudget } from '../../ai/promptBudget';
import { windowOf, windowTokens, type Said } from '../../ai/promptWindow';

const said = (text: string, length?: number): Said => ({ role: 'user', text, ...(length !== undefined && { length }) });

test('what fits is whole and in order', () => {
  expect(windowOf([said('one'), said('two')], 1_000).map(({ text }) => text)).toEqual(['one', 'two']);
});

test('the newest come first into the window, up to its size', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => said(`message number ${index} and some words`));
  const window = windowOf(many, 300);
  expect(window.at(-1)?.text).toBe('message number 999 and some words');
  expect(windowTokens(window)).toBeLessThanOrEqual(300);
  expect(windowTokens(window)).toBeGreaterThan(270);
});

test('a long message is shortened and says so, and leaves room for others', () => {
  const [before, long, after] = windowOf([said('before'), said('x'.repeat(40_000)), said('after')], 1_000);
  expect([before?.text, after?.text]).toEqual(['before', 'after']);
  expect(long?.text).toMatch(/^x{900,1000} … \[shortened: 39\d{3} more characters are not shown here\]$/);
});

test('a message of which the store gave the beginning alone says how much is missing', () => {
  expect(windowOf([said('abc', 1_003)], 1_000)[0]?.text).toBe('abc … [shortened: 1000 more characters are not shown here]');
});

test('no character is cut in half', () => {
  const [only] = windowOf([said('😀'.repeat(4_001))], 1_000);
  expect(only?.text.isWellFormed()).toBe(true);
});

test.each([4_096, 8_192, 32_768, 128_000, 1_000_000])('the shares of a context of %i tokens leave a fifth for instructions, skills and the question', (context) => {
  const { history, notes, sources, output } = promptBudget(context);
  expect(history + notes + sources + output).toBeLessThanOrEqual(0.8 * context);
  expect(history).toBeLessThanOrEqual(12_000);
  expect(smallerBudget(promptBudget(context)).history).toBeLessThanOrEqual(history / 4);
});
