import { namedFences, writeCode, type CodeRequest } from '../../ai/code';
import type { Model } from '../../ai/model';
import { promptBudget } from '../../ai/promptBudget';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { contextTooLong, say } from '../helpers/fakeModelScript';
import { createOpenAIModel } from '../helpers/openaiModel';

const never = new AbortController().signal;
const wanted: CodeRequest = { text: 'Reverse a list', history: [], language: 'de' };
let server: FakeModelServer;
let model: Model;
beforeEach(async () => {
  server = await startFakeModelServer();
  model = createOpenAIModel({ service: { kind: 'azure', endpoint: server.url, deployment: 'd', apiKey: 'k' } });
});
afterEach(() => server.close());

test('streams a growing text whose fences name their language', async () => {
  server.script(say('```\nxs[::-1]\n```\nThat turns it round.'));
  const shown: string[] = [];
  const answer = await writeCode(model, { ...wanted, codeLanguage: 'Python' }, promptBudget(), never, (textSoFar) => shown.push(textSoFar()));
  expect(answer).toEqual({ text: '```python\nxs[::-1]\n```\nThat turns it round.' });
  expect(shown.at(-1)).toBe(answer.text);
  expect(server.calls[0]?.body.messages.at(-1)?.content).toBe('Reverse a list\n\n(Python)');
  expect(server.calls[0]?.body.messages[0]?.content).toMatch(/German/);
});

test('code that is cut off at the limit says so', async () => {
  server.script(say('```js\nconst x', { finishReason: 'length' }));
  expect(await writeCode(model, wanted, promptBudget(), never)).toEqual({ text: '```js\nconst x', isCutOff: true });
});

test('sees what was said before, as much as fits', async () => {
  server.script(say('```js\n1\n```'));
  const history = Array.from({ length: 3_000 }, (_, index) => ({ role: 'user' as const, text: `message ${index}` }));
  await writeCode(model, { ...wanted, history, notes: 'They use React.' }, { history: 500, notes: 100, sources: 0, output: 100 }, never);
  const messages = server.calls[0]?.body.messages ?? [];
  expect(messages[1]?.content).toBe('{"notes":"They use React."}');
  expect(messages.at(-2)?.content).toBe('message 2999');
  expect(messages.length).toBeLessThan(80);
});

test('a service that takes less gets less, once', async () => {
  server.script(contextTooLong(), say('```js\n1\n```'));
  const history = Array.from({ length: 500 }, (_, index) => ({ role: 'user' as const, text: `message ${index} ${'word '.repeat(30)}` }));
  expect(await writeCode(model, { ...wanted, history, notes: 'Much.' }, promptBudget(), never)).toEqual({ text: '```js\n1\n```' });
  const [first, second] = server.calls.map(({ body }) => JSON.stringify(body.messages).length);
  expect(second!).toBeLessThan(first! / 3);
});

test('nothing at all is no answer', async () => {
  server.script(say(' \n '));
  await expect(writeCode(model, wanted, promptBudget(), never)).rejects.toMatchObject({ code: 'invalid-response' });
});

test.each([
  ['a fence without a language gets the one that was asked for', '```\na\n```', 'C#', '```c#\na\n```'],
  ['one that names its language keeps it', '```ts\na\n```', 'C#', '```ts\na\n```'],
  ['without a wish it is text', '```\na\n```', undefined, '```text\na\n```'],
  ['a closing fence stays bare', '~~~~\n```\n~~~~\n```\nx\n```', 'go', '~~~~go\n```\n~~~~\n```go\nx\n```'],
  ['a language with spaces or signs is none', '```\na\n```', 'java` script', '```text\na\n```'],
  ['an open fence is named too', 'Here:\n```\na', 'rust', 'Here:\n```rust\na'],
])('%s', (_name, text, language, expected) => {
  expect(namedFences(text, language)).toBe(expected);
});

test('a text that grows is named the same all along', () => {
  const whole = 'Look:\n```\na\n```\nand\n```js\nb\n```';
  const final = namedFences(whole, 'python');
  for (let end = 0; end <= whole.length; end += 1) {
    const lines = namedFences(whole.slice(0, end), 'python').split('\n').slice(0, -1); // the last line is not finished
    expect(final.split('\n').slice(0, lines.length)).toEqual(lines);
  }
});
