import { toSpeakable } from '../../dialogs/speakable';

describe('what is read aloud', () => {
  test.each([
    ['marks of formatting', '# Plan\n\n- **First** _then_ ~~never~~\n1. `npm test`\n> quoted', 'Plan.\nFirst then never.\n1. npm test.\nquoted.'],
    ['addresses and links', 'See [the page](https://example.com/a_(b)) or https://example.com/x?y=1. [1]\n\n[1]: https://example.com "x"', 'See the page or.'],
    ['code', 'Run this:\n\n```bash\nrm -rf /\n```\n\nThen wait.', 'Run this:\nThen wait.'],
    ['code that does not end', 'Run this:\n\n```bash\nrm -rf /', 'Run this:'],
    ['a table', '| a | b |\n|---|---|\n| 1 | 2 |', 'a, b.\n1, 2.'],
    ['mentions and tags', 'Ask <at>Ada</at><br>now', 'Ask Adanow.'],
    ['escapes', String.raw`2 \* 3 \= 6 &lt;here\>`, '2 * 3 = 6 <here>'],
    ['names with underscores', 'the file my_long_name.ts', 'the file my_long_name.ts.'],
  ])('leaves out %s', (_name, markdown, spoken) => {
    expect(toSpeakable(markdown).text).toBe(spoken);
  });

  test('ends with a sentence where the answer is too long, and knows what is left', () => {
    const { text, length, leavesOutCode } = toSpeakable('This is one of many sentences. '.repeat(300));
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text).toMatch(/sentences\.$/);
    expect([length, leavesOutCode]).toEqual([9_299, false]);
  });

  test.each([
    '`'.repeat(20_000), '['.repeat(20_000), '[a]('.repeat(5_000), '[a](<'.repeat(5_000), '*'.repeat(20_000), '** a'.repeat(5_000), '|'.repeat(20_000), '_a'.repeat(10_000), '<'.repeat(20_000), '<at>'.repeat(5_000),
    'http://'.repeat(3_000), '~~~\n'.repeat(5_000), '# '.repeat(10_000),
  ])('is quick whatever the marks are: %#', (markdown) => {
    const startedAt = performance.now();
    toSpeakable(markdown);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
