import { spokenLanguages, wordsFor } from '../../cards/words';
import type { ShownActivity } from '../helpers/channelConversation';
import { buttonsOf, read } from '../helpers/conversation';
import { say, type Script } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';

let model: FakeModelServer;
let parley: Parley;
beforeAll(async () => {
  model = await startFakeModelServer();
  parley = await startParley({ model: { server: model, as: 'azure' } });
});
afterAll(async () => {
  await parley.close();
  await model.close();
});

/** Learn, "Content filtering": what a refused prompt looks like. */
const filtered = (verdicts: object): Script => ({
  kind: 'refusal',
  status: 400,
  body: {
    error: {
      message: 'The response was filtered due to the prompt triggering the content management policy.', type: null, param: 'prompt', code: 'content_filter', status: 400,
      innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: verdicts },
    },
  },
});
const hateful = { hate: { filtered: true, severity: 'high' }, jailbreak: { filtered: false, detected: false } };
const attack = { hate: { filtered: false, severity: 'safe' }, indirect_attack: { filtered: true, detected: true } };
const down = { error: { code: 'content_filter_error', message: 'The contents are not filtered' } };

type Failure = ReturnType<typeof wordsFor>['failure'];
const outcomes: readonly (readonly [string, Script, (words: Failure) => readonly string[]])[] = [
  ['a request that was filtered', filtered(hateful), (words) => [words.filtered, words.rephrase]],
  ['an attack in a text that a prompt shield saw', filtered(attack), (words) => [words.filteredAttack, words.withoutInstructions]],
  ['an answer that was filtered', say('', { finishReason: 'content_filter' }), (words) => [words.filteredAnswer, words.askOtherwise]],
  ['an answer that was stopped in the middle', say('Roses are', { finishReason: 'content_filter' }), (words) => [words.incomplete, words.filteredMidway, words.askOtherwise]],
  ['an answer that no filter could look at', say('Roses are red.', { filters: { prompt: down, answer: down } }), (words) => ['Roses are red.', words.unfiltered]],
];

describe.each(spokenLanguages)('in %s', (locale) => {
  const words = wordsFor(locale);

  test.each(outcomes)('%s is told in a sentence with a next step, and nobody is asked again', async (_name, script, sentences) => {
    const chat = await parley.webChat();
    const asked = model.calls.length;
    model.script(script);
    const shown = await chat.say('Which flowers do you like?', { locale });
    for (const sentence of sentences(words.failure)) expect(read(shown)).toContain(sentence);
    expect(model.calls.length).toBe(asked + 1);
    expect(read(shown)).not.toMatch(/content_filter|ResponsibleAI|indirect_attack/);
    await chat.close();
  });
});

test('verdicts stay with the answer, and so does that none was given', async () => {
  const chat = await parley.webChat();
  model.script(say('Roses are red.', { filters: { prompt: { jailbreak: { filtered: false, detected: false } }, answer: { ungrounded_material: { filtered: false, detected: true }, violence: { filtered: false, severity: 'low' } } } }));
  await chat.say('Which flowers do you like?');
  const why = read(await chat.say('why this answer?'));
  expect(why).toContain('Claims without a source, in the answer');
  expect(why).toContain('Violence (slight), in the answer');
  await chat.close();
});

const isLabelled = ({ entities }: ShownActivity): boolean => JSON.stringify(entities ?? []).includes('AIGeneratedContent');

describe('whatever a model wrote is labelled, for clients and in words', () => {
  const document = 'Ada: We decided to water the roses each day.\nBob: I will water them on Monday.\nAda: The tulips need no water at all this week.\n';

  test.each<[string, (chat: Awaited<ReturnType<Parley['webChat']>>) => Promise<readonly ShownActivity[]>]>([
    ['an answer', (chat) => chat.say('Which flowers do you like?')],
    ['an answer from a document', async (chat) => {
      await chat.upload([{ name: 'garden.txt', type: 'text/plain', content: document }]);
      return chat.say('Who will water the roses on Monday?');
    }],
    ['a summary', (chat) => chat.upload([{ name: 'garden.txt', type: 'text/plain', content: document }], 'summarize')],
    ['a translation', (chat) => chat.say('translate good morning to German')],
    ['a translation with formatting', (chat) => chat.say('translate to German: # Plan\n\n- **Water** the roses')],
    ['a translation in several messages', async (chat) => chat.say(`translate to German: ${'Water the roses. '.repeat(1_600)}`)],
    ['an answer that broke off', (chat) => {
      model.script({ kind: 'broken', pieces: ['Roses', ' are'], how: 'cut' });
      return chat.say('Which flowers do you like?');
    }],
  ])('%s', async (_name, ask) => {
    model.behaveLikeAModel();
    const chat = await parley.webChat();
    const shown = await ask(chat);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((activity) => !isLabelled(activity))).toEqual([]);
    expect(read(shown)).toContain('AI-generated');
    await chat.close();
  });

  test('and whatever Parley says itself is not', async () => {
    const chat = await parley.webChat();
    model.script(filtered(hateful));
    const shown = [await chat.say('help'), await chat.say('about'), await chat.say('why this answer?'), await chat.say('Which flowers do you like?')].flat();
    expect(shown.filter((activity) => isLabelled(activity))).toEqual([]);
    expect(shown.flatMap((activity) => buttonsOf(activity)).length).toBeGreaterThan(0);
    await chat.close();
  });
});
