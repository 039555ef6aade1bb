import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConverseResult, SummarizeOptions } from '../../../ai/engine';
import { createOfflineEngine } from '../../../ai/offline/engine';
import type { Summary } from '../../../ai/summary/summary';
import { parseThread } from '../../../threads/parse';
import { parsePastedText } from '../../../threads/pastedText';
import type { Thread } from '../../../threads/thread';
import { itemsOf, sectionsOf } from '../../helpers/summaries';

const engine = createOfflineEngine();
const { signal } = new AbortController();

const ami = (name: string): Promise<Thread> =>
  parseThread({ name, contentType: '', bytes: readFileSync(join(__dirname, '../../fixtures', name)) });
const summarize = (thread: Thread, options: Partial<SummarizeOptions> = {}): Promise<Summary> =>
  engine.summarize(thread, { language: 'en', length: 'standard', ...options }, signal);
const ask = (text: string, ...threads: Thread[]): Promise<ConverseResult> =>
  engine.converse({ text, history: [], threads, language: 'en', skills: [] }, signal);

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}_']+/gu) ?? [];
const countWords = (items: readonly { readonly text: string }[]): number => items.flatMap(({ text }) => text.split(/\s+/)).length;
const withText = (text: string) => expect.objectContaining({ text: expect.stringContaining(text) });

describe('a real meeting', () => {
  const files = ['ami-ES2016c.vtt', 'ami-ES2016c.json', 'ami-ES2005a.vtt', 'ami-ES2005a.json'];

  test.each(files.flatMap((file) => (['short', 'standard', 'detailed'] as const).map((length) => [file, length] as const)))(
    '%s, %s: every item quotes its message, once',
    async (file, length) => {
      const thread = await ami(file);
      const items = itemsOf(await summarize(thread, { length }));
      expect(items.length).toBeGreaterThanOrEqual(3);
      for (const { text, messageId } of items) {
        const start = thread.messages.findIndex(({ id }) => id === messageId);
        const speaker = thread.messages[start]?.author.id;
        // Speech that goes on in the speaker's next turn is quoted whole.
        const spoken = thread.messages.slice(start, start + 8).filter(({ author }) => author.id === speaker).slice(0, 4).map((each) => each.text).join(' ');
        expect(wordsOf(spoken)).toEqual(expect.arrayContaining([...wordsOf(text)]));
        expect(wordsOf(thread.messages[start]!.text)).toContain(wordsOf(text)[0]);
      }
      expect(new Set(items.map(({ text }) => text)).size).toBe(items.length);
    },
  );

  test.each(files)('%s: what a claim stands on is in its messages to the letter', async (file) => {
    const thread = await ami(file);
    const { claims } = await summarize(thread, { length: 'detailed' });
    const textOf = (messageId: string) => thread.messages.find(({ id }) => id === messageId)?.text;
    expect(claims.length).toBeGreaterThan(0);
    for (const { text, evidence } of claims) {
      for (const { messageId, quote } of evidence) expect(textOf(messageId)).toContain(quote);
      // Cleaning leaves words out and adds none.
      expect(wordsOf(evidence.map(({ quote }) => quote).join(' '))).toEqual(expect.arrayContaining([...wordsOf(text)]));
    }
  });

  test('no item is a filler, a reaction or a broken start', async () => {
    for (const { text } of itemsOf(await summarize(await ami('ami-ES2016c.vtt'), { length: 'detailed' }))) {
      expect(text.split(' ').length).toBeGreaterThan(3);
      expect(text).not.toMatch(/\b(?:um|uh|mm-hmm)\b/i);
      expect(text).not.toMatch(/\b(\w+) \1\b/i);
    }
  });

  test('decisions and tasks of the meeting are found', async () => {
    const summary = sectionsOf(await summarize(await ami('ami-ES2016c.vtt')));
    expect(summary.decisions).toEqual(expect.arrayContaining([withText('company colours, company logo'), withText("we've decided batteries")]));
    expect(summary.actionItems).toEqual(expect.arrayContaining([
      { text: "Ryan you'll be working on the user interface design.", messageId: 'm226', owner: 'Ryan' },
      withText("Manuel you'll be working on the look-and-feel design"),
      withText('another meeting in thirty minutes'),
    ]));
  });

  test('it is a quote, in English, with every message counted', async () => {
    const summary = await summarize(await ami('ami-ES2016c.vtt'));
    expect(summary).toMatchObject({ origin: 'quotes', language: 'en', tldr: [], coverage: { messages: 231, read: 231, omitted: [], quotedOnly: 0 } });
  });

  test.each([5, 30, 100, 400, 1_500])('key sentences use a limit of %d words, in the order of the meeting, and claims no more', async (maxWords) => {
    const thread = await ami('ami-ES2016c.vtt');
    const { keySentences, claims } = await summarize(thread, { length: 'detailed', maxWords });
    const places = keySentences.map(({ messageId }) => thread.messages.findIndex(({ id }) => id === messageId));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(countWords(keySentences)).toBeLessThanOrEqual(maxWords);
    expect(countWords(keySentences)).toBeGreaterThanOrEqual(Math.min(0.9 * maxWords, maxWords - 6));
    expect(countWords(claims)).toBeLessThanOrEqual(maxWords);
  });

  test('longer summaries say more', async () => {
    const thread = await ami('ami-ES2016c.vtt');
    const [short, standard, detailed] = await Promise.all((['short', 'standard', 'detailed'] as const).map(async (length) => itemsOf(await summarize(thread, { length })).length));
    expect(short!).toBeLessThan(standard!);
    expect(standard!).toBeLessThan(detailed!);
  });
});

