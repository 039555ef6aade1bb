import fc from 'fast-check';
import type { Activity, Attachment } from 'botbuilder';
import { cutText, jsonLength } from '../../../bot/turns/cutText';
import { messageBytes, splitReply } from '../../../bot/turns/split';
import { listOf, refuseActivity } from '../../helpers/channelRules';

const LIMIT = 80 * 1024;
const address = { channelId: 'msteams', conversation: { id: 'a:1' }, from: { id: '28:bot' }, recipient: { id: '29:ada' } };
// a test states what a reply needs, which is less than the SDK's types ask for
const reply = (parts: object): Partial<Activity> => ({ type: 'message', ...address, ...parts }) as unknown as Partial<Activity>;
const squeeze = (text: string): string => text.replace(/\s+/g, '');
const textsOf = (parts: readonly Partial<Activity>[]): string[] => parts.map(({ text = '' }) => text);

const root = { type: 'https://schema.org/Message', '@type': 'Message', '@context': 'https://schema.org', '@id': '', additionalType: ['AIGeneratedContent'] };
const claim = (position: number): object => ({ '@type': 'Claim', position, appearance: { '@type': 'DigitalDocument', name: `Source ${position}`, abstract: 'x'.repeat(160) } });

/** Every part as Teams' connector would judge it. */
function expectTaken(parts: readonly Partial<Activity>[], limit = LIMIT): void {
  for (const part of parts) {
    expect(messageBytes(part)).toBeLessThanOrEqual(limit);
    expect(refuseActivity(JSON.stringify(part), JSON.parse(JSON.stringify(part)) as Record<string, unknown>, 'a:1')).toBeUndefined();
  }
}

describe('text', () => {
  const paragraph = `${'A sentence of some words. '.repeat(20).trim()}\n\n`;

  test('that fits stays as it is', () => {
    const short = reply({ text: 'Hello' });
    expect(splitReply(short, LIMIT)).toEqual([short]);
  });

  test('is cut between paragraphs, into messages that are filled well', () => {
    const parts = splitReply(reply({ text: paragraph.repeat(300).trim() }), LIMIT);
    expectTaken(parts);
    expect(textsOf(parts).join('\n\n')).toBe(paragraph.repeat(300).trim());
    expect(parts).toHaveLength(4); // 2 x 157 KB in 80 KB
  });

  test.each([
    ['between lines', 'a line of words, without an end\n'.repeat(5_000), /end$/],
    ['between sentences', 'One sentence. '.repeat(10_000), /sentence\.$/],
    ['between Chinese sentences', '這是一個句子。'.repeat(12_000), /。$/],
    ['between words', 'word '.repeat(20_000), /word$/],
  ])('without paragraphs is cut %s', (_where, text, end) => {
    const parts = splitReply(reply({ text }), LIMIT);
    expectTaken(parts);
    for (const part of textsOf(parts)) expect(part.trimEnd()).toMatch(end);
    expect(squeeze(textsOf(parts).join(''))).toBe(squeeze(text));
  });

  test.each([['👨‍👩‍👧‍👦'], ['🇩🇪'], ['e\u0301'], ['🙂']])('without spaces is cut between characters as people see them: %s', (character) => {
    const parts = splitReply(reply({ text: character.repeat(30_000) }), LIMIT);
    expectTaken(parts);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of textsOf(parts)) expect(part.replaceAll(character, '')).toBe('');
  });

  test('keeps code in fences: what is cut is closed and opened again, with its indentation', () => {
    const code = Array.from({ length: 4_000 }, (_, index) => `    const value${index} = "x";`).join('\n');
    const parts = textsOf(splitReply(reply({ text: `Look:\n\n\`\`\`ts\n${code}\n\`\`\`\n\nDone.` }), LIMIT));
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part.match(/^```/gm)?.length).toBe(2);
    for (const part of parts.slice(1)) expect(part.startsWith('```ts\n    const')).toBe(true);
    const lines = parts.flatMap((part) => part.split('\n')).filter((line) => !line.startsWith('```'));
    expect(lines.filter((line) => line.includes('const'))).toEqual(code.split('\n'));
  });

  test.each(['<at>Ada Maria Lovelace</at>', '[a long title](https://example.com/a_(b)', '[17]'])('does not cut through %s', (span) => {
    const text = `${span} `.repeat(30_000);
    for (const part of textsOf(splitReply(reply({ text }), LIMIT))) expect(part.split(span).join('').trim()).toBe('');
  });

  test('a mention stays with the part that has it', () => {
    const mention = { type: 'mention', text: '<at>Ada</at>', mentioned: { id: '29:ada' } };
    const parts = splitReply(reply({ text: `${'words '.repeat(20_000)} <at>Ada</at>`, entities: [mention] }), LIMIT);
    expect(parts.map(({ entities }) => entities?.length)).toEqual([...Array.from({ length: parts.length - 1 }, () => 0), 1]);
  });

  test('any text at any size is cut into well-formed pieces that fit, and nothing but white space is lost', () => {
    const pieces = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constantFrom('\n\n', ' ', '```\n', '\n```js\n', '"\\\n', '<at>x y</at>', '[1](u)', '。', '~~~~\n', '\u0000')), { maxLength: 60 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 200, max: 600 }), (words, limit) => {
        const text = words.join('').toWellFormed();
        const cut = cutText(text, limit);
        for (const piece of cut) {
          expect(piece.isWellFormed()).toBe(true);
          expect(jsonLength(piece)).toBeLessThanOrEqual(limit);
        }
        const withoutFences = (value: string): string => squeeze(value.replace(/^ {0,3}(?:`{3,}|~{3,})[^`\n]*$/gm, ''));
        expect(withoutFences(cut.join('\n'))).toBe(withoutFences(text));
      }),
      { seed: 3, numRuns: 2_000 },
    );
  });
});

