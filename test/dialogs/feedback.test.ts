import { openDatabase } from '../../state/openDatabase';
import { countRatings, readKept } from '../../state/feedback';
import type { Database } from '../../state/database';
import { keptAnswerShape, type KeptAnswer } from '../../dialogs/rating';
import type { ShownActivity } from '../helpers/channelConversation';
import { buttonsOf } from '../helpers/conversation';
import { say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { ada, ben } from '../helpers/teamsChat';
import type { WebChat } from '../helpers/webChat';

const folder = temporaryFolder();
const file = `${folder.path}/parley.db`;
let server: FakeModelServer;
let parley: Parley;
let database: Database;
beforeAll(async () => {
  server = await startFakeModelServer();
  parley = await startParley({ model: { server, as: 'azure' }, databaseFile: file });
  database = await openDatabase(file);
});
beforeEach(async () => {
  server.answerWith(() => say('Roses need water.'));
  await database.execute('DELETE FROM feedback');
  await database.execute('DELETE FROM users');
});
afterAll(async () => {
  await database.close();
  await parley.close();
  await server.close();
  folder.remove();
});

const QUESTION = 'What do roses need in a dry summer?';

async function kept(): Promise<readonly (KeptAnswer & { readonly reaction: string })[]> {
  const all = [];
  for await (const { reaction, kept: json } of readKept(database)) all.push({ reaction, ...keptAnswerShape.parse(JSON.parse(json)) });
  return all;
}

interface Thumb { readonly '@type': string; readonly '@id': string }

/** What Web Chat 4.18.1 posts when a thumb under the answer is pressed. */
async function thumb(chat: WebChat, answer: readonly ShownActivity[], type: 'LikeAction' | 'DislikeAction'): Promise<readonly ShownActivity[]> {
  const root = answer.flatMap(({ entities = [] }) => entities as { potentialAction?: readonly Thumb[] }[]).find(({ potentialAction }) => potentialAction);
  const pressed = root?.potentialAction?.find((action) => action['@type'] === type);
  if (!pressed) throw new Error('The answer has no thumbs.');
  const known = (await chat.history()).map(({ id }) => id);
  await chat.post({ type: 'event', name: 'webchat:activity-status/feedback', entities: [pressed] });
  await chat.settled();
  return (await chat.history()).filter(({ id, type: kind }) => kind === 'message' && !known.includes(id));
}

const button = (shown: readonly ShownActivity[], title: string): object => {
  const found = shown.flatMap((activity) => buttonsOf(activity)).find((each) => each.title === title);
  if (!found) throw new Error(`There is no button "${title}" in ${JSON.stringify(shown)}`);
  return found.data;
};

describe('in the web chat', () => {
  let chat: WebChat;
  beforeEach(async () => {
    chat = await parley.webChat();
  });
  afterEach(() => chat.close());

  test('a thumb is counted without a word of the conversation, and the last one of a person counts', async () => {
    const answer = await chat.say(QUESTION);
    await thumb(chat, answer, 'LikeAction');
    await thumb(chat, answer, 'LikeAction');
    expect(await countRatings(database)).toEqual({ like: 1, dislike: 0 });
    await thumb(chat, answer, 'DislikeAction');
    expect(await countRatings(database)).toEqual({ like: 0, dislike: 1 });
    expect(await kept()).toEqual([]);
    expect(JSON.stringify(await database.query('SELECT * FROM feedback'))).not.toContain('oses');
  });

  test('whether answers may be kept is asked once, and a no is a no', async () => {
    const asked = await thumb(chat, await chat.say(QUESTION), 'LikeAction');
    expect(wordsOf(asked)).toContain('May I keep your question and this answer');
    expect(await thumb(chat, await chat.say(QUESTION), 'LikeAction')).toEqual([]);
    expect(wordsOf(await chat.click(button(asked, 'No')))).toContain('Only the thumb is counted');
    expect(await thumb(chat, await chat.say(QUESTION), 'DislikeAction')).toEqual([]);
    expect(await kept()).toEqual([]);
    expect(await countRatings(database)).toEqual({ like: 2, dislike: 1 });
  });

  test('who agrees has question and answer kept, of this answer and of those that follow', async () => {
    const asked = await thumb(chat, await chat.say(QUESTION), 'LikeAction');
    expect(wordsOf(await chat.click(button(asked, 'Yes, keep them')))).toContain('It is kept with your question');
    server.answerWith(() => say('Tulips need nothing.'));
    await thumb(chat, await chat.say('And tulips?'), 'LikeAction');
    const all = await kept();
    expect(all.map(({ question }) => question).toSorted()).toEqual(['And tulips?', QUESTION]);
    expect(all).toContainEqual(expect.objectContaining({ reaction: 'like', question: QUESTION, answer: 'Roses need water.', capabilities: ['chat'], isGrounded: false, locale: 'en' }));
  });

  test('after a thumb down a card asks why, and keeps the reason and a better answer where the box says so', async () => {
    const form = await thumb(chat, await chat.say(QUESTION), 'DislikeAction');
    expect(JSON.stringify(form)).toMatch(/Input\.ChoiceSet[\s\S]*Input\.Text[\s\S]*Input\.Toggle/);
    const send = button(form, 'Send');
    expect(wordsOf(await chat.click({ ...send, reason: 'incomplete', correction: 'Water, and shade at noon.', consent: 'false' }))).toContain('What you wrote was not kept');
    expect(await kept()).toEqual([]);
    expect(wordsOf(await chat.click({ ...send, reason: 'incomplete', correction: 'Water, and shade at noon.', consent: 'true' }))).toContain('It is kept with your question');
    expect(await kept()).toEqual([expect.objectContaining({ reaction: 'dislike', question: QUESTION, reason: 'incomplete', correction: 'Water, and shade at noon.' })]);
    expect(await countRatings(database)).toEqual({ like: 0, dislike: 1 });
    expect(JSON.stringify(await thumb(chat, await chat.say(QUESTION), 'DislikeAction'))).not.toContain('Input.Toggle'); // agreed already
  });

  test.each(['settings improve no', 'Einstellungen verbessern nein', 'réglages améliorer non', 'ajustes mejorar no'])('%j deletes what was kept, and leaves the count', async (words) => {
    const answer = await chat.say(QUESTION);
    await chat.say('settings improve yes');
    await thumb(chat, answer, 'LikeAction');
    expect(await kept()).toHaveLength(1);
    expect(wordsOf(await chat.say(words))).toContain('No, count only the thumb');
    expect(await kept()).toEqual([]);
    expect(await countRatings(database)).toEqual({ like: 1, dislike: 0 });
  });

  test('the settings form takes it back too, and "forget me" deletes the thumbs with the rest', async () => {
    const answer = await chat.say(QUESTION);
    const save = button(await chat.say('settings'), 'Save');
    await chat.click({ ...save, language: 'automatic', translateTo: 'automatic', summaryLength: 'standard', improvement: 'yes' });
    await thumb(chat, answer, 'LikeAction');
    expect(await kept()).toHaveLength(1);
    await chat.click({ ...save, language: 'automatic', translateTo: 'automatic', summaryLength: 'standard', improvement: 'no' });
    expect(await kept()).toEqual([]);
    expect(wordsOf(await chat.say('forget me'))).toContain('your ratings of answers');
    await chat.say('yes');
    expect(await database.query('SELECT * FROM feedback')).toEqual([]);
  });

  test.each([
    ['no entity', []],
    ['another action', [{ '@type': 'ShareAction', '@id': 'LikeAction:1' }]],
    ['two actions', [{ '@type': 'LikeAction', '@id': 'LikeAction:1' }, { '@type': 'LikeAction', '@id': 'LikeAction:1' }]],
  ])('an event with %s counts for nothing', async (_what, entities) => {
    await chat.post({ type: 'event', name: 'webchat:activity-status/feedback', entities });
    await chat.settled();
    expect(await countRatings(database)).toEqual({ like: 0, dislike: 0 });
  });
});

describe('in Teams', () => {
  const rate = (reaction: string, feedbackText = '') => ({ actionName: 'feedback', actionValue: { reaction, feedback: JSON.stringify({ feedbackText }) } });

  test.each(['personal', 'groupChat', 'channel'] as const)('a thumb in a %s chat finds the answer by the id that Teams gave it', async (type) => {
    const chat = parley.teamsChat({ type });
    await database.execute('INSERT INTO users (user_key, settings, updated_at) VALUES (?, ?, ?)', [`msteams|tenant|${ada.aadObjectId}`, '{"improvement":"yes"}', 0]);
    const [answer] = (await chat.say(QUESTION)).filter(({ channelData }) => (channelData as { feedbackLoop?: object } | undefined)?.feedbackLoop);
    const invoke = chat.activity('invoke', { name: 'message/submitAction', value: rate('like', 'So it is.'), replyToId: answer?.id });
    expect(await chat.call(invoke)).toEqual({ status: 200, body: {} });
    await chat.settled();
    expect(await kept()).toEqual([expect.objectContaining({ reaction: 'like', question: QUESTION, answer: 'Roses need water.', comment: 'So it is.', names: ['Ada'] })]);
  });

  test('words of somebody else are not kept, whoever rates them', async () => {
    const chat = parley.teamsChat({ type: 'groupChat' });
    await database.execute('INSERT INTO users (user_key, settings, updated_at) VALUES (?, ?, ?)', [`msteams|tenant|${ben.aadObjectId}`, '{"improvement":"yes"}', 0]);
    const [answer] = await chat.say(QUESTION);
    await chat.call(chat.activity('invoke', { name: 'message/submitAction', value: rate('like'), replyToId: answer?.id }, ben));
    await chat.settled();
    expect(await countRatings(database)).toEqual({ like: 1, dislike: 0 });
    expect(await kept()).toEqual([]);
  });

  test('a question that its author deletes goes with what was kept of it', async () => {
    const chat = parley.teamsChat();
    await database.execute('INSERT INTO users (user_key, settings, updated_at) VALUES (?, ?, ?)', [`msteams|tenant|${ada.aadObjectId}`, '{"improvement":"yes"}', 0]);
    const question = chat.activity('message', { text: QUESTION });
    const [answer] = await chat.exchange(question);
    await chat.call(chat.activity('invoke', { name: 'message/submitAction', value: rate('like'), replyToId: answer?.id }));
    await chat.settled();
    expect(await kept()).toHaveLength(1);
    await chat.exchange({ ...chat.activity('messageDelete'), id: question.id });
    expect(await kept()).toEqual([]);
    expect(await countRatings(database)).toEqual({ like: 1, dislike: 0 });
  });

  test('what Teams asked for itself comes with the form in a one-to-one chat', async () => {
    const chat = parley.teamsChat();
    const [answer] = await chat.say(QUESTION);
    await chat.call(chat.activity('invoke', { name: 'message/submitAction', value: rate('dislike', 'Too short.'), replyToId: answer?.id }));
    await chat.settled();
    const form = chat.shown().slice(-1);
    const shown = await chat.click({ ...button(form, 'Send'), reason: 'incomplete', consent: 'true' });
    expect(wordsOf(shown)).toContain('It is kept with your question');
    expect(await kept()).toEqual([expect.objectContaining({ reaction: 'dislike', comment: 'Too short.', reason: 'incomplete' })]);
  });

  test('a thumb that names nothing, as in the Agents Playground, counts for the newest answer, and nothing is kept of it', async () => {
    const chat = parley.teamsChat();
    await database.execute('INSERT INTO users (user_key, settings, updated_at) VALUES (?, ?, ?)', [`msteams|tenant|${ada.aadObjectId}`, '{"improvement":"yes"}', 0]);
    const question = chat.activity('message', { text: QUESTION });
    await chat.exchange(question);
    expect(await chat.invoke('message/submitAction', { actionName: 'feedback', actionValue: { reaction: 'dislike', feedback: 'Plain words.' } })).toEqual({ status: 200, body: {} });
    await chat.settled();
    expect(await database.query('SELECT activity_id AS id, reaction, kept FROM feedback')).toEqual([{ id: question.id, reaction: 'dislike', kept: null }]);
    expect(chat.shown()).toHaveLength(1);
  });

  test('an answer that nothing is known of is counted alone', async () => {
    const chat = parley.teamsChat();
    expect(await chat.call(chat.activity('invoke', { name: 'message/submitAction', value: rate('like'), replyToId: '1700000000000' }))).toEqual({ status: 200, body: {} });
    await chat.settled();
    expect(await countRatings(database)).toEqual({ like: 1, dislike: 0 });
  });

  test.each([[undefined], [{}], [{ actionName: 'feedback' }], [{ actionName: 'feedback', actionValue: { reaction: 'shrug' } }], [[1]]])('a thumb with the value %j is answered, and counts for nothing', async (value) => {
    const chat = parley.teamsChat();
    expect(await chat.call(chat.activity('invoke', { name: 'message/submitAction', value, replyToId: '1' }))).toEqual({ status: 200, body: {} });
    await chat.settled();
    expect(await countRatings(database)).toEqual({ like: 0, dislike: 0 });
  });
});
