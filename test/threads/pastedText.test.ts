import { parsePastedText } from '../../threads/pastedText';

const messagesOf = (text: string): readonly (readonly (string | undefined)[])[] =>
  parsePastedText(text).messages.map(({ author, createdAt, text: said }) => [author.name, said, ...(createdAt ? [createdAt] : [])]);

test.each([
  ['plain names', 'Ana: hi there\nBob: hello\nhow are you?', [['Ana', 'hi there'], ['Bob', 'hello\nhow are you?']]],
  ['bold names', '**Ana:** hi there\n**Bob Lee:** hello', [['Ana', 'hi there'], ['Bob Lee', 'hello']]],
  ['times in brackets', '[10:03] Ana: hi\n[10:04] Bob: hello', [['Ana', 'hi'], ['Bob', 'hello']]],
  ['times in front', '10:03 Ana: hi\n10:04 AM - Bob: hello', [['Ana', 'hi'], ['Bob', 'hello']]],
  ['WhatsApp on Android', '12/11/26, 10:03 - Messages are end-to-end encrypted.\n12/11/26, 10:03 - Ana: hi\nsecond line\n13/11/26, 22:15 - Bob: hello', [['Ana', 'hi\nsecond line', '2026-11-12T10:03:00.000Z'], ['Bob', 'hello', '2026-11-13T22:15:00.000Z']]],
  ['WhatsApp on iOS', '\u200E[12.11.26, 10:03:22] Ana Ruiz: hi\n[12.11.26, 10:04:00] +49 170 123: hallo', [['Ana Ruiz', 'hi', '2026-11-12T10:03:22.000Z'], ['+49 170 123', 'hallo', '2026-11-12T10:04:00.000Z']]],
  ['WhatsApp in America', '11/12/26, 10:03\u202FPM - Ana: hi\n11/12/26, 10:04\u202FPM - Bob: hello', [['Ana', 'hi', '2026-11-12T22:03:00.000Z'], ['Bob', 'hello', '2026-11-12T22:04:00.000Z']]],
  ['Slack, name and time in a line', 'Ana Ruiz  10:03 AM\nhi\nthere\nBob  10:05 AM\nhello', [['Ana Ruiz', 'hi\nthere'], ['Bob', 'hello']]],
  ['Slack, time below the name', 'Ana Ruiz\n  10:03 AM\nhi\n10:04\nthere\n\nBob\n  10:05 AM\nhello', [['Ana Ruiz', 'hi\nthere'], ['Bob', 'hello']]],
  ['Teams messages copied', '[10:03 AM] Ana Ruiz\nhi\n\n[11/13 10:05 AM] Bob Lee\nhello', [['Ana Ruiz', 'hi'], ['Bob Lee', 'hello']]],
  ['Teams messages of people listed by surname', '[09:15] Smith, John\nshall we start\nat ten?\n[09:16] de Vries, Anna (Sales)\nyes, John\n[Yesterday 09:20 AM] Smith, John\nfine', [['Smith, John', 'shall we start\nat ten?'], ['de Vries, Anna (Sales)', 'yes, John'], ['Smith, John', 'fine']]],
  ['a single Teams message', '[09:15] Smith, John\n\nWe decided to ship in March.', [['Smith, John', 'We decided to ship in March.']]],
  ['surnames first, the time behind', 'Smith, John  09:15\nhi\nO’Neil, Mary Ann 9:16 AM\nhello', [['Smith, John', 'hi'], ['O’Neil, Mary Ann', 'hello']]],
  ['surnames first, the time below', 'Smith, John\n9:15 AM\nhi\n\nLee, Bob\n9:16 AM\nhello', [['Smith, John', 'hi'], ['Lee, Bob', 'hello']]],
  ['surnames first, the text in the line', '[09:15] Smith, John: hi, all\n[09:16] Lee, Bob: hello', [['Smith, John', 'hi, all'], ['Lee, Bob', 'hello']]],
  ['a Teams chat with dates', 'Ana Ruiz  11/13/2026 10:03 AM\nhi\nBob Lee  11/13/2026 10:05 AM\nhello', [['Ana Ruiz', 'hi', '2026-11-13T10:03:00.000Z'], ['Bob Lee', 'hello', '2026-11-13T10:05:00.000Z']]],
  ['a Zoom chat', '10:03:22\t From Ana Ruiz to Everyone : hi\n10:04:00 From Bob : hello', [['Ana Ruiz', 'hi'], ['Bob', 'hello']]],
  ['Zoom speech', '[Ana Ruiz] 10:03:22\nhi\n\n[Bob] 10:04:00\nhello', [['Ana Ruiz', 'hi'], ['Bob', 'hello']]],
])('%s are told apart', (_what, text, expected) => {
  expect(messagesOf(text)).toEqual(expected);
});

test('a transcript that runs from zero is a meeting with offsets', () => {
  const thread = parsePastedText('00:00:03 Ana: shall we start\n00:01:10 Bob: yes');
  expect(thread.kind).toBe('meeting');
  expect(thread.messages.map(({ offsetMs }) => offsetMs)).toEqual([3_000, 70_000]);
});

test('an old Teams transcript has the time above the name', () => {
  const thread = parsePastedText('0:0:0.0 --> 0:0:3.450\nAna Ruiz\nshall we start\n0:0:4.0 --> 0:0:9.1\nBob\nyes');
  expect(thread.messages.map(({ author, offsetMs, text }) => [author.name, offsetMs, text])).toEqual([['Ana Ruiz', 0, 'shall we start'], ['Bob', 4_000, 'yes']]);
});

test('fillers make typed-up speech a meeting', () => {
  expect(parsePastedText('Ana: um, so shall we start\nBob: yes').kind).toBe('meeting');
});

test('a line of speech with a comma and a time is no header', () => {
  const text = 'Ana Ruiz  10:03\nwell, let us meet at 11:00\nBob  10:05\nfine';
  expect(messagesOf(text)).toEqual([['Ana Ruiz', 'well, let us meet at 11:00'], ['Bob', 'fine']]);
});

test('text above the first message is kept', () => {
  expect(messagesOf('Call of Monday\n\nAna: hi\nBob: hello\nAna: so')[0]).toEqual(['Pasted text', 'Call of Monday']);
});

test.each([
  ['prose', 'The plan is simple. We ship in March.\n\nThere is one risk: time.'],
  ['a form', 'Date: 12 November\nAttendees: Ana, Bob\nSubject: Plan'],
  ['a list', '# Plan\n- first: do this\n- second: do that'],
  ['one line with a colon', 'Remember: milk'],
])('%s is a document', (_what, text) => {
  expect(parsePastedText(text).kind).toBe('document');
});

test('paragraphs, headings and list items of a document stand apart', () => {
  expect(messagesOf('# Plan\nWe ship\nin March.\n\n- first\n- second\n')).toEqual([
    ['Pasted text', '# Plan'], ['Pasted text', 'We ship in March.'], ['Pasted text', '- first'], ['Pasted text', '- second'],
  ]);
});

test('a person keeps one id, and two people never share one', () => {
  const { messages, participants } = parsePastedText('Ana B: hi\nAna-B: hello\nAna B: so');
  expect(participants.map(({ id }) => id)).toEqual(['ana-b', 'ana-b-2']);
  expect(messages[2]?.author).toBe(participants[0]);
});

test('empty text is refused', () => {
  expect(() => parsePastedText('  \n')).toThrow(expect.objectContaining({ code: 'empty' }));
});
