import { wordsFor } from '../../cards/words';
import { buttonsOf, read, startConversation, type TestConversation } from '../helpers/conversation';

let user: TestConversation;
afterEach(() => user.close());

const words = wordsFor('en');
const chat = 'Ada: We decided to ship the new design on Friday because the tests are green.\nBen: I will write the release notes by Thursday and send them to everyone.\nCleo: Who is going to test the new design on the old phones?';

describe('small talk', () => {
  test.each([
    ['thanks', words.smallTalk.thanks], ['Thank you so much!', words.smallTalk.thanks], ['ok thanks for the summary', words.smallTalk.thanks],
    ['Hello there!', words.smallTalk.hello], ['good morning Parley', words.smallTalk.hello], ['How are you?', words.smallTalk.howAreYou],
    ['bye', words.smallTalk.bye], ['See you later', words.smallTalk.bye], ['ok', words.smallTalk.fine], ['👍', words.smallTalk.fine], ['Great 🎉', words.smallTalk.fine],
  ])('"%s" gets a short sentence', async (text, answer) => {
    user = await startConversation();
    expect((await user.say(text)).map((shown) => shown.text)).toEqual([answer]);
  });

  test.each([
    ['de-DE', 'Danke schön!'], ['de-DE', 'Vielen Dank'], ['fr-FR', 'Merci beaucoup'], ['es-ES', '¡Muchas gracias!'], ['en-GB', 'cheers'],
  ])('in %s "%s" is thanks', async (locale, text) => {
    user = await startConversation({ locale });
    expect((await user.say(text)).map((shown) => shown.text)).toEqual([wordsFor(locale).smallTalk.thanks]);
  });

  test('a question that begins like small talk is a question', async () => {
    user = await startConversation();
    await user.say(chat);
    expect(read(await user.say('Good morning, who writes the release notes?'))).toContain('I will write the release notes');
  });
});

describe('parts of a summary', () => {
  const decision = 'We decided to ship';
  const action = 'I will write the release notes';
  const question = 'Who is going to test';

  test.each([
    ['What was decided?', decision], ['decisions', decision], ['list the decisions please', decision], ['what did we decide?', decision],
    ['Was wurde entschieden?', decision], ['Quelles sont les décisions ?', decision], ['¿Qué se decidió?', decision], ['What was decided in this meeting?', decision],
    ['action items', action], ['Who has to do what?', action], ['who does what', action], ['next steps', action], ['Wer macht was?', action], ['Aufgaben', action],
    ['Qui fait quoi ?', action], ['tareas', action], ['to-dos', action],
    ['open questions', question], ['Offene Fragen', question], ['questions ouvertes', question], ['preguntas abiertas', question],
  ])('"%s" gives that part alone, with links', async (text, expected) => {
    user = await startConversation();
    await user.say(chat);
    const shown = read(await user.say(text));
    expect([decision, action, question].filter((part) => shown.includes(part))).toEqual([expected]);
    expect(shown).toMatch(/https:\/\/parley\.example\/threads\/[\w-]+#/);
  });

  test('a part that has nothing says so, with a next step', async () => {
    user = await startConversation();
    await user.drop({ name: 'notes.txt', contentType: 'text/plain', content: 'The garden opens in May. The roses are watered every day in summer.' });
    expect(read(await user.say('What was decided?'))).toContain('No decision stood out in “notes.txt”. Ask about a topic instead');
  });

  test('a question about one thing that was decided is looked up', async () => {
    user = await startConversation();
    await user.say(chat);
    expect(read(await user.say('What was decided about the new design?'))).toContain('“Ada: We decided to ship the new design');
  });

  test('without any text it says what is needed', async () => {
    user = await startConversation();
    expect(read(await user.say('What was decided?'))).toContain(words.ask.noDocumentOffline);
  });

  test.each([['shorter', 'Read 3 of 3'], ['make it shorter', 'Read 3 of 3'], ['more details', 'Read 3 of 3'], ['key points', 'Read 3 of 3']])('"%s" summarizes again', async (text, receipt) => {
    user = await startConversation();
    await user.say(`summarize:\n${chat}`);
    expect(read(await user.say(text))).toContain(receipt);
  });
});

describe('pasted texts', () => {
  test('a chat of three lines is kept, not searched for', async () => {
    user = await startConversation();
    const shown = await user.say(chat);
    expect(shown.flatMap(buttonsOf).map(({ title }) => title)).toEqual(['Summarize it', 'Ask about it']);
    expect(read(shown)).toContain('I have “Chat of Ada, Ben, Cleo”');
    expect(read(await user.press('Summarize it'))).toContain('Read 3 of 3 messages');
  });

  test.each(['Is it raining?\nAnd is it cold?\nAnd dark?', 'Note: one thing'])('a few lines that are no chat are a question: %j', async (text) => {
    user = await startConversation();
    expect(read(await user.say(text))).toContain(words.ask.noDocumentOffline);
  });

  test('a text that is too short is named, and a longer one may follow', async () => {
    user = await startConversation();
    expect(read(await user.say('summarize: see you soon'))).toContain('too short to summarize: “see you soon”');
    expect(read(await user.say(chat))).toContain('Read 3 of 3 messages');
  });

  test('a text that was too short is not looked into later', async () => {
    user = await startConversation();
    await user.say('summarize: see you soon');
    await user.say('cancel');
    expect(read(await user.say('What about the soon to come garden?'))).toContain(words.ask.noDocumentOffline);
  });
});

describe('slips and other words', () => {
  test.each([
    ['sumarize', words.summarize.what], ['sumarise', words.summarize.what], ['setings', words.settingsCard.change], ['transalte good day to German', words.translate.needsModel],
    ['zusamenfassen', words.summarize.what], ['Please summarize', words.summarize.what], ['settings, please', words.settingsCard.change],
    ['help me', words.help.title], ['What can you do for me?', words.help.title], ['What do you keep about me?', words.aboutCard.title],
  ])('"%s" is understood', async (text, expected) => {
    user = await startConversation();
    expect(read(await user.say(text))).toContain(expected);
  });

  test.each(['Summer is the best time of the year', 'translated texts are hard to read', 'Setting up a tent takes time'])('"%s" is no slip', async (text) => {
    user = await startConversation();
    expect(read(await user.say(text))).toContain(words.ask.noDocumentOffline);
  });

  test('"give me a summary" that leaves open of what is asked back', async () => {
    user = await startConversation();
    await user.say(chat);
    expect(read(await user.say('Give me a summary'))).toContain(words.summarize.what);
  });

  test.each(['can you summarise this for me?', 'Summarise the chat above', 'summarize it in 3 bullet points', 'what is this about?'])('"%s" asks for a summary', async (text) => {
    user = await startConversation();
    await user.say(chat);
    const shown = read(await user.say(text));
    expect(shown).toContain('Key sentences, quoted');
    expect(shown).toContain('We decided to ship');
  });
});
