import fc from 'fast-check';
import { htmlText } from '../../threads/htmlText';

test.each([
  ['paragraphs and breaks are lines', '<p>One</p><p>Two<br>three</p><div>Four</div>', 'One\nTwo\nthree\nFour'],
  ['blanks of the source mean nothing', '<div>\n  Hello   <b>there</b>,\n  you&nbsp;two </div>', 'Hello there, you two'],
  ['lists keep their signs, in paragraphs too', '<ul><li>A</li><li><p>B</p><ol><li>b1</li><li>b2</li></ol></li></ul>', '- A\n- B\n  1. b1\n  2. b2'],
  ['quotations are marked', '<blockquote><p>Old words</p></blockquote><p>New words</p>', '> Old words\nNew words'],
  ['words that a reply quotes are left to whoever said them', '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="17"><strong>Ben</strong><p>Old words</p></blockquote><p>Agreed</p>', 'Agreed'],
  ['code keeps its lines', '<codeblock class="Ts"><code>if (a &lt; b) {<br>  go();\n}</code></codeblock>', 'if (a < b) {\n  go();\n}'],
  ['a link tells its address once', '<a href="https://example.com/x?a=1&amp;b=2">the plan</a> and <a href="https://example.com/">https://example.com/</a>', 'the plan (https://example.com/x?a=1&b=2) and https://example.com/'],
  ['a link that would run something is its words', '<a href="javascript:alert(1)">click</a>', 'click'],
  ['names are called by their name', '<at id="0">Ben Okafor</at> please look', '@Ben Okafor please look'],
  ['emoji and pictures say what they show', '<emoji id="smile" alt="🙂" title="Smile"></emoji> <img alt="a chart" src="x"><img alt="image" src="y">', '🙂 a chart'],
  ['tables are rows', '<table><tr><th>Who</th><th>What</th></tr><tr><td>Ada</td><td>Plan</td></tr></table>', 'Who | What\nAda | Plan'],
  ['scripts and styles say nothing', '<style>p{}</style><script>alert("<p>no</p>")</script><p>Yes</p>', 'Yes'],
  ['comments say nothing', 'A<!-- <p>hidden</p> -->B', 'AB'],
  ['entities are signs, and no tags', '&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt; &#128512; &#x41; &eacute; &nope;', '<script>alert(1)</script> &lt; 😀 A é &nope;'],
  ['numbers that name no sign are replaced', 'a&#0;b&#xD800;c&#99999999;', 'a\uFFFDb\uFFFDc&#99999999;'],
  ['broken markup is text', 'a < b and c <d', 'a < b and c <d'],
  ['an end within an attribute is none', '<p title="a > b">text</p>', 'text'],
])('%s', (_name, html, text) => {
  expect(htmlText(html)).toBe(text);
});

test('attachments and names are worded by whoever knows them', () => {
  const parts = { attachment: (id: string) => `[file ${id}]`, mention: (id: string, name: string) => (id === '0' ? '' : name.toUpperCase()) };
  expect(htmlText('<at id="0">Parley</at> ask <at id="1">Ben</at> <attachment id="f1"></attachment>', parts)).toBe('ask BEN [file f1]');
});

test('whatever is written comes out as text, soon', () => {
  const piece = fc.oneof(fc.constantFrom('<', '>', '</', '<a href="', '"', "'", '<p', '<!--', '-->', '<blockquote itemtype="schema.skype.com/Reply">', '</blockquote>', '<li>', '<ul>', '<at id=1>', '&#', ';', '<script>', '</script>', ' '), fc.string());
  fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => typeof htmlText(pieces.join('')) === 'string'), { seed: 20261130, numRuns: 2_000 });
});

test.each(['<a ', '<', '<p "', '<!--', '<li>', '&#', '<a href="https://x.example/">', '<b>x</b> '])('a hundred thousand times "%s" takes no longer than a message of that length may', (piece) => {
  const startedMs = performance.now();
  htmlText(piece.repeat(100_000));
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});
