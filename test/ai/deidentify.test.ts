import { createDeidentifier } from '../../ai/deidentify';

const replaced = (text: string, names: readonly string[] = []): string => createDeidentifier(names).replace(text);

test.each([
  ['Write to ada.king+x@mail.example.org, please.', 'Write to [EMAIL_1], please.'],
  ['Ada@Example.com and ada@example.com are one', '[EMAIL_1] and [EMAIL_1] are one'],
  ['Call +44 20 7946 0958 or 020 7946 0958.', 'Call [PHONE_1] or [PHONE_2].'],
  ['(030) 901820-12 today', '[PHONE_1] today'],
  ['+1-202-555-0173', '[PHONE_1]'],
  ['my line is 555-0173', 'my line is [PHONE_1]'],
  ['IBAN DE89 3704 0044 0532 0130 00 please', 'IBAN [IBAN_1] please'],
  ['GB29NWBK60161331926819', '[IBAN_1]'],
  ['4111 1111 1111 1111 and 4111-1111-1111-1111', '[CARD_1] and [CARD_1]'],
  ['user 7f9c24e8-3b12-4fef-91e0-8a6f21d4c0ab', 'user [ID_1]'],
  ['key sk-proj-A1b2C3d4E5f6G7h8I9j0K1l2', 'key [ID_1]'],
  ['19:abc123def@thread.v2', '[ID_1]'],
  ['the host 10.20.30.40 is down', 'the host [ID_1] is down'],
  ['SSN 123-45-6789', 'SSN [ID_1]'],
  ['order 2026100112345', 'order [CARD_1]'],
  ['case #12345678', 'case [ID_1]'],
  ['https://x.example/reset?token=abc', '[LINK_1]'],
  ['see https://ada:pw@x.example/a.', 'see [LINK_1].'],
  ['[report](https://x.example/threads/Zk3vB8q1LmP0sT7w)', '[report]([LINK_1])'],
  ['mailto:ada@example.com', '[LINK_1]'],
  ['<at>Ada King</at> and @bob_42', '[PERSON_1] and [PERSON_2]'],
])('%j becomes %j', (text, expected) => {
  expect(replaced(text)).toBe(expected);
});

test.each([
  'It is due on 2026-10-01, or 01.10.2026, or 10/1/26, at 14:30.',
  'The budget is 1 250 000 euros, 12,500.50 a month, or 10,000,000 in all.',
  'See https://learn.microsoft.com/azure/ai-services/openai/how-to/fine-tuning for more.',
  'From 19:30:00-20:00:00, or 8:15-9:45.',
  'Node 24.1.0 and version 1.2.3 work, as does ISO 27001.',
  'Use state-of-the-art end-to-end encryption in the client/server/database layers.',
  'const total = items.reduce((sum, item) => sum + item.price, 0);',
])('%j stays as it is', (text) => {
  expect(replaced(text)).toBe(text);
});

test('people who took part are one mark by whole name, first name or last name, and words that only look alike stay', () => {
  const names = ['Will Mark', 'Ada King-Noel', 'Zoë'];
  expect(replaced('Ada King-Noel, ADA KING-NOEL, Ada and Noel will help; Will will not mark it, Mark. Zoë’s note for Adam.', names))
    .toBe('[PERSON_1], [PERSON_1], [PERSON_1] and [PERSON_1] will help; [PERSON_2] will not mark it, [PERSON_2]. [PERSON_3]’s note for Adam.');
});

test('names of one who did not take part stay: the rules do not understand', () => {
  expect(replaced('Ask Grace about it.', ['Ada'])).toBe('Ask Grace about it.');
});

test('names with signs of regular expressions, and empty ones, do no harm', () => {
  expect(replaced('Hello (Bob+) there', ['', ' ', 'Bob+', '(x', '[a', '\\'])).toBe('Hello ([PERSON_1]) there');
});

test('the same value has the same mark in all texts of one example, and is counted once', () => {
  const one = createDeidentifier(['Ada']);
  expect([one.replace('Ada: ada@example.com'), one.replace('To ada@example.com, Bob@example.com')]).toEqual(['[PERSON_1]: [EMAIL_1]', 'To [EMAIL_1], [EMAIL_2]']);
  expect(one.counts()).toEqual({ link: 0, email: 2, iban: 0, card: 0, id: 0, phone: 0, person: 1 });
});

test('a long text takes no longer than its length says', () => {
  const startedAt = performance.now();
  for (const text of ['1 '.repeat(50_000), 'a.'.repeat(50_000), 'A1'.repeat(50_000), '@'.repeat(100_000), '('.repeat(100_000), 'https://'.repeat(10_000), 'a1-'.repeat(30_000)]) replaced(text, ['Ada King']);
  expect(performance.now() - startedAt).toBeLessThan(8_000);
}, 30_000);
