import { buttonsOf, choicesOf, read, scriptedEngine, startConversation, type TestConversation } from '../helpers/conversation';

let user: TestConversation;
afterEach(() => user.close());

const engine = () => scriptedEngine({
  translate: async (text, to) => ({ text: `${to}: ${text}`, from: 'en', to }),
  converse: async () => ({ kind: 'answer', origin: 'ai', text: 'Roses.', sources: [], followUps: [] }),
}).engine;

/** How each question is reached, and how it reads. */
const questions: readonly (readonly [string, readonly string[], string])[] = [
  ['what to summarize', ['summarize'], 'What should I summarize?'],
  ['what to translate', ['translate'], 'Which text should I translate?'],
  ['the language', ['translate good morning'], 'To which language?'],
  ['a known language', ['translate good morning to Klingon'], 'I do not know the language “Klingon”'],
  ['what to answer', ['ask'], 'What would you like to know?'],
  ['whether to forget', ['forget me'], 'Answer “yes” or “no”'],
];

describe.each(questions)('while %s is asked', (_name, messages, question) => {
  beforeEach(async () => {
    user = await startConversation({ engine: engine() });
    for (const message of messages) await user.say(message);
    expect(read(user.shown())).toContain(question);
  });

  test.each(['help', 'settings', 'about'])('"%s" is answered, and the question asked again', async (command) => {
    const shown = await user.say(command);
    expect(shown).toHaveLength(2);
    expect(read(shown.slice(0, 1))).not.toContain(question);
    expect(read(shown.slice(1))).toContain(question);
  });

  test.each(['cancel', 'never mind', 'no thanks'])('"%s" ends it', async (command) => {
    expect(read(await user.say(command))).toContain('Stopped:');
    expect(read(await user.say('cancel'))).toContain('There is nothing to stop');
  });

  test('"start over" ends it', async () => {
    expect(read(await user.say('start over'))).toContain('Let us start over');
    expect(read(await user.say('cancel'))).toContain('There is nothing to stop');
  });

  test('an empty message gets an answer that says what is needed', async () => {
    expect(read(await user.say(''))).not.toBe('');
    expect(read(await user.say('cancel'))).toContain('Stopped:');
  });

  test('a button of an old card is obeyed', async () => {
    expect(read(await user.submit('settings', { save: true, summaryLength: 'short' }))).toContain('Length of summaries: Short');
  });

  test('a button that nobody knows any more changes nothing', async () => {
    expect(read(await user.submit('launch-rocket'))).toContain('does nothing any more');
    expect(read(await user.say('cancel'))).toContain('Stopped:');
  });
});

test.each([['summarize', 'What should I summarize?'], ['translate good morning', 'To which language?'], ['forget me', 'Answer “yes” or “no”']])(
  'a question of the person’s own after "%s" is answered first',
  async (request, question) => {
    user = await startConversation({ engine: engine() });
    await user.say(request);
    const shown = await user.say('Which flowers do you like best?');
    expect(shown[0]?.text).toBe('Roses.');
    expect(read(shown.slice(1))).toContain(question);
  },
);

test.each(['actually, translate good night to French', 'no, translate good night to French', 'translate good night to French please'])(
  'a changed mind is understood: "%s"',
  async (request) => {
    user = await startConversation({ engine: engine() });
    await user.say('summarize');
    expect(read(await user.say(request))).toContain('fr: good night');
  },
);

test('what a model hands over to in the middle of a question is not lost', async () => {
  const { engine: model } = scriptedEngine({
    converse: async () => ({ kind: 'skill', skill: 'translate', arguments: { text: 'hello', language: 'de' } }),
    translate: async (text, to) => ({ text: `${to}: ${text}`, from: 'en', to }),
  });
  user = await startConversation({ engine: model });
  await user.say('summarize');
  const shown = await user.say('Could you put hello into German for me?');
  expect(read(shown)).toContain('de: hello');
  expect(read(shown)).toContain('What should I summarize?');
});

test('a language with a slip is offered first', async () => {
  user = await startConversation({ engine: engine() });
  await user.say('translate good morning');
  const shown = await user.say('Protuguese');
  expect(read(shown)).toContain('I do not know the language “Protuguese”');
  expect(choicesOf(shown)[0]).toBe('Portuguese');
});

test('a file in the middle of another question is taken, and the question asked again', async () => {
  user = await startConversation({ engine: engine() });
  await user.say('forget me');
  const shown = await user.drop({ name: 'notes.txt', contentType: 'text/plain', content: 'The garden opens in May. Water the roses every day in summer.' });
  expect(shown.flatMap(buttonsOf).map(({ title }) => title)).toEqual(expect.arrayContaining(['Summarize it', 'Delete everything']));
});
