import fc from 'fast-check';
import { safeMarkdown } from '../../cards/safeMarkdown';

const known = new Set(['https://known.example/a', 'https://known.example/a_(b)?x=1&y=2', 'https://known.example/', 'https://www.known.example/']);
const safe = (text: string): string => safeMarkdown(text, { mayLink: (url) => known.has(url) });

test.each([
  ['formatting stays', '# Title\n\n- **bold** and _italic_, 5 < 6 & 7\n1. one\n> quote\n\n| a | b |\n|---|---|', '# Title\n\n- **bold** and _italic_, 5 < 6 & 7\n1. one\n> quote\n\n| a | b |\n|---|---|'],
  ['code stays', 'Use `a[0](x) < "b"` and ``a ` b``.', 'Use `a[0](x) < "b"` and ``a ` b``.'],
  ['code blocks stay', '```js\nif (a < b) c["x"]; // https://other.example\n```\nafter', '```js\nif (a < b) c["x"]; // https://other.example\n```\nafter'],
  ['a code block that is cut off is closed', '~~~python evil="1"\nx = 1', '```python\nx = 1\n```'],
  ['markers of sources stay, apart from each other', 'So it is [1][2], and [3].', 'So it is [1] [2], and [3].'],
  ['a known link stays', 'See [the *page*](https://known.example/a "title").', 'See [the *page*](<https://known.example/a>).'],
  ['a known address stays a link', 'See https://known.example/a_(b)?x=1&y=2, or <https://known.example/a>.', 'See [https://known.example/a\\_(b)?x=1\\&y=2](<https://known.example/a_(b)?x=1&y=2>), or [https://known.example/a](<https://known.example/a>).'],
  ['another link is text', 'Click [here](https://evil.example/?q=secret "t").', 'Click \u2060here\u2060 (`https://evil.example/?q=secret`).'],
  ['another address is code', 'Go to https://evil.example/x?y=1. Or www.evil.example!', 'Go to `https://evil.example/x?y=1`. Or `www.evil.example`!'],
  ['an address within a word is code', 'xhttps://evil.example 1http://evil.example evil://evil.example', 'x`https://evil.example` 1`http://evil.example` evil:\u2060//evil.example'],
  ['an autolink is code', '<https://evil.example/a> <mailto:a@evil.example?body=1> <javascript:alert(1)>', '`https://evil.example/a` `mailto:a@evil.example?body=1` `javascript:alert(1)`'],
  ['addresses of other kinds open nothing', '[a](javascript:alert(1)) [b](data:text/html,x) [c](&#106;avascript:x) [d](/threads/x) [e](//evil.example)', '\u2060a\u2060 \u2060b\u2060 \u2060c\u2060 \u2060d\u2060 \u2060e\u2060'],
  ['what was apart is not joined', 'htt[p](x)://evil.example <[img](x) !![](x)[1]', 'htt\u2060p\u2060:\u2060//evil.example <\u2060img\u2060 !\u2060[1]'],
  ['images are never shown', '![alt](https://known.example/a) ![](https://evil.example/?q=1) ![x][y] !\\[z](https://evil.example)', '\u2060alt\u2060 \u2060 \\![x\\]\\[y\\] !\\[z\\](`https://evil.example`)'.replace('\\![', '\\!\\[')],
  ['words in brackets stay', '[de] Good morning - [ ] to do [a [b] c] arr[0]', '[de] Good morning - [ ] to do [a [b] c] arr[0]'],
  ['references and definitions are text', '[a][b] [c] [^1]\n\n[b]: https://evil.example\n[1]: https://evil.example', '\\[a\\]\\[b\\] [c] [^1]\n\n\\[b\\]: `https://evil.example`\n\\[1\\]: `https://evil.example`'],
  ['a link over two lines is text', '[a\nb](https://known.example/a)', '\\[a\nb\\]([https://known.example/a](<https://known.example/a>))'],
  ['HTML and tags of Teams are text', '<img src=x onerror=alert(1)><at>Ada</at><attachment id="1"></attachment><!-- x --></b>', '&lt;img src=x onerror=alert(1)>&lt;at>Ada&lt;/at>&lt;attachment id="1">&lt;/attachment>&lt;!-- x -->&lt;/b>'],
  ['entities are text', '&lt;b&gt; &#60; &copy=1', '&amp;lt;b&amp;gt; &amp;#60; &copy=1'],
  ['a label that is another address is no link', '[https://bank.example](https://known.example/a) [bank.example/login](https://known.example/a)', '\u2060`https://bank.example`\u2060 (`https://known.example/a`) \u2060bank.example/login\u2060 (`https://known.example/a`)'],
  ['a label that is its own address is a link', '[known.example](https://www.known.example/) [https://known.example/](https://known.example/)', '[known.example](<https://www.known.example/>) [`https://known.example/`](<https://known.example/>)'],
  ['a link in code that some client might not see as code', '`[a](https://evil.example)` \\`[a](https://evil.example)\\`', '`[a]\u2060(https://evil.example)` \\`\u2060a\u2060 (`https://evil.example/`)\\`'],
  ['a fence that only some clients see', '    ```\n[a](https://evil.example)\n> ```\n[a](https://evil.example) ```', '   ```\n[a]\u2060(https://evil.example)\n> ```\n[a]\u2060(https://evil.example) ```\n```'],
  ['a fence inside another', '````\n```js\n[a](https://evil.example)\n````\n[a](https://evil.example)', '```\n\u2060```js\n[a]\u2060(https://evil.example)\n```\n\u2060a\u2060 (`https://evil.example/`)'],
  ['invisible and direction-changing characters go', 'a\u202Eb\u{E0041}c\u0000d', 'abcd'],
])('%s', (_what, text, expected) => {
  expect(safe(text)).toBe(expected);
});

