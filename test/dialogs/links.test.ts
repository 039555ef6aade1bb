import { linkRule, withoutUngivenLinks } from '../../dialogs/links';
import type { Turn } from '../../dialogs/turn';

const rule = (given: readonly string[], said: readonly string[] = [], linkHosts: readonly string[] = ['Contoso.example', 'other.example:8443']) =>
  linkRule({ linkHosts } as Turn, { given, said }); // the rule looks at nothing else of a turn

test.each([
  ['https://given.example/a?b=1', true],
  ['https://given.example/a?b=12', false],
  ['https://given.example/', false],
  ['https://wiki.example/x_(y)', true],
  ['https://end.example/page', true],
  ['https://www.bare.example/', true],
  ['https://contoso.example/x', true],
  ['https://sub.contoso.example/x', true],
  ['https://contoso.example.evil.example/x', false],
  ['https://notcontoso.example/x', false],
  ['https://other.example:8443/', true],
  ['https://other.example/', false],
  ['https://code.example/x', false],
  ['https://fence.example/x', false],
  ['https://linked.example/x', true],
])('%s may be a link: %s', (url, expected) => {
  const given = ['See https://given.example/a?b=1, [x](https://wiki.example/x_(y)) and https://end.example/page. Or www.bare.example!'];
  const said = ['As `https://code.example/x` says, see [x](<https://linked.example/x>).\n```\nhttps://fence.example/x\n```'];
  expect(rule(given, said)(url)).toBe(expected);
});

test.each([
  ['See https://given.example/a, or [x](https://given.example/a).', 'See https://given.example/a, or [x](https://given.example/a).'],
  ['www.given.example/b!', 'www.given.example/b!'],
  ['[x](https://evil.example/?q=secret)', '[x](https\u2060://\u2060evil.example/?q=secret)'],
  ['www.evil.example/secret', 'www\u2060.\u2060evil.example/secret'],
  ['https://given.example/a)?q=secret', 'https\u2060://\u2060given.example/a)?q=secret'],
  ['https://www.evil.example/https://evil.example', 'https\u2060://\u2060www\u2060.\u2060evil.example/https\u2060://\u2060evil.example'],
  ['No address\u{E0041} at all.', 'No address at all.'],
])('what a model says for the person has no address that nobody gave: %j', (text, expected) => {
  const mayLink = rule(['https://given.example/a and www.given.example/b']);
  expect(withoutUngivenLinks(text, mayLink)).toBe(expected);
  const counted = rule([withoutUngivenLinks(text, mayLink)], [], []);
  expect(['https://evil.example/?q=secret', 'https://www.evil.example/secret', 'https://given.example/a)?q=secret', 'https://www.evil.example/'].filter(counted)).toEqual([]);
});
