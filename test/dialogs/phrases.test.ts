import { wordsFor } from '../../cards/words';
import { listedSkills } from '../../dialogs/skills';
import { read, scriptedEngine, startConversation, type TestConversation } from '../helpers/conversation';

let user: TestConversation;
afterEach(() => user.close());

const locales = ['en-US', 'de-DE', 'fr-FR', 'es-ES'];
const translating = () => scriptedEngine({ translate: async (text, to) => ({ text: `${to}: ${text}`, from: 'en', to }) }).engine;

describe.each(locales)('in %s', (locale) => {
  const words = wordsFor(locale);
  const speak = async (): Promise<TestConversation> => (user = await startConversation({ engine: translating(), locale }));

  test.each(listedSkills.map(({ id }) => id))('the title of "%s" begins it', async (id) => {
    const firstWords = {
      ask: words.ask.what, summarize: words.summarize.what, translate: words.translate.what,
      code: words.code.needsModel, sentiment: words.sentiment.needsModel, image: words.image.needsModel, speak: words.speak.needsModel, settings: words.settingsCard.title,
      why: words.whyCard.none, about: words.aboutCard.title, myData: words.myData.title, forget: words.forgetCard.title,
    }[id] ?? '';
    const title = listedSkills.find((skill) => skill.id === id)?.help?.(words).title ?? '';
    expect(firstWords).not.toBe('');
    expect(read(await (await speak()).say(title))).toContain(firstWords);
  });

  test('the prompts of the help lead somewhere', async () => {
    await speak();
    expect(read(await user.say(words.prompts.summarize))).toContain(words.summarize.what);
    expect(read(await user.say(words.prompts.conversation))).toContain(words.summarize.emptyConversation);
    expect(read(await user.say(words.prompts.translate))).toMatch(/(?:de|en): /);
  });

  test('"this conversation" answers what to summarize', async () => {
    await speak();
    await user.say(words.prompts.summarize);
    expect(read(await user.say(words.summarize.thisConversation))).toContain(words.summarize.emptyConversation);
  });

  test('the words for cancel and help are known', async () => {
    await speak();
    await user.say(words.skills.translate.title);
    expect(read(await user.say(words.skills.help.title))).toContain(words.help.title);
    expect(read(await user.say(words.dialog.cancel))).toContain(words.dialog.cancelled(words.skills.translate.title));
  });

  test('every sentence that tells what to say tells the truth', async () => {
    await speak();
    expect(read(await user.say(quotedIn(words.dialog.startedOver)[0] ?? ''))).toContain(words.forgetCard.title);
    expect(read(await user.say(quotedIn(words.forget.confirm)[1] ?? ''))).toContain(words.forget.kept);
    await user.say(words.skills.translate.title);
    expect(read(await user.say(quotedIn(words.dialog.wayOut)[0] ?? ''))).toContain(words.dialog.cancelled(words.skills.translate.title));
    expect(read(await user.say(quotedIn(words.dialog.nothingToCancel)[0] ?? ''))).toContain(words.help.title);
    expect(read(await user.say(quotedIn(words.help.more)[0] ?? ''))).toContain(words.help.title);
  });

  test('every setting that the hints name is saved', async () => {
    const hints = [...quotedIn(words.settings.unknown), ...quotedIn(words.settingsCard.change)];
    expect(hints).toHaveLength(5);
    await speak();
    for (const hint of hints) expect([hint, read(await user.say(hint)).includes(words.settings.saved('').trim())]).toEqual([hint, true]);
  });

  test.each(['yes', 'yes please', 'yes!'])('"%s" in its own words forgets', async (answer) => {
    const courtesy = { en: 'please', de: 'bitte', fr: 's’il vous plaît', es: 'por favor' }[locale.slice(0, 2)] ?? '';
    await speak();
    await user.say(words.skills.forget.title);
    expect(read(await user.say(answer.replace('yes', words.forget.yes).replace('please', courtesy)))).toContain(words.forget.done);
  });
});

/** What stands in quotation marks in a sentence of ours. */
function quotedIn(sentence: string): readonly string[] {
  return [...sentence.matchAll(/[“„«]\s?(?<inside>[^”“„«»]+?)\s?[”“»]/gu)].map(({ groups }) => groups?.inside ?? '');
}

test.each([
  ['en-US', 'settings language Spanish', 'Guardado'], ['en-US', 'speak German', 'Gespeichert'], ['en-US', 'answer in French please', 'Enregistré'],
  ['de-DE', 'Einstellungen Sprache Englisch', 'Saved'], ['de-DE', 'sprich Französisch', 'Enregistré'], ['fr-FR', 'réglages langue allemand', 'Gespeichert'],
  ['fr-FR', 'parle anglais', 'Saved'], ['es-ES', 'ajustes idioma inglés', 'Saved'], ['es-ES', 'responde en francés', 'Enregistré'],
])('in %s "%s" changes the language', async (locale, text, saved) => {
  user = await startConversation({ engine: translating(), locale });
  expect(read(await user.say(text))).toContain(saved);
});

test.each([
  ['en-US', 'settings detailed summaries', 'Detailed'], ['de-DE', 'Einstellungen ausführliche Zusammenfassungen', 'Ausführlich'],
  ['fr-FR', 'réglages résumés détaillés', 'Détaillée'], ['es-ES', 'ajustes resúmenes detallados', 'Detallada'], ['en-US', 'settings standard summaries', 'Standard'],
])('in %s "%s" changes the length of summaries', async (locale, text, saved) => {
  user = await startConversation({ engine: translating(), locale });
  expect(read(await user.say(text))).toContain(`: ${saved}.`);
});

test.each([
  ['Kannst du das auf Englisch übersetzen', 'nothing'], ['„Guten Morgen“ ins Englische übersetzen', 'en: Guten Morgen'],
  ['bitte Gute Nacht auf Französisch übersetzen', 'fr: Gute Nacht'],
])('German may put the verb last: "%s"', async (text, expected) => {
  user = await startConversation({ engine: translating(), locale: 'de-DE' });
  expect(read(await user.say(text))).toContain(expected === 'nothing' ? wordsFor('de').translate.nothingBefore : expected);
});
