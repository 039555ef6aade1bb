import { wordParagraphs } from '../../threads/wordText';

const TRANSITIONAL = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const documentOf = (body: string, namespace = TRANSITIONAL): string => `<?xml version="1.0"?><w:document xmlns:w="${namespace}"><w:body>${body}</w:body></w:document>`;
const run = (inner: string): string => `<w:r>${inner}</w:r>`;
const text = (words: string): string => run(`<w:t xml:space="preserve">${words}</w:t>`);

test.each<[string, string, readonly string[]]>([
  ['runs of a paragraph', `<w:p>${text('Hel')}${text('lo ')}${text('you')}</w:p>`, ['Hello you']],
  ['entities', `<w:p>${text('R&amp;D &lt;1&gt; &#233;&#x1F600; &quot;x&quot; &apos;y&apos;')}</w:p>`, ['R&D <1> é😀 "x" \'y\'']],
  ['entities of the file itself', `<w:p>${text('&lol;')}</w:p>`, ['&lol;']],
  ['tabs and breaks of the text, not of its settings', `<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>${run('<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>')}</w:p>`, ['a\tb\nc']],
  ['what was deleted and moved', `<w:p>${text('kept')}<w:del>${text('gone')}</w:del><w:moveFrom>${text('moved')}</w:moveFrom><w:ins>${text(' new')}</w:ins></w:p>`, ['kept new']],
  ['fields', `<w:p>${run('<w:instrText>PAGE</w:instrText>')}${text('1')}</w:p>`, ['1']],
  ['tables', `<w:tbl><w:tr><w:tc><w:p>${text('a')}</w:p></w:tc><w:tc><w:p>${text('b')}</w:p></w:tc></w:tr></w:tbl>`, ['a', 'b']],
  ['a text box in a paragraph', `<w:p>${text('out')}<mc:AlternateContent><mc:Choice><w:p>${text('twice')}</w:p></mc:Choice><mc:Fallback><w:p>${text('in')}</w:p></mc:Fallback></mc:AlternateContent>${text('side')}</w:p>`, ['in', 'outside']],
  ['comments and CDATA', `<w:p><!-- <w:t>no</w:t> -->${run('<w:t><![CDATA[a < b]]></w:t>')}</w:p>`, ['a < b']],
  ['empty paragraphs', `<w:p/><w:p></w:p><w:p>${text(' ')}</w:p>`, []],
  ['a paragraph that is never closed', `<w:p>${text('end')}`, ['end']],
])('%s', (_what, body, expected) => {
  expect(wordParagraphs(documentOf(body))).toEqual(expected);
});

test('other prefixes, and the strict form', () => {
  expect(wordParagraphs(documentOf(`<w:p>${text('strict')}</w:p>`, 'http://purl.oclc.org/ooxml/wordprocessingml/main'))).toEqual(['strict']);
  expect(wordParagraphs(documentOf(`<w:p>${text('hi')}</w:p>`).replaceAll('xmlns:w=', 'xmlns:ns0=').replaceAll('w:', 'ns0:'))).toEqual(['hi']);
  expect(wordParagraphs('<html><body>hi</body></html>')).toBeUndefined();
});
