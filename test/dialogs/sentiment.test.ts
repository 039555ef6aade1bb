import type { Sentiment } from '../../ai/sentiment';
import { readSentimentRequest } from '../../dialogs/sentimentRequest';
import type { Thread } from '../../threads/thread';
import { read, scriptedEngine, startConversation, type TestConversation } from '../helpers/conversation';

let user: TestConversation | undefined;
afterEach(async () => {
  await user?.close();
  user = undefined;
});

const chat = 'Anna: I love the new page, great work!\nBen: The release was a disaster.\nAnna: I am sorry to hear that.\nBen: We meet at ten.';

function telling() {
  const asked: Thread[] = [];
  const { engine } = scriptedEngine({
    converse: async () => ({ kind: 'answer', origin: 'ai', text: 'I see.', sources: [], followUps: [] }),
    tellSentiment: async (thread): Promise<Sentiment> => {
      asked.push(thread);
      const [first] = thread.messages;
      const quotes = first ? [{ quote: first.text.split(',')[0] ?? '', tone: 'positive' as const, messageId: first.id }] : [];
      const people = thread.participants.slice(0, 2).map((author) => ({ author, tone: 'positive' as const }));
      return { overall: 'mixed', people, quotes, dropped: 1, total: thread.messages.length, read: thread.messages.length, omissions: [] };
    },
  });
  return { engine, asked };
}

test('a pasted chat: its tone, that of each person, and sentences that link to their messages', async () => {
  const { engine, asked } = telling();
  user = await startConversation({ engine });
  const shown = await user.say(`tone of this: ${chat}`);
  expect(asked[0]?.participants.map(({ name }) => name)).toEqual(['Anna', 'Ben']);
  const said = read(shown);
  expect(said).toContain('**Overall:** mixed');
  expect(said).toContain('I love the new page');
  expect(said).toContain('https://parley.example/threads/');
  expect(said).toContain('1 quote was dropped, because it is not in the text');
  expect(said).toContain('This is about words, not about people. Do not use it to evaluate anybody.');
  expect(JSON.stringify(shown[0]?.entities)).toContain('AIGeneratedContent');
});

test('the command asks of what, and a file answers', async () => {
  const { engine, asked } = telling();
  user = await startConversation({ engine });
  expect(read(await user.say('tone'))).toContain('Of which text should I tell the tone?');
  await user.drop({ name: 'letter.txt', contentType: 'text/plain', content: 'I am very happy with your work. Thank you all for it.' });
  expect(asked[0]?.title).toBe('letter.txt');
});

test('a text that was given has a button for it', async () => {
  const { engine, asked } = telling();
  user = await startConversation({ engine });
  await user.say(chat);
  expect(read(await user.press('Tell its tone'))).toContain('Overall');
  expect(asked[0]?.messages).toHaveLength(4);
});

test('of the conversation, what people said counts, and not what the bot said', async () => {
  const { engine, asked } = telling();
  user = await startConversation({ engine });
  await user.say('I am so happy that the sun is shining today. Finally, after all those weeks of rain!');
  await user.say('what is the mood in this conversation?');
  expect(asked[0]?.messages.map(({ text }) => text)).toEqual(['I am so happy that the sun is shining today. Finally, after all those weeks of rain!']);
});

test('a model may call it', async () => {
  const { engine, asked } = telling();
  user = await startConversation({ engine: { ...engine, converse: async () => ({ kind: 'skill', skill: 'sentiment', arguments: { text: 'I am so happy with it. Thank you.', judge: 'Ben' } }) } });
  expect(read(await user.say('How do I come across when I write: I am so happy with it. Thank you?'))).toContain('Overall');
  expect(asked).toHaveLength(1);
});

test('where little was said, and without a model, that is said', async () => {
  user = await startConversation({ engine: telling().engine });
  expect(read(await user.say('tone of this conversation'))).toContain('Little has been said here so far');
  await user.close();
  user = await startConversation();
  expect(read(await user.say('tone of this conversation'))).toContain('Telling the tone of a text needs an AI model');
});

test.each([
  ['what’s the mood in this chat?', { source: 'conversation' }],
  ['sentiment', {}],
  ['tone of the file', { source: 'latest' }],
  ['analyze the sentiment of this conversation', { source: 'conversation' }],
  ['tone: I hate Mondays.', { text: 'I hate Mondays.' }],
  ['Wie ist die Stimmung in diesem Chat?', { source: 'conversation' }],
  ['Tonfall: Ich hasse Montage.', { text: 'Ich hasse Montage.' }],
  ['Quel est le ton de cette conversation ?', { source: 'conversation' }],
  ['¿Cuál es el tono de esta conversación?', { source: 'conversation' }],
])('%s', (text, values) => {
  expect(readSentimentRequest(text)).toEqual(values);
});

test.each(['the tone of Mozart', 'What is the sentiment of the market?', 'mood lighting for offices', 'Ton Steine Scherben', 'tonight we meet', 'sentimental music'])('%s is another question', (text) => {
  expect(readSentimentRequest(text)).toBeUndefined();
});
