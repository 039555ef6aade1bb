import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { say, sayJson } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { startPlayground, type Playground, type PlaygroundMessage } from '../helpers/playground';

const screenshots = join(__dirname, '../screenshots/playground');
mkdirSync(screenshots, { recursive: true });

let model: FakeModelServer;
let parley: Parley;
let playground: Playground;

beforeAll(async () => {
  model = await startFakeModelServer();
  parley = await startParley({ model: { server: model, as: 'openai' } });
  playground = await startPlayground({ botUrl: `${parley.url}/api/messages`, scope: 'personal' });
  playground.page.setDefaultTimeout(10_000);
});
afterAll(async () => {
  await playground.close();
  await parley.close();
  await model.close();
});

const has = (words: string) => (message: PlaygroundMessage): boolean => `${message.text} ${JSON.stringify(message.attachments)}`.includes(words);
const photograph = (name: string): Promise<void> => playground.screenshot(join(screenshots, `${name}.png`));

test('in the Playground code comes in a fence that names its language', async () => {
  model.script(say('```\ndef greet(name):\n    print(f"Hello, {name}!")\n```\nIt greets.'));
  await playground.send('write a Python function that greets');
  const { text } = await playground.waitForBotMessage(({ text: shown }) => shown.endsWith('It greets.'), 20_000);
  expect(text).toBe('```python\ndef greet(name):\n    print(f"Hello, {name}!")\n```\nIt greets.');
  await playground.page.getByText('AI-generated code, which nobody has run').last().waitFor();
  await photograph('code');
});

test('in the Playground the tone of a text comes with its sentences', async () => {
  model.script(sayJson({ overall: 'positive', sentences: [{ messageId: 'm1', quote: 'I love the new page!', tone: 'positive' }] }));
  await playground.send('tone: I love the new page! Thank you all for the work.');
  await playground.waitForBotMessage(has('Sentences that carry the tone'), 20_000);
  await playground.page.getByText('Sentences that carry the tone').last().waitFor();
  await photograph('tone');
});

test('in the Playground what was told before is found again', async () => {
  model.script(say('I will keep that in mind.'));
  await playground.send('My cat is called Momo and she likes fish.');
  await playground.waitForBotMessage(has('I will keep that in mind.'), 20_000);
  model.script(say('Your cat is called Momo [1].'));
  await playground.send('What did I tell you about my cat?');
  await playground.waitForBotMessage(has('Your cat is called Momo'), 20_000);
  await playground.page.getByText('This conversation').last().waitFor();
  await photograph('recalled');
});
