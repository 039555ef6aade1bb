import { read, scriptedEngine, startConversation, type TestConversation } from '../helpers/conversation';

let user: TestConversation;
afterEach(() => user.close());

const translating = () => scriptedEngine({ translate: async (text, to) => ({ text: `${to}: ${text}`, from: 'en', to }) });

test('asks for text and language, answers help in between, and then translates', async () => {
  user = await startConversation({ engine: translating().engine });
  expect(read(await user.say('translate'))).toContain('Which text');
  expect(read(await user.say('good morning'))).toContain('To which language?');
  const helped = read(await user.say('help'));
  expect(helped).toContain('What Parley can do');
  expect(helped).toContain('To which language?');
  expect(read(await user.say('Klingon'))).toContain('I do not know the language “Klingon”');
  expect(read(await user.say('Elvish'))).toContain('say “cancel” to stop');
  expect(read(await user.say('allemand'))).toContain('de: good morning');
});

test('says what was cancelled', async () => {
  user = await startConversation({ engine: translating().engine });
  await user.say('translate');
  expect(read(await user.say('cancel'))).toContain('Stopped: Translate');
});

test('keeps a text of 90,000 characters out of the document while it asks for the language', async () => {
  user = await startConversation({ engine: translating().engine });
  await user.say('translate');
  await user.say('rose '.repeat(18_000));
  expect((await user.document()).length).toBeLessThan(10_000);
  expect(read(await user.say('German'))).toContain('de: rose');
});

test('says that translating needs a model', async () => {
  user = await startConversation();
  expect(read(await user.say('translate good morning to German'))).toContain('Translating needs an AI model');
});

test('asks before it forgets, and keeps everything on "no"', async () => {
  user = await startConversation();
  expect(read(await user.say('forget me'))).toContain('Forget me?');
  expect(read(await user.say('perhaps'))).toContain('Please answer');
  expect(read(await user.say('no'))).toContain('Nothing was deleted');
  await user.say('forget me');
  expect(read(await user.press('Delete everything'))).toContain('Done');
});

test('saves settings by text and by form', async () => {
  user = await startConversation({ engine: translating().engine });
  expect(read(await user.say('settings translate to French'))).toContain('Translate to: French');
  expect(read(await user.say('translate good morning'))).toContain('fr: good morning');
  expect(read(await user.submit('settings', { save: true }, { language: 'automatic', translateTo: 'automatic', summaryLength: 'short' }))).toContain('Short');
  expect(read(await user.say('settings language Klingon'))).toContain('I do not speak');
});