describe('what AI wrote', () => {
  const text = Array.from({ length: 20 }, (_, index) => `${'Words and words. '.repeat(400)}[${index + 1}]`).join('\n\n');
  const potentialAction = [{ '@type': 'LikeAction' }];
  const citation = Array.from({ length: 20 }, (_, index) => claim(index + 1));
  const parts = splitReply(reply({ text, entities: [{ ...root, citation, potentialAction }], channelData: { feedbackLoop: { type: 'default' } }, suggestedActions: { to: [], actions: [{ type: 'imBack', title: 'a', value: 'a' }] } }), LIMIT);

  test('is labelled in each part', () => {
    expectTaken(parts);
    expect(parts.length).toBeGreaterThan(2);
    for (const { entities } of parts) expect(entities).toMatchObject([{ additionalType: ['AIGeneratedContent'] }]);
  });

  test('cites in each part what that part cites, and all of it once', () => {
    const positions = parts.flatMap(({ entities = [] }) => listOf(entities[0]?.['citation']).map(({ position }) => position));
    expect(positions).toEqual(citation.map((_, index) => index + 1));
  });

  test('asks for feedback, and suggests what to do, below the last part only', () => {
    expect(parts.map(({ suggestedActions }) => suggestedActions !== undefined)).toEqual(parts.map((_, index) => index === parts.length - 1));
    expect(parts.map(({ channelData }) => 'feedbackLoop' in (channelData as object))).toEqual(parts.map((_, index) => index === parts.length - 1));
    expect(parts.map(({ entities = [] }) => entities[0]?.['potentialAction'] !== undefined)).toEqual(parts.map((_, index) => index === parts.length - 1));
  });

  test('is split the same way each time', () => {
    const activity = reply({ text, entities: [{ ...root, citation }] });
    expect(splitReply(activity, LIMIT)).toEqual(splitReply(structuredClone(activity), LIMIT));
  });
});

test('the first part ends the stream; every part has an outbox id of its own', () => {
  const stream = { streamType: 'final', streamId: '17' };
  const parts = splitReply(reply({ text: 'words '.repeat(30_000), channelData: { ...stream, outboxId: 'm:0' }, entities: [{ type: 'streaminfo', ...stream }] }), LIMIT);
  expect(parts.map(({ entities }) => entities?.length)).toEqual(parts.map((_, index) => (index === 0 ? 1 : 0)));
  expect(parts.map(({ channelData }) => channelData as unknown)).toEqual(parts.map((_, index) => (index === 0 ? { ...stream, outboxId: 'm:0' } : { outboxId: `m:0+${index}` })));
});

