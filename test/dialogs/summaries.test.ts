import { AIError, type AIErrorCode } from '../../ai/error';
import type { Summary } from '../../ai/summary/summary';
import type { Thread } from '../../threads/thread';
import { buttonsOf, read, scriptedEngine, startConversation, startModel, type TestConversation } from '../helpers/conversation';
import { pdfOf } from '../helpers/documents';
import { claimOf, summaryOf } from '../helpers/summaries';

let user: TestConversation;
afterEach(() => user.close());

const meeting = {
  name: 'standup.vtt', contentType: 'text/vtt',
  content: 'WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v Ada>We decided to ship the new design on Friday because the tests are green.</v>\n\n00:00:06.000 --> 00:00:10.000\n<v Ben>I will write the release notes by Thursday and send them to everyone.</v>\n',
};
const notes = { name: 'notes.txt', contentType: 'text/plain', content: 'The garden opens in May. Water the roses every day in summer.' };

/** Says in its one key point what it was asked for. */
async function summarize({ title, messages }: Thread, { language, length }: { readonly language: string; readonly length: string }): Promise<Summary> {
  return summaryOf({ language, claims: [claimOf(`${length} ${language} ${title}`, messages[0]?.id ?? '')] });
}

const translate = async (text: string, to: string) => ({ text: `${to}: ${text}`, from: 'en', to });
const scripted = () => scriptedEngine({ summarize, translate, converse: async ({ text, threads }) => ({ kind: 'answer', origin: 'ai', text: `${text} in ${threads.map(({ title }) => title).join()}`, sources: [], followUps: [] }) });

describe('the buttons of a summary', () => {
  beforeEach(async () => {
    user = await startConversation({ engine: scripted().engine });
    expect(read(await user.drop(meeting))).toContain('standard en-US standup');
  });

  test('"Shorter" and "More detail" give the next length', async () => {
    expect(read(await user.press('Shorter'))).toContain('short en-US standup');
    expect(read(await user.press('More detail'))).toContain('standard en-US standup');
    expect(read(await user.submit('summarize', { threadId: (await threadId()), length: 'detailed' }))).toContain('detailed en-US standup');
  });

  test('"Translate" asks for the language, and gives the summary in it', async () => {
    expect(read(await user.press('Translate'))).toContain('To which language?');
    expect(read(await user.say('French'))).toContain('standard fr standup');
  });

  test('"Ask about it" asks what, and looks into that text alone', async () => {
    await user.drop(notes);
    await user.submit('ask', { threadId: await threadId() });
    expect(read(await user.say('Who writes the notes?'))).toContain('Who writes the notes? in standup');
  });

  test('"translate it" below a summary means the summary', async () => {
    expect(read(await user.say('translate it to German'))).toContain('standard de standup');
  });

  test('"summarize the meeting" means the meeting that was given, even after another text', async () => {
    await user.drop(notes);
    expect(read(await user.say('summarize the meeting'))).toContain('standard en-US standup');
    expect(read(await user.say('summarize the document'))).toContain('standard en-US notes.txt');
  });

  async function threadId(): Promise<unknown> {
    const button = user.shown().flatMap(buttonsOf).find(({ title }) => title === 'Ask about it');
    return button?.data.parley.values['threadId'];
  }
});

describe('"this conversation"', () => {
  test('in a group is what people said to the bot, each linked, without its own words', async () => {
    user = await startConversation({ channel: 'group' });
    await user.say('We decided to ship the new design on Friday because the tests are green.');
    await user.say('I will write the release notes by Thursday and send them to everyone.');
    const shown = read(await user.say('summarize this conversation'));
    expect(shown).toContain('We decided to ship');
    expect(shown.match(/\]\(<https:\/\/[^)]+>\)/g)).toHaveLength(4); // in the words of the card, and in its fallback
    expect(shown).not.toContain('not connected here');
    expect(shown).toContain('Read 2 of 2 messages');
  });

  test('in a group with nothing said tells that only mentions are read', async () => {
    user = await startConversation({ channel: 'group' });
    expect(read(await user.say('summarize this conversation'))).toContain('Here I only read messages that mention me');
  });

  test('never quotes the greeting, and is no text to answer from', async () => {
    user = await startConversation();
    await user.post('', { type: 'conversationUpdate', text: undefined, membersAdded: [{ id: '28:bot' }] });
    await user.say('We decided to plant the roses in the garden beside the gate in May.');
    await user.say('And I will buy the roses on Monday, because the shop is closed later.');
    const shown = read(await user.say('summarize this conversation'));
    expect(shown).toContain('plant the roses');
    expect(shown).not.toContain('Send me a meeting');
    expect(read(await user.say('What about the roses in the garden?'))).toContain('Send a file or paste a text');
  });

  test('that holds requests alone is too little', async () => {
    user = await startConversation();
    await user.say('help');
    await user.say('settings');
    expect(read(await user.say('summarize this conversation'))).toContain('Little has been said here');
  });
});