describe('a written chat', () => {
  const chat = parsePastedText(`Adele Vance  11/13/2026 10:03 AM
Hi all, the release date for 2.4 moved. Marketing wants it before the trade fair on 3 December.
Bob Hill  11/13/2026 10:05 AM
That is tight. The payment page still fails on Safari, I'll fix it by Wednesday.
Chen Li  11/13/2026 10:10 AM
Adele, can you ask the agency for a quote until EOD?
Adele Vance  11/13/2026 10:12 AM
Sure, will do.
Bob Hill  11/13/2026 10:22 AM
We agreed to drop the old export in 2.4. I'll tell support on Friday.
Chen Li  11/13/2026 10:30 AM
Is the staging server big enough for the load test?
Bob Hill  11/13/2026 10:41 AM
ok thanks`);

  test('the date of a task is counted from the day its message was written', async () => {
    const { actionItems } = sectionsOf(await summarize(chat));
    expect(actionItems).toEqual([
      { text: "The payment page still fails on Safari, I'll fix it by Wednesday.", messageId: 'm2', owner: 'Bob Hill', due: '2026-11-18' },
      { text: 'Adele, can you ask the agency for a quote until EOD?', messageId: 'm3', owner: 'Adele Vance', due: '2026-11-13' },
      { text: "I'll tell support on Friday.", messageId: 'm5', owner: 'Bob Hill', due: '2026-11-20' },
    ]);
  });

  test('what was decided is told from what was asked', async () => {
    const { decisions } = sectionsOf(await summarize(chat));
    expect(decisions).toEqual([{ text: 'We agreed to drop the old export in 2.4.', messageId: 'm5' }]);
  });

  test('a question that nobody answered is open', async () => {
    expect(sectionsOf(await summarize(chat)).openQuestions).toEqual([{ text: 'Is the staging server big enough for the load test?', messageId: 'm6' }]);
  });

  test('greetings are not key points', async () => {
    const { keyPoints } = sectionsOf(await summarize(chat));
    expect(keyPoints[0]).toEqual({ text: 'The release date for 2.4 moved.', messageId: 'm1' });
    expect(keyPoints).not.toContainEqual(withText('thanks'));
  });
});

