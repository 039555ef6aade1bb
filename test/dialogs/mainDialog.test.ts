import { scriptedEngine, startConversation, startModel, read, choicesOf, buttonsOf, type TestConversation } from '../helpers/conversation';
import { AIError } from '../../ai/error';

let user: TestConversation;
afterEach(() => user.close());

const meeting = 'WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v Ada>We decided to ship the new design on Friday because the tests are green.</v>\n\n00:00:06.000 --> 00:00:10.000\n<v Ben>I will write the release notes by Thursday and send them to everyone.</v>\n';

describe('without a model', () => {
  beforeEach(async () => void (user = await startConversation()));

  test('shows the help for an empty message', async () => {
    expect(read(await user.say(''))).toContain('What Parley can do');
  });

  test.each(['help', 'Help!', '?', 'hilfe', 'Aide', 'ayuda'])('shows the help for "%s"', async (text) => {
    expect(read(await user.say(text))).toContain('What Parley can do');
  });

  test('says plainly what it needs when nothing can be quoted', async () => {
    expect(read(await user.say('Why is the sky blue in summer evenings?'))).toContain('an AI model, which is not connected here: ask whoever runs Parley');
  });

  test.each(['cancel', 'Abbrechen', 'annuler', 'cancelar'])('says so when there is nothing to cancel for "%s"', async (text) => {
    expect(read(await user.say(text))).toContain('There is nothing to stop');
  });

  test('answers a button that it does not know with a next step', async () => {
    expect(read(await user.submit('launch-rocket', { to: 'moon' }))).toContain('That button is from an earlier time');
  });

  test('answers a button with damaged values by asking', async () => {
    expect(read(await user.submit('summarize', { threadId: { $ne: 1 }, length: 7 }))).toContain('What should I summarize?');
  });

  test('answers a button for a text that is gone', async () => {
    expect(read(await user.submit('summarize', { threadId: 'gone' }))).toContain('no longer here');
    expect(read(await user.submit('ask', { threadId: 'gone', question: 'What?' }))).toContain('no longer here');
  });

  test('takes the words of a "say" button for the person’s own', async () => {
    expect(read(await user.submit('say', { text: 'help' }))).toContain('What Parley can do');
  });

  test('summarizes a dropped meeting at once and links each item to its message', async () => {
    const shown = await user.drop({ name: 'standup.vtt', contentType: 'text/vtt', content: meeting });
    expect(read(shown)).toContain('Key sentences, quoted');
    expect(read(shown)).toMatch(/https:\/\/parley\.example\/threads\/[\w-]+#/);
  });

  test('keeps a dropped document and offers what can be done with it', async () => {
    const shown = await user.drop({ name: 'notes.md', contentType: 'text/markdown', content: '# Plan\n\nThe garden opens in May. Water the roses every day in summer.' });
    expect(shown.flatMap(buttonsOf).map(({ title }) => title)).toEqual(['Summarize it', 'Ask about it']);
    expect(read(await user.press('Ask about it'))).toContain('What would you like to know about');
    const answer = await user.say('When does the garden open?');
    expect(read(answer)).toContain('The garden opens in May');
    expect(JSON.stringify(answer.at(-1)?.attachments)).toMatch(/The garden opens in May.*Action\.OpenUrl.*\/threads\//);
    expect(JSON.stringify(answer.at(-1)?.entities)).not.toContain('AIGeneratedContent');
  });

  test('answers the question beside a file from that file', async () => {
    const shown = await user.say('When does the garden open?', [{ name: 'notes.txt', contentType: 'text/plain', content: 'The garden opens in May. Water the roses every day in summer.' }]);
    expect(read(shown)).toContain('The garden opens in May');
  });

  test('reads the good file of a message and says what is wrong with the others', async () => {
    const shown = await user.drop(
      { name: 'empty.txt', contentType: 'text/plain', content: '' },
      { name: 'standup.vtt', contentType: 'text/vtt', content: meeting },
      { name: 'lie.pdf', contentType: 'application/pdf', content: 'not a pdf' },
      { name: 'setup.exe', contentType: 'application/octet-stream', content: 'MZ' },
    );
    const text = read(shown);
    expect(text).toContain('“empty.txt” has no text in it');
    expect(text).toContain('“lie.pdf” is not what its name says');
    expect(text).toContain('I cannot read “setup.exe”');
    expect(text).toContain('Key sentences, quoted');
  });

  test('names the limit to a file that is too large, and works on', async () => {
    const shown = await user.drop({ name: 'big.txt', contentType: 'text/plain', content: 'word '.repeat(300_000) });
    expect(read(shown)).toContain('“big.txt” is larger than 1 MB');
    expect(read(await user.say('help'))).toContain('What Parley can do');
  });

  test('keeps a text of 100,000 characters and says what can be done with it', async () => {
    const shown = await user.say('The roses need water. '.repeat(4_545));
    expect(shown.flatMap(buttonsOf).map(({ title }) => title)).toEqual(['Summarize it', 'Ask about it']);
    expect((await user.document()).length).toBeLessThan(10_000);
    expect(read(await user.press('Summarize it'))).toContain('Key sentences, quoted');
  });

  test('starts afresh, and says so once, when the open question belongs to an older Parley', async () => {
    await user.say('summarize');
    await user.replaceDocument(JSON.stringify({ schemaVersion: 1, greeted: true, dialogs: { dialogStack: [{ id: 'renamedDialog', state: { step: 2 } }] } }));
    const shown = await user.say('help');
    expect(read(shown)).toContain('Parley was updated');
    expect(read(shown)).toContain('What Parley can do');
    expect(read(await user.say('help'))).not.toContain('Parley was updated');
  });

  test.each([
    ['a number', 7], ['text', 'x'], ['no state', [{ id: 'translate' }]], ['wrong state', [{ id: 'translate', state: { values: 'x' } }]],
    ['too deep', Array.from({ length: 50 }, () => ({ id: 'translate', state: { values: {} } }))],
  ])('starts afresh when the stored stack is damaged: %s', async (_name, dialogStack) => {
    await user.say('summarize');
    await user.replaceDocument(JSON.stringify({ schemaVersion: 1, greeted: true, dialogs: { dialogStack } }));
    expect(read(await user.say('help'))).toContain('What Parley can do');
  });

  test('greets once when it is added', async () => {
    const arrival = { type: 'conversationUpdate', text: undefined, membersAdded: [{ id: '28:bot' }] };
    expect(read(await user.post('', arrival))).toContain('Hello, I am Parley');
    expect(await user.post('', arrival)).toEqual([]);
  });
});

describe('with a model', () => {
  test('gives the model what was said before, until the person starts over', async () => {
    const { engine, asked } = scriptedEngine({ converse: async () => ({ kind: 'answer', origin: 'ai', text: 'Roses.', sources: [], followUps: [] }) });
    user = await startConversation({ engine });
    await user.say('Which flowers do you like?');
    await user.say('And which colour of those?');
    expect(asked[1]?.history).toEqual([{ role: 'user', text: 'Which flowers do you like?' }, { role: 'assistant', text: 'Roses.' }]);
    expect(read(await user.say('start over'))).toContain('start over');
    await user.say('What did I ask before that?');
    expect(asked[2]?.history.map(({ text }) => text)).not.toContain('Roses.');
  });

  test('labels what a model wrote, and shows follow-up questions that can be pressed', async () => {
    const { engine, asked } = scriptedEngine({ converse: async () => ({ kind: 'answer', origin: 'ai', text: 'Roses.', sources: [], followUps: ['Which colour?'] }) });
    user = await startConversation({ engine });
    const shown = await user.say('Which flowers do you like?');
    expect(shown[0]?.text).toBe('Roses.');
    expect(shown[0]?.entities).toMatchObject([{ type: 'https://schema.org/Message', '@id': '', additionalType: ['AIGeneratedContent'], potentialAction: [{ '@type': 'LikeAction' }, { '@type': 'DislikeAction' }] }]);
    await user.press('Which colour?');
    expect(asked[1]?.text).toBe('Which colour?');
  });

  test('begins the skill that the model chose, with the values it may give', async () => {
    const { engine } = scriptedEngine({
      converse: async () => ({ kind: 'skill', skill: 'translate', arguments: { text: 'good morning', threadId: 'stolen', isWhole: true } }),
      translate: async (text, to) => ({ text: `${to}: ${text}`, from: 'en', to }),
    });
    user = await startConversation({ engine });
    expect(read(await user.say('I would need good morning for my friends abroad'))).toContain('To which language?');
    expect(read(await user.say('German'))).toContain('de: good morning');
  });

  test('is not misled by a skill that the model made up, or one it may not call', async () => {
    const calls = [{ skill: 'launch', arguments: 3 }, { skill: 'forget', arguments: { confirmed: true } }];
    const { engine } = scriptedEngine({ converse: async () => ({ kind: 'skill', ...calls.shift()! }) });
    user = await startConversation({ engine });
    expect(read(await user.say('do something strange now'))).toContain('I found nothing about that');
    expect(read(await user.say('do something else now'))).toContain('Forget me?');
  });

  test('routes free text by the tool calls of a real model client', async () => {
    const { server, engine } = await startModel();
    user = await startConversation({ engine });
    expect(read(await user.say('Tell me something about roses, would you kindly?'))).not.toBe('');
    expect(server.calls[0]?.body.tools?.map((tool) => tool.function.name)).toEqual(['summarize', 'translate', 'code', 'sentiment']);
    await server.close();
  });

  const failures = [
    ['rate-limited', 'busy'], ['timeout', 'too long to answer'], ['content-filtered', 'safety filter'], ['unauthorized', 'did not accept'],
    ['unavailable', 'cannot be reached'], ['invalid-response', 'cannot be used'], ['too-long', 'more text than'],
  ] as const;

  test.each(failures)('says in a sentence that the model is %s, and tries again by a button', async (code, sentence) => {
    let calls = 0;
    const { engine, asked } = scriptedEngine({
      converse: async () => {
        calls += 1;
        if (calls === 1) throw new AIError(code, 'details for the log', { retryAfterMs: 30_000 });
        return { kind: 'answer', origin: 'ai', text: 'Roses.', sources: [], followUps: [] };
      },
    });
    user = await startConversation({ engine });
    const shown = await user.say('Which flowers do you like?');
    expect(read(shown)).toContain(sentence);
    expect(read(shown)).not.toContain('details for the log');
    if (code === 'rate-limited') expect(read(shown)).toContain('Try again in 30 seconds');
    expect(read(await user.press('Try again'))).toContain('Roses.');
    expect(asked.map(({ text }) => text)).toEqual(['Which flowers do you like?', 'Which flowers do you like?']);
  });

  test('marks an answer that broke off as incomplete', async () => {
    const { engine } = scriptedEngine({
      converse: async (_request, _signal, onText) => {
        onText?.(() => 'Roses are');
        throw new AIError('unavailable', 'cut');
      },
    });
    user = await startConversation({ engine, channel: 'teams' });
    const shown = await user.say('Which flowers do you like?');
    expect(shown).toHaveLength(1);
    expect(shown[0]?.text).toMatch(/^Roses are\n\n\*\*This answer is incomplete\.\*\*/);
    expect(buttonsOf(shown[0]!).map(({ title }) => title)).toEqual(['Try again']);
  });

  test('asks its question in place of what was already streamed when the model then calls a skill', async () => {
    const { engine } = scriptedEngine({
      converse: async (_request, _signal, onText) => {
        onText?.(() => 'Let me translate');
        return { kind: 'skill', skill: 'translate', arguments: { text: 'hello' } };
      },
    });
    user = await startConversation({ engine, channel: 'teams' });
    const shown = await user.say('Would you put hello into another language?');
    expect(shown.map(({ text }) => text)).toEqual(['To which language?']);
    expect(choicesOf(shown)).toHaveLength(3);
  });

  test('answers in a group when mentioned, in one message that is updated', async () => {
    const { engine } = scriptedEngine({
      converse: async (_request, _signal, onText) => {
        onText?.(() => 'Ro');
        return { kind: 'answer', origin: 'ai', text: 'Roses.', sources: [], followUps: [] };
      },
    });
    user = await startConversation({ engine, channel: 'group' });
    expect((await user.say('Which flowers do you like?')).map(({ text }) => text)).toEqual(['Roses.']);
    expect(await user.post('nobody asked the bot', { entities: [] })).toEqual([]);
  });
});

describe('words of a model', () => {
  test('that would be said for the person lead nowhere that nobody named', async () => {
    const followUps = ['What about https://evil.example/?q=secret then?', 'www.evil.example?', 'What about Friday?'];
    const { engine } = scriptedEngine({ converse: async () => ({ kind: 'answer', origin: 'ai', text: 'So it is.', sources: [], followUps }) });
    user = await startConversation({ engine });
    const shown = await user.say('What do you think about it?');
    expect(shown.flatMap((activity) => buttonsOf(activity)).map(({ title }) => title)).toEqual(expect.arrayContaining(['What about Friday?']));
    expect(JSON.stringify(shown)).not.toContain('evil.example');
  });

  test('that it gives to a skill make no address a link', async () => {
    const { engine, asked } = scriptedEngine({
      converse: async () => ({ kind: 'skill', skill: 'translate', arguments: { text: 'Good [morning](https://evil.example/?q=secret)', language: 'de' } }),
      translate: async (text: string) => ({ text, from: 'en', to: 'de' }),
    });
    user = await startConversation({ engine });
    const shown = await user.say('What would that be in my language?');
    expect(asked).toHaveLength(1);
    expect(read(shown)).toContain('Good');
    expect(read(shown)).not.toMatch(/https:\/\/evil/);
  });
});
