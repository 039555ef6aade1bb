import type { CodeRequest } from '../../ai/code';
import { languageOf, readCodeRequest } from '../../dialogs/codeRequest';
import { read, scriptedEngine, startConversation, type TestConversation } from '../helpers/conversation';

let user: TestConversation | undefined;
afterEach(async () => {
  await user?.close();
  user = undefined;
});

function coding(text = '```python\nprint("hi")\n```\nIt greets.', more: object = {}) {
  const asked: CodeRequest[] = [];
  const { engine } = scriptedEngine({
    writeCode: async (request, _signal, onText) => {
      asked.push(request);
      onText?.(() => text.slice(0, 20));
      return { text, ...more };
    },
  });
  return { engine, asked };
}

test.each(['write a Python function that greets', 'Schreibe eine Python-Funktion, die grüßt', 'Écris une fonction Python qui salue', 'Escribe una función en Python que salude'])(
  'plain words begin it: %s', async (text) => {
    const { engine, asked } = coding();
    user = await startConversation({ engine });
    const [shown] = await user.say(text);
    expect(shown?.text).toBe('```python\nprint("hi")\n```\nIt greets.');
    expect(asked).toMatchObject([{ text, codeLanguage: 'Python' }]);
    expect(JSON.stringify(shown?.entities)).toContain('AIGeneratedContent');
  },
);

test('the command and the button ask what it should do', async () => {
  const { engine, asked } = coding();
  user = await startConversation({ engine });
  expect(read(await user.say('code'))).toContain('What should the code do?');
  expect(read(await user.say('sort names, in Rust'))).toContain('print("hi")');
  expect(asked).toMatchObject([{ text: 'sort names, in Rust', codeLanguage: 'Rust' }]);
  await user.say('help');
  expect(read(await user.press('Cancel').catch(() => user?.say('code') ?? []))).toContain('What should the code do?');
});

test('a model may call it, and a long request is kept whole', async () => {
  const { engine, asked } = coding();
  const long = `Fix this code: ${'x = x + 1\n'.repeat(300)}`;
  user = await startConversation({ engine: { ...engine, converse: async () => ({ kind: 'skill', skill: 'code', arguments: { text: 'greet', language: 'Go' } }) } });
  expect(read(await user.say('something that greets would be nice'))).toContain('print("hi")');
  await user.say(long);
  expect(asked.map(({ text, codeLanguage }) => [text, codeLanguage])).toEqual([['greet', 'Go'], [long.trim(), undefined]]);
});

test('what was said before goes with the request', async () => {
  const { engine, asked } = coding();
  user = await startConversation({ engine });
  await user.say('write a Python function that greets');
  await user.say('write the same program in Go');
  expect(asked[1]).toMatchObject({ codeLanguage: 'Go', history: [{ role: 'user', text: 'write a Python function that greets' }, { role: 'assistant' }] });
});

test('code that came to the limit is called incomplete', async () => {
  user = await startConversation({ engine: coding('```js\nconst x = 1', { isCutOff: true }).engine });
  const [shown] = await user.say('write a JavaScript function');
  expect(shown?.text).toMatch(/^```js\nconst x = 1\n```\n\n\*\*This answer is incomplete\.\*\*/);
});

test('in Teams code that is longer than a message comes in parts, each whole and in fences', async () => {
  const lines = Array.from({ length: 4_000 }, (_, index) => `total_${index} = compute(${index}) # line ${index}`);
  user = await startConversation({ engine: coding(`\`\`\`python\n${lines.join('\n')}\n\`\`\`\nDone.`).engine, channel: 'group' });
  const shown = (await user.say('write a Python script')).filter(({ text }) => text);
  expect(shown.length).toBeGreaterThan(1);
  const codeLines = shown.flatMap(({ text }) => {
    const [, code = ''] = /^```python\n([\s\S]*?)\n```/.exec(String(text)) ?? [];
    return code.split('\n');
  });
  expect(codeLines).toEqual(lines);
});

test('without a model it says that one is needed', async () => {
  user = await startConversation();
  expect(read(await user.say('write a Python function that greets'))).toContain('Writing code needs an AI model');
});

test.each(['explain the dress code', 'write a summary', 'what is code?', 'show me the code of conduct', 'write an email to the class of 2020', 'make it shorter', 'Schreibe einen Brief', 'Explique-moi le projet', 'write a movie script about ants'])(
  '%s is no request for code', (text) => {
    expect(readCodeRequest(text)).toBeUndefined();
  },
);

test.each([['a C++ program', 'C++'], ['in C#', 'C#'], ['go home in Go', 'Go'], ['let it go', undefined], ['using R', 'R'], ['a TypeScript-Funktion', 'TypeScript'], ['javascript', 'javascript'], ['no language', undefined]])(
  'the language in %j is %s', (text, language) => {
    expect(languageOf(text).language).toBe(language);
  },
);

test('no message takes long to read', () => {
  const startedAt = performance.now();
  for (const text of ['write '.repeat(40), `write ${'a-'.repeat(100)}`, `code ${'function '.repeat(500)}`]) readCodeRequest(text);
  expect(performance.now() - startedAt).toBeLessThan(100);
});
