import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import { callTool, createPace, say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { buttonsOf } from '../helpers/conversation';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { ben, cleo, type TeamsChat } from '../helpers/teamsChat';

let identity: FakeIdentity;
let model: FakeModelServer;
let parley: Parley;

beforeAll(async () => {
  identity = await startFakeIdentity();
  model = await startFakeModelServer();
  parley = await startParley({ identity, model: { server: model, as: 'azure' } });
});
beforeEach(() => model.behaveLikeAModel());
afterAll(async () => {
  await parley.close();
  await identity.close();
  await model.close();
});

const MEETING = [
  'Ada: We decided to ship version two on Friday, because all tests are green.',
  'Ben: I will write the release notes by Thursday and send them to everybody.',
  'Ada: Who tells the customers about the new price?',
];

const rootOf = (activity: Readonly<Record<string, unknown>> | undefined) => (activity?.entities as { type: string; citation?: unknown[] }[]).find(({ type }) => type === 'https://schema.org/Message');
const streamOf = (activity: Readonly<Record<string, unknown>>) => (activity.entities as { type: string }[] | undefined)?.find(({ type }) => type === 'streaminfo');

describe('in a personal chat', () => {
  let chat: TeamsChat;
  beforeEach(() => {
    chat = parley.teamsChat();
  });

  test('an installation is greeted once, though Teams tells of it twice', async () => {
    const calls = await chat.install();
    await chat.settled();
    expect(calls.map(({ status }) => status)).toEqual([200, 200]);
    expect(chat.shown().map((shown) => wordsOf([shown]).includes('Hello, I am Parley'))).toEqual([true]);
  });

  test('a removal does no harm, and whoever installs the bot again is greeted again', async () => {
    await chat.install();
    await chat.settled();
    expect(await chat.exchange(chat.activity('installationUpdate', { action: 'remove' }))).toEqual([]);
    expect(await chat.exchange(chat.activity('installationUpdate', { action: 'remove-upgrade' }))).toEqual([]);
    expect(wordsOf(await chat.exchange(chat.activity('installationUpdate', { action: 'add' })))).toContain('Hello, I am Parley');
  });

  test('an answer is labelled as AI-generated, asks for feedback and carries its citations whole', async () => {
    await chat.say(`summarize\n${MEETING.join('\n')}`);
    const [answer] = await chat.say('When is version two shipped?');
    expect(answer?.text).toContain('[1]');
    expect(rootOf(answer)).toMatchObject({
      '@type': 'Message',
      '@context': 'https://schema.org',
      '@id': '',
      additionalType: ['AIGeneratedContent'],
      citation: [{ '@type': 'Claim', position: 1, appearance: { '@type': 'DigitalDocument', name: expect.any(String), url: expect.stringContaining('/threads/'), abstract: expect.stringContaining('Friday') } }],
    });
    expect(answer?.channelData).toMatchObject({ feedbackLoop: { type: 'default' } });
  });

  test('an answer streams by entity and channelData: growing chunks in sequence, then the end with its label', async () => {
    const pace = createPace();
    model.script(say('Roses are red. Violets are blue.', { pace }));
    await chat.deliver(chat.activity('message', { text: 'Tell me about the flowers' }));
    pace.release(3);
    await parley.teams.waitFor(() => chat.sent().some(({ text }) => text === 'Roses are red.'));
    pace.release(1);
    await parley.teams.waitFor(() => chat.sent().some(({ text }) => text === 'Roses are red. Violets'));
    pace.release();
    await chat.settled();
    const [end, ...chunks] = chat.sent().filter((activity) => streamOf(activity)).toReversed();
    const streamId = chat.shown()[0]?.id;
    expect(chunks.length).toBeGreaterThan(1);
    for (const [index, chunk] of chunks.toReversed().entries()) {
      const marks = { streamType: 'streaming', streamSequence: index + 1, ...(index > 0 && { streamId }) };
      expect(chunk).toMatchObject({ type: 'typing', channelData: marks, entities: [{ type: 'streaminfo', ...marks }] });
    }
    expect(end).toMatchObject({ type: 'message', channelData: { streamType: 'final', streamId } });
    expect(streamOf(end ?? {})).toEqual({ type: 'streaminfo', streamType: 'final', streamId });
    expect(chat.shown().map(({ text }) => text)).toEqual(['Roses are red. Violets are blue.']);
    expect(rootOf(chat.shown()[0])).toMatchObject({ additionalType: ['AIGeneratedContent'] });
  });

  test('Stop ends an answer silently, and the next message is answered', async () => {
    const pace = createPace();
    model.script(say('Roses are red. Violets are blue.', { pace }));
    await chat.deliver(chat.activity('message', { text: 'Tell me about the flowers' }));
    pace.release(2);
    await parley.teams.waitFor(() => chat.shown().length > 0);
    parley.teams.stopStream(chat.id);
    pace.release();
    await chat.settled();
    expect(chat.shown().map(({ text }) => text)).toEqual([expect.stringMatching(/^Roses( are)?$/)]);
    expect(wordsOf(await chat.say('And what about trees?'))).toContain('This is a fake answer');
  });

  test('typing is shown while an answer is on its way', async () => {
    const pace = createPace();
    model.script(say('Done.', { pace }));
    await chat.deliver(chat.activity('message', { text: 'Take your time with this' }));
    await parley.teams.waitFor(() => chat.sent().some((activity) => activity.type === 'typing' && !streamOf(activity)));
    pace.release();
    await chat.settled();
    expect(chat.shown().map(({ text }) => text)).toEqual(['Done.']);
  });

  test('a message that Teams delivers again is answered once', async () => {
    const message = chat.activity('message', { text: 'help' });
    const calls = await Promise.all([chat.call(message), chat.call(message)]);
    await chat.settled();
    expect([...calls, await chat.call(message)].map(({ status }) => status)).toEqual([200, 200, 200]);
    await chat.settled();
    expect(chat.shown()).toHaveLength(1);
  });

  test('the settings form is answered in its place, and holds from then on', async () => {
    const [form] = await chat.say('settings', {}, cleo);
    expect(JSON.stringify(form)).toContain('"Action.Execute"');
    const [save] = form ? buttonsOf(form) : [];
    const action = { type: 'Action.Execute', verb: 'settings', data: { ...save?.data, language: 'de', translateTo: 'fr', summaryLength: 'short' } };
    const { status, body } = await chat.invoke('adaptiveCard/action', { action, trigger: 'manual' }, cleo);
    expect([status, body]).toMatchObject([200, { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: { type: 'AdaptiveCard' } }]);
    const renewed = JSON.stringify(body);
    expect(['Gespeichert.', '"value":"de"', '"value":"fr"', '"value":"short"'].filter((part) => !renewed.includes(part))).toEqual([]);
    expect(chat.shown()).toHaveLength(1);
    expect(wordsOf(await chat.say('help', {}, cleo))).toContain('Was Parley kann');
  });

  test.each([['no action of ours', { action: { type: 'Action.Execute', data: {} } }], ['no action', {}], ['no value', undefined], ['a list', [1]]])('a card with %s is told to be old', async (_name, value) => {
    const { status, body } = await chat.invoke('adaptiveCard/action', value);
    expect([status, body]).toEqual([200, expect.objectContaining({ value: expect.stringContaining('earlier time') })]);
  });

  test('feedback is taken with an empty answer, and only its direction is logged', async () => {
    const before = parley.logged.length;
    const value = { actionName: 'feedback', actionValue: { reaction: 'like', feedback: '{"feedbackText":"private words"}' } };
    expect(await chat.invoke('message/submitAction', value)).toEqual({ status: 200, body: {} });
    const lines = parley.logged.slice(before).join('');
    expect(lines).toContain('"reaction":"like"');
    expect(lines).not.toContain('private words');
  });

  test('an invoke that is not offered is answered with 404', async () => {
    await expect(chat.invoke('signin/verifyState', {})).resolves.toMatchObject({ status: 404 });
  });

  test.each([
    ['http', 'http://contoso.sharepoint.com/notes.txt'],
    ['an unknown host', 'https://files.example/notes.txt'],
    ['a host that only looks known', 'https://sharepoint.com.evil.example/notes.txt'],
    ['this machine', 'https://127.0.0.1/notes.txt'],
    ['another scheme', 'file:///etc/passwd'],
  ])('a file is not fetched from %s, and the person is told', async (_name, downloadUrl) => {
    const file = { contentType: 'application/vnd.microsoft.teams.file.download.info', name: 'notes.txt', content: { downloadUrl, uniqueId: '1', fileType: 'txt' } };
    const shown = await chat.say('', { attachments: [file, { contentType: 'text/html', content: '<p></p>' }] });
    expect(shown.map(({ text }) => text)).toEqual(['“notes.txt” could not be fetched. Send it once more, or paste the text.']);
  });

  test('the HTML twin of a message is no file', async () => {
    const shown = await chat.say('help', { attachments: [{ contentType: 'text/html', content: '<div>help</div>' }] });
    expect(wordsOf(shown)).toContain('What Parley can do');
  });
});

describe.each(['groupChat', 'channel'] as const)('in a %s', (type) => {
  let chat: TeamsChat;
  beforeEach(() => {
    chat = parley.teamsChat({ type });
  });

  
  test.each<[string, () => Readonly<Record<string, unknown>>]>([
    ['at the beginning', () => ({ text: '<at>Parley</at> help', entities: [chat.mention] })],
    ['at the end, with a no-break space', () => ({ text: 'help\u00a0<at>Parley</at>', entities: [chat.mention] })],
    ['without the text of the mention', () => ({ text: '<at>Parley</at> help', entities: [{ type: 'mention', mentioned: chat.bot }] })],
    ['without a name', () => ({ text: '<at id="0">Parley</at> help', entities: [{ type: 'mention', mentioned: { id: chat.bot.id } }] })],
    ['twice', () => ({ text: '<at>Parley</at> <at>Parley</at> help', entities: [chat.mention, chat.mention] })],
    ['on a line of its own', () => ({ text: '<at>Parley</at>\r\nhelp', entities: [chat.mention] })],
    ['among damaged entities', () => ({ text: '<at>Parley</at> help', entities: [{ type: 'mention' }, { type: 'clientInfo', locale: 'en-US' }, chat.mention] })],
  ])('it answers when it is mentioned %s', async (_name, parts) => {
    expect(wordsOf(await chat.exchange(chat.activity('message', parts())))).toContain('What Parley can do');
  });

  test('it keeps out of what is not meant for it', async () => {
    const other = { type: 'mention', mentioned: { id: ben.id, name: 'Parley' }, text: '<at>Parley</at>' };
    expect(await chat.exchange(chat.activity('message', { text: 'help' }))).toEqual([]);
    expect(await chat.exchange(chat.activity('message', { text: '<at>Parley</at> help', entities: [other] }))).toEqual([]);
    expect(await chat.exchange(chat.activity('messageReaction', { reactionsAdded: [{ type: 'like' }], replyToId: '1' }))).toEqual([]);
    expect(await chat.exchange(chat.activity('conversationUpdate', { membersAdded: [ben], channelData: { eventType: 'teamMemberAdded' } }))).toEqual([]);
  });

  test('the button of its card needs no mention', async () => {
    const [help] = await chat.say('help');
    const button = help ? buttonsOf(help).find(({ title }) => /summarize/i.test(title)) : undefined;
    expect(await chat.click(button?.data, ben)).not.toEqual([]);
  });

  test('a summary of what others said links each item to its message, as edited and without what was deleted', async () => {
    const first = await chat.chatter('We decided to ship version two on Monday, because all tests are green.');
    const second = await chat.chatter('I will write the release notes by Thursday and send them to everybody.', ben);
    const third = await chat.chatter('The secret salary of the boss is one million euros a year.');
    expect([first.shown, second.shown, third.shown]).toEqual([[], [], []]);
    const corrected = 'We decided to ship version two on Friday, because all tests are green.';
    await chat.exchange({ ...first.sent, type: 'messageUpdate', text: corrected, timestamp: '2026-10-02T09:00:00Z', channelData: { eventType: 'editMessage' } });
    await chat.exchange({ ...third.sent, type: 'messageDelete', text: undefined, timestamp: '2026-10-02T09:00:01Z', channelData: { eventType: 'softDeleteMessage' } });
    const text = JSON.stringify(await chat.say('summarize this conversation'));
    expect(text).toContain('Friday');
    expect(text).not.toMatch(/Monday|salary/);
    for (const { sent } of [first, second]) expect(text).toContain(`https://teams.microsoft.com/l/message/${encodeURIComponent(chat.id)}/${sent.id}`);
    expect(text).not.toContain(`/${third.sent.id}`);
    await chat.exchange({ ...third.sent, type: 'messageUpdate', timestamp: '2026-10-02T09:00:02Z', channelData: { eventType: 'undeleteMessage' } });
    expect(JSON.stringify(await chat.say('summarize this conversation'))).toMatch(/salary/);
  });

  test('an answer takes the place of a first sign of it', async () => {
    const pace = createPace();
    model.script(say('Roses are red.', { pace }));
    await chat.deliver(chat.activity('message', { text: '<at>Parley</at> tell me about the flowers', entities: [chat.mention] }));
    pace.release(1);
    await parley.teams.waitFor(() => chat.shown().length > 0);
    const [placeholder] = chat.shown();
    pace.release();
    await chat.settled();
    expect(chat.shown()).toMatchObject([{ id: placeholder?.id, text: 'Roses are red.' }]);
    expect(chat.sent().filter((activity) => streamOf(activity))).toEqual([]);
    expect(rootOf(chat.shown()[0])).toMatchObject({ additionalType: ['AIGeneratedContent'] });
  });

  test('what one person set holds for that person alone', async () => {
    await chat.invoke('adaptiveCard/action', { action: { type: 'Action.Execute', verb: 'settings', data: { parley: { action: 'settings', values: { save: true } }, language: 'fr' } } }, cleo);
    expect(wordsOf(await chat.say('help'))).toContain('What Parley can do');
    expect(wordsOf(await chat.say('help', {}, cleo))).not.toContain('What Parley can do');
  });
});

describe('when the channel fails', () => {
  let chat: TeamsChat;
  beforeEach(() => {
    chat = parley.teamsChat();
  });

  test.each([
    ['429', { status: 429, retryAfter: '0' }],
    ['412', { status: 412, retryAfter: '0' }],
  ] as const)('%s is tried again, and the answer comes once', async (_name, fault) => {
    parley.teams.failNext([fault], 'POST');
    expect(wordsOf(await chat.say('help'))).toContain('What Parley can do');
    expect(chat.shown()).toHaveLength(1);
  });

  test.each([
    ['a gateway that gives up after delivery', { status: 502, isDelivered: true }, 2],
    ['a connection that is cut after delivery', 'drop-after', 2],
    ['an error of the service', { status: 500 }, 1],
    ['a connection that is cut before delivery', 'drop-before', 1],
  ] as const)('after %s the answer is there, posted once more at most, and the next message is answered', async (_name, fault, arrived) => {
    parley.teams.failNext([fault], 'POST');
    await chat.say('help');
    expect(chat.shown()).toHaveLength(arrived);
    expect(chat.sent().filter(({ type }) => type === 'message')).toHaveLength(2);
    expect(wordsOf(await chat.say('about'))).toContain('About Parley');
  });

  test('what a channel refuses because the bot was removed is not posted again, and the next message is answered', async () => {
    parley.teams.failNext([{ status: 403, code: 'BotDisabledByAdmin' }], 'POST');
    await chat.say('help');
    expect([chat.shown(), chat.sent().length]).toEqual([[], 1]);
    expect(wordsOf(await chat.say('about'))).toContain('About Parley');
  });

  test('the end of a stream that gets lost is said by replacing its message', async () => {
    const pace = createPace();
    model.script(say('Roses are red.', { pace }));
    await chat.deliver(chat.activity('message', { text: 'Tell me about the flowers' }));
    pace.release(1);
    await parley.teams.waitFor(() => chat.shown().length > 0);
    parley.teams.failNext(['drop-before'], 'POST');
    pace.release();
    await chat.settled();
    expect(chat.shown().map(({ text }) => text)).toEqual(['Roses are red.']);
  });
});

test('a skill that the model chooses is run on the words of the message', async () => {
  const chat = parley.teamsChat();
  model.script(callTool('translate', { text: 'Good morning', language: 'German' }));
  expect(wordsOf(await chat.say('please put this into German: Good morning'))).toContain('[de] Good morning');
});

test('nothing that people say, nor a name or token, is in the log', () => {
  const log = parley.logged.join('');
  expect(log).toContain('turn finished');
  expect(log).not.toMatch(/release notes|salary|flowers|Ada"|Ben"|Bearer|bot-token/);
});