describe('documents to translate', () => {
  test('"Translate it" translates all of a dropped document', async () => {
    user = await startConversation({ engine: scripted().engine });
    await user.drop(notes);
    await user.press('Translate it');
    expect(read(await user.say('German'))).toContain('de: The garden opens in May');
  });

  test.each(['translate this to German', 'translate the document to German'])('"%s" after a dropped document means the document', async (text) => {
    user = await startConversation({ engine: scripted().engine });
    await user.drop(notes);
    expect(read(await user.say(text))).toContain('de: The garden opens in May');
  });

  test('"translate this" with nothing there says what is needed', async () => {
    user = await startConversation({ engine: scripted().engine });
    await user.post('', { type: 'conversationUpdate', text: undefined, membersAdded: [{ id: '28:bot' }] });
    expect(read(await user.say('translate this to German'))).toContain('There is nothing here yet that I could translate');
  });

  test('links below an answer are not translated', async () => {
    const { engine } = scriptedEngine({
      translate,
      converse: async ({ threads: [thread] }) => ({ kind: 'answer', origin: 'ai', text: 'In May. [1]', followUps: [], sources: thread?.messages[0] ? [{ threadId: thread.id, title: thread.title, message: thread.messages[0], quote: 'May' }] : [] }),
    });
    user = await startConversation({ engine });
    await user.drop(notes);
    expect(read(await user.say('When does the garden open?'))).toContain('[1]: https://parley.example/');
    const shown = read(await user.say('translate this to German'));
    expect(shown).toContain('de: In May.');
    expect(shown).not.toContain('parley.example');
  });

  test('a text over 100,000 characters is named with its length and the limit, and kept', async () => {
    user = await startConversation({ engine: scripted().engine });
    await user.say('translate');
    await user.say('rose '.repeat(20_001));
    const shown = read(await user.say('German'));
    expect(shown).toMatch(/has 100,00\d characters; I translate up to 100,000/);
    expect(read(await user.say('summarize it'))).toContain('standard en-US');
  });

  test('a long document goes through the real client in parts, whole', async () => {
    const { server, engine } = await startModel();
    user = await startConversation({ engine });
    const lines = Array.from({ length: 400 }, (_, line) => `Line ${line} tells how the roses in the garden are watered in summer.`);
    await user.drop({ name: 'long.txt', contentType: 'text/plain', content: lines.join('\n\n') });
    await user.press('Translate it');
    const shown = read(await user.say('German'));
    for (const line of [lines[0], lines[200], lines[399]]) expect(shown).toContain(`[de] ${line}`);
    await server.close();
  });
});

test('a locked file is named, with what to do', async () => {
  user = await startConversation();
  const shown = await user.drop({ name: 'secret.pdf', contentType: 'application/pdf', content: pdfOf([['Hello']], { locked: true }) });
  expect(read(shown)).toContain('“secret.pdf” is protected by a password. Remove the password and send it again');
});

test('"about" tells who answers and what is kept, and its buttons work', async () => {
  user = await startConversation({ engine: scripted().engine });
  const shown = read(await user.say('about'));
  expect(shown).toContain('test-model');
  expect(shown).toContain('what is said here, the files you give, and your settings');
  expect(read(await user.press('Forget me'))).toContain('Forget me?');
});

const codes: readonly AIErrorCode[] = ['rate-limited', 'timeout', 'content-filtered', 'unauthorized', 'unavailable', 'invalid-response', 'too-long'];

describe.each(codes)('after the model was %s', (code) => {
  /** Fails once, then works. */
  function failingOnce<A extends readonly unknown[], R>(work: (...values: A) => Promise<R>): (...values: A) => Promise<R> {
    let isFirst = true;
    return async (...values) => {
      if (!isFirst) return work(...values);
      isFirst = false;
      throw new AIError(code, 'details for the log');
    };
  }

  test('"Try again" summarizes the same meeting in the same length', async () => {
    user = await startConversation({ engine: scriptedEngine({ summarize: failingOnce(summarize) }).engine });
    await user.say('settings short summaries');
    const shown = read(await user.drop(meeting));
    expect(shown).toContain('That did not work');
    expect(shown).not.toContain('details for the log');
    expect(read(await user.press('Try again'))).toContain('short en-US standup');
  });

  test('"Try again" translates the same text to the same language', async () => {
    user = await startConversation({ engine: scriptedEngine({ translate: failingOnce(translate) }).engine });
    await user.say('translate');
    await user.say('rose '.repeat(400));
    expect(read(await user.say('German'))).toContain('That did not work');
    expect(read(await user.press('Try again'))).toContain('de: rose rose');
  });
});