describe('other threads', () => {
  test('German is read with German rules and words', async () => {
    const summary = await summarize(parsePastedText(`Anna: Guten Morgen zusammen, wir müssen über den Umzug ins neue Büro sprechen.
Bernd: Der Mietvertrag endet am 31. März, bis dahin muss alles draußen sein.
Anna: Wir haben beschlossen, die Möbel neu zu kaufen und die alten zu spenden.
Bernd: Ich schicke euch morgen die Angebote der Umzugsfirmen.
Clara: Wer kümmert sich eigentlich um die Telefonanlage?
Anna: Gute Frage, das weiß ich noch nicht.`));
    expect({ ...summary, ...sectionsOf(summary) }).toMatchObject({ language: 'de', decisions: [{ messageId: 'm3' }], actionItems: [{ messageId: 'm4', owner: 'Bernd' }], openQuestions: [{ text: 'Wer kümmert sich eigentlich um die Telefonanlage?' }] });
    expect(sectionsOf(summary).keyPoints).toContainEqual(withText('Der Mietvertrag endet am 31. März'));
  });

  test.each([
    ['French', 'fr', 'Luc: On a décidé de reporter le lancement du produit au mois de mars.\nMarie: Je vais envoyer le nouveau planning à toute l’équipe avant la réunion.\nLuc: Le budget de communication reste le même que celui de cette année.'],
    ['Spanish', 'es', 'Luis: Hemos decidido aplazar el lanzamiento del producto hasta el mes de marzo.\nMaría: Voy a enviar el nuevo calendario a todo el equipo antes de la reunión.\nLuis: El presupuesto de comunicación sigue siendo el mismo que este año.'],
  ])('%s decisions and tasks are found', async (_name, language, text) => {
    const summary = await summarize(parsePastedText(text));
    expect({ ...summary, ...sectionsOf(summary) }).toMatchObject({ language, decisions: [{ messageId: 'm1' }], actionItems: [{ messageId: 'm2' }], keyPoints: [{ messageId: 'm3' }] });
  });

  test('a language without rules still gives key sentences', async () => {
    const summary = await summarize(parsePastedText('新しいオフィスへの引っ越しは三月に行われます。予算は五百万円です。\n\n電話の設備についてはまだ決まっていません。来週の会議で話し合います。'));
    expect(summary).toMatchObject({ origin: 'quotes', language: 'ja' });
    expect(summary.keySentences.length).toBeGreaterThan(0);
  });

  test('one short message is quoted', async () => {
    expect(await summarize(parsePastedText('Lunch at noon'))).toMatchObject({ keySentences: [{ text: 'Lunch at noon', messageId: 'm1' }], coverage: { messages: 1, read: 1 } });
  });

  // Cut word by word from the end these would take minutes: the test would run out of time.
  test.each([
    ['words', 'word '.repeat(100_000)],
    ['broken sentences', 'a. '.repeat(100_000)],
    ['characters without a space', '会议决定下周发布产品'.repeat(20_000)],
  ])('one endless sentence of %s is cut to what there is room for', async (_what, text) => {
    const [only] = itemsOf(await summarize(parsePastedText(text), { maxWords: 30 }));
    expect(only?.text).toMatch(/ …$/);
    expect(only?.text.length).toBeLessThan(200);
  });

  test('messages without text are counted as left out', async () => {
    const { messages, ...thread } = parsePastedText('Ana: We moved the launch to March.\nBob: That gives us a month more.');
    const summary = await summarize({ ...thread, messages: [...messages, { id: 'x', author: { id: 'bob', name: 'Bob' }, text: ' ' }] });
    expect(summary).toMatchObject({ coverage: { messages: 3, read: 2, omitted: [{ reason: 'empty', count: 1 }] } });
  });

  test('instructions of a manual are no tasks', async () => {
    const { actionItems } = sectionsOf(await summarize(parsePastedText('# Manual\n\nPlease open the cover and remove the battery.\n\nYou should check the fuse before you call the service.')));
    expect(actionItems).toEqual([]);
  });
});