describe('cards', () => {
  const card = (body: readonly unknown[], more: object = {}): Attachment => ({ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.5', body, ...more } });
  const block = (text: string): object => ({ type: 'TextBlock', text, wrap: true });
  const blocks = (count: number): object[] => Array.from({ length: count }, (_, index) => block(`Block ${index} ${'x'.repeat(200)}`));
  interface CardContent { readonly body: readonly Record<string, unknown>[]; readonly actions?: readonly unknown[] }
  const cardsOf = (parts: readonly Partial<Activity>[]): CardContent[] => parts.flatMap(({ attachments = [] }) => attachments.map(({ content }) => content as CardContent));

  test('are spread over messages in their order, behind the text, and share its last message where they fit', () => {
    const attachments = Array.from({ length: 6 }, (_, index) => card([block(`Card ${index}`), ...blocks(50)]));
    const parts = splitReply(reply({ text: 'Here they are', attachments, summary: 'Six cards' }), LIMIT);
    expectTaken(parts);
    expect(cardsOf(parts)).toEqual(attachments.map(({ content }) => content as unknown));
    expect(parts[0]).toMatchObject({ text: 'Here they are', summary: 'Six cards' });
    expect(parts.slice(1).every(({ text, summary }) => text === undefined && summary === undefined)).toBe(true);
  });

  test('that are too large become several, cut between their elements, with the buttons below the last', () => {
    const body = blocks(600);
    const actions = [{ type: 'Action.Submit', title: 'Yes', data: {} }];
    const parts = splitReply(reply({ attachments: [card(body, { actions })] }), LIMIT);
    expectTaken(parts);
    expect(cardsOf(parts).flatMap((content) => content.body)).toEqual(body);
    expect(cardsOf(parts).map((content) => content.actions)).toEqual([...Array.from({ length: parts.length - 1 }, () => undefined), actions]);
  });

  test('with one container keep what is in it, in containers', () => {
    const items = blocks(600);
    const parts = splitReply(reply({ attachments: [card([{ type: 'Container', id: 'all', style: 'emphasis', items }])] }), LIMIT);
    expectTaken(parts);
    const containers = cardsOf(parts).flatMap((content) => content.body);
    expect(containers.flatMap((container) => container['items'])).toEqual(items);
    expect(containers.map(({ style, id }) => [style, id])).toEqual(containers.map((_, index) => ['emphasis', index === 0 ? 'all' : undefined]));
  });

  test.each([
    ['a text block', (text: string) => block(text)],
    ['rich text', (text: string) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, italic: true }] })],
    ['columns', (text: string) => ({ type: 'ColumnSet', columns: [{ type: 'Column', items: [block(text)] }] })],
    ['a table', (text: string) => ({ type: 'Table', rows: [{ type: 'TableRow', cells: [{ type: 'TableCell', items: [block(text)] }] }] })],
  ])('say all words of %s that is too large by itself', (_what, element) => {
    const text = Array.from({ length: 15_000 }, (_, index) => `word${index}`).join(' ');
    const parts = splitReply(reply({ attachments: [card([block('Before'), element(text), block('After')])] }), LIMIT);
    expectTaken(parts);
    const words: string[] = [];
    JSON.stringify(cardsOf(parts), (name, value: unknown) => {
      if (name === 'text' && typeof value === 'string') words.push(value);
      return value;
    });
    expect(words.join(' ')).toBe(`Before ${text} After`);
  });

  test('that cannot be cut go alone, and everything else still fits', () => {
    const picture = { contentType: 'image/png', contentUrl: `data:image/png;base64,${'A'.repeat(60_000)}` };
    const parts = splitReply(reply({ text: 'words '.repeat(20_000), attachments: [picture] }), LIMIT);
    expectTaken(parts.slice(0, -1));
    expect(parts.at(-1)?.attachments).toEqual([picture]);
  });

  test('have a summary that is cut where it would fill the message', () => {
    const summary = 'all of it '.repeat(3_000);
    const parts = splitReply(reply({ attachments: [card(blocks(400))], summary }), LIMIT);
    expectTaken(parts);
    expect(parts[0]?.summary).toHaveLength(1_000);
  });
});