const pieces = fc.constantFrom(
  '[', ']', '(', ')', '<', '>', '!', '`', '``', '```', '~~~', '\\', '\n', '\n\n', ' ', '  ', '    ', '\t', '\r', '"', "'", '&', '&#60;', '&lt;', ':', '//', '/', '*', '_', '|', '#', '- ', '> ', '[1]', '[a]: ', 'www.', '.', 'x', '\u2028',
  'htt', 'p', '://evil.example', 'https://evil.example/q', 'https://known.example/a', 'http://evil.example', 'javascript:alert(1)', 'mailto:a@evil.example', 'data:text/html,x', '<img src=', '<at>', '](', '](<', '[x](', '![', 'word', '\u202E', '\uD83D', '\u{E0041}',
);
const texts = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));

/** What is left of a text without code and without the links that were allowed. */
function withoutCode(text: string): string {
  return text.replace(/^ {0,3}```[^`\n]*\n(?:(?! {0,3}```)[^\n]*\n)* {0,3}```$/gm, '').split('\n').map(withoutCodeSpans).join('\n').replace(/\]\(<https:\/\/known\.example\/a>\)/g, ')');
}

function withoutCodeSpans(line: string): string {
  let rest = line;
  let kept = '';
  while (rest !== '') {
    const [taken = ''] = /^\\[\s\S]/.exec(rest) ?? /^(`+)(?!`).*?(?<!`)\1(?!`)/.exec(rest) ?? /^[\s\S]/.exec(rest) ?? [];
    if (!taken.startsWith('`') || taken === '`') kept += taken;
    rest = rest.slice(taken.length);
  }
  return kept;
}

test('whatever is put together, nothing outside of code opens or loads anything', () => {
  fc.assert(fc.property(texts, (text) => {
    const rest = withoutCode(safe(text));
    expect(rest).not.toMatch(/evil\.example\/q|[a-z]:\/\/evil|mailto:\S/i);
    expect(rest).not.toMatch(/(?<!\\)(?:\\\\)*!\[/);
    expect(rest).not.toMatch(/(?<!\\)(?:\\\\)*\]\(/);
    expect(rest).not.toMatch(/<[a-z/!?]/i);
    expect(rest).not.toMatch(/^ *\[[^\]\n]*(?<!\\)\]:/m);
  }), { numRuns: 3_000, seed: 3 });
});

test('what is shown of a growing text is never taken back', () => {
  fc.assert(fc.property(texts, (text) => {
    let shown = '';
    for (let length = 1; length <= text.length; length += 1) {
      const now = safeMarkdown(text.slice(0, length), { mayLink: (url) => known.has(url), isGrowing: true });
      expect(now.slice(0, shown.length)).toBe(shown);
      shown = now;
    }
    expect(safe(text).slice(0, shown.length)).toBe(shown);
  }), { numRuns: 1_000, seed: 4 });
});

test.each(['[', '`', '<', '![', '](', '(', '&', 'a', ' ', 'https://', '\\', '[a](', '```\n', '*'])('the time for a text of many %s does not grow with the square of its length', (sign) => {
  const startedAt = performance.now();
  safe(sign.repeat(40_000));
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});