describe('questions', () => {
  test.each([
    ['What did they decide about the energy source?', "we've decided batteries"],
    ['Who designs the user interface?', "Ryan you'll be working on the user interface design"],
    ['When is the next meeting?', 'another meeting in thirty minutes'],
    ['Are solar cells possible on a curved surface?', 'Solar cells cannot be used on a curved or latex surface'],
    ['Which colours should be used?', 'company colours'],
  ])('%s', async (question, quote) => {
    const thread = await ami('ami-ES2016c.vtt');
    const result = await ask(question, thread);
    expect(result).toMatchObject({ kind: 'answer', origin: 'quotes', text: expect.stringContaining(quote), sources: [{ threadId: thread.id, title: 'ami-ES2016c.vtt', quote: expect.any(String) }, ...(result.kind === 'answer' ? result.sources.slice(1) : [])] });
    if (result.kind !== 'answer') return;
    for (const { message, quote: quoted } of result.sources) {
      expect(thread.messages).toContainEqual(message);
      expect(result.text).toContain(`${message.author.name}: “${quoted}”`);
    }
  });

  test('whose words are asked for is kept', async () => {
    const result = await ask('What did Marketing say about fruit and vegetables?', await ami('ami-ES2016c.vtt'));
    expect(result.kind === 'answer' && result.sources.map(({ message }) => message.author.name)).toEqual(['Marketing', 'Marketing']);
  });

  test.each(['hello', 'Hi there!', 'thanks!', 'how are you?', '👍', '', 'What is the capital of France?', 'tell me a joke', 'who won the world cup?', 'write me a poem about the sea', 'what can you do?', 'summarize this file', 'what is the weather like in Paris'])(
    '“%s” finds nothing',
    async (question) => {
      expect(await ask(question, await ami('ami-ES2016c.vtt'))).toEqual({ kind: 'nothing-found' });
    },
  );

  test('without a text nothing is found', async () => {
    expect(await ask('What was decided?')).toEqual({ kind: 'nothing-found' });
  });

  test('the thread that fits is quoted, whichever is newer', async () => {
    const move = parsePastedText('The lease ends on 31 March.\n\nThe furniture is given away.', 'move.txt');
    const food = parsePastedText('The canteen opens at noon.\n\nSoup is served daily.', 'food.txt');
    const result = await ask('When does the lease end?', food, move);
    expect(result).toMatchObject({ kind: 'answer', text: '“The lease ends on 31 March.”', sources: [{ title: 'move.txt', message: { id: 'm1' } }] });
  });

  test.each([
    ['Wer bringt den Kuchen mit?', 'Bob: “Ich bringe den Kuchen mit.”'],
    ['Wer kümmert sich um die Getränke?', 'Eva: “Ich kümmere mich um die Getränke.”'],
  ])('German words are found in another form: %s', async (question, quote) => {
    const lines = ['Ana: Der Kuchen fehlt noch.', 'Ana: Am Samstag ist das Fest.', 'Bob: Ich bringe den Kuchen mit.', 'Eva: Super, Kuchen mag ich!', 'Eva: Ich kümmere mich um die Getränke.', 'Bob: Gut, dann bis Samstag.'];
    const result = await ask(question, parsePastedText(lines.map((line, minute) => `12.11.26, 10:0${minute} - ${line}`).join('\n')));
    expect(result.kind === 'answer' && result.text.split('\n', 1)[0]).toBe(quote);
  });

  test('the whole answer is shown at once', async () => {
    const shown: string[] = [];
    const threads = [parsePastedText('The lease ends on 31 March.\n\nThe furniture is given away.')];
    const result = await engine.converse({ text: 'When does the lease end?', history: [], threads, language: 'en', skills: [] }, signal, (textSoFar) => shown.push(textSoFar()));
    expect(shown).toEqual([result.kind === 'answer' && result.text]);
  });
});

test('it has no model, and does not translate', async () => {
  expect(engine.modelName).toBeUndefined();
  expect(await engine.translate('Guten Morgen', 'en', signal)).toBeUndefined();
});

test('work that was given up is not begun', async () => {
  const given = AbortSignal.abort();
  await expect(engine.summarize(parsePastedText('Ana: hi there\nBob: hello'), { language: 'en', length: 'short' }, given)).rejects.toThrow(/abort/i);
});

test.each([
  ['Können wir das Treffen auf morgen verschieben?', 'de'],
  ['Could we please move the meeting to tomorrow morning?', 'en'],
  ['Est-ce que nous pouvons déplacer la réunion à demain ?', 'fr'],
  ['明日の会議を延期できますか', 'ja'],
  ['Schau mal bitte hier nach, das ist wichtig: https://example.com/this/is/an/english/link @Bob `const value = true`', 'de'],
  ['ok', undefined],
  ['12345 👍', undefined],
  ['https://example.com/some/page', undefined],
])('the language of “%s” is %s', async (text, language) => {
  expect(await engine.detectLanguage(text)).toBe(language);
});
