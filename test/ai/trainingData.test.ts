import { checkTrainingData } from '../../ai/trainingData';

const user = { role: 'user', content: 'What do roses need?' };
const assistant = { role: 'assistant', content: 'Water.' };
const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"query":"roses"}' } };
const check = (...messages: readonly object[]) => checkTrainingData(JSON.stringify({ messages })).problems.map(({ code }) => code);

test.each([
  ['a question and its answer', [user, assistant]],
  ['a system message first', [{ role: 'system', content: 'Be brief.' }, user, assistant]],
  ['a tool that is asked and answers', [user, { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1', content: 'water' }, assistant]],
  ['a call as the last word', [user, { role: 'assistant', content: null, tool_calls: [call] }]],
  ['weights', [user, { ...assistant, weight: 0 }, user, { ...assistant, weight: 1 }]],
])('%s is good', (_what, messages) => {
  expect(check(...messages)).toEqual([]);
});

test.each([
  ['an unknown role', [{ role: 'human', content: 'x' }, assistant], ['role']],
  ['no content', [{ role: 'user', content: '  ' }, assistant], ['content']],
  ['content of another type', [{ role: 'user', content: 7 }, assistant], ['content']],
  ['a name with blanks', [{ ...user, name: 'Ada King' }, assistant], ['name']],
  ['a question last', [assistant, user], ['last']],
  ['no question', [assistant], ['no-user']],
  ['a system message in the middle', [user, { role: 'system', content: 'x' }, assistant], ['order']],
  ['arguments that are no JSON', [user, { role: 'assistant', tool_calls: [{ ...call, function: { name: 'a', arguments: '{' } }] }], ['tool-call']],
  ['arguments that are a list', [user, { role: 'assistant', tool_calls: [{ ...call, function: { name: 'a', arguments: '[]' } }] }], ['tool-call']],
  ['calls of a user', [{ ...user, tool_calls: [call] }, assistant], ['tool-call', 'tool-answer']],
  ['a call without its answer', [user, { role: 'assistant', tool_calls: [call] }, user, assistant], ['tool-answer']],
  ['an answer to nothing', [user, { role: 'tool', tool_call_id: 'call_9', content: 'x' }, assistant], ['tool-answer']],
  ['weight on a question', [{ ...user, weight: 1 }, assistant], ['weight']],
  ['an answer without weight', [user, { ...assistant, weight: 0 }], ['weight']],
  ['a weight between', [user, { ...assistant, weight: 0.5 }], ['weight']],
  ['an unknown field', [{ ...user, mood: 'good' }, assistant], ['unknown-field']],
])('%s is a problem', (_what, messages, codes) => {
  expect(check(...messages)).toEqual(codes);
});

test.each([['nothing of JSON', '{'], ['a list', '[]'], ['no messages', '{"prompt":"x","completion":"y"}'], ['an empty list', '{"messages":[]}'], ['text for messages', '{"messages":"hello"}'], ['null', 'null']])('a line with %s is a problem, and says where', (_what, line) => {
  const good = JSON.stringify({ messages: [user, assistant] });
  expect(checkTrainingData(`${good}\n\n${line}\n`).problems).toEqual([expect.objectContaining({ line: 3, code: expect.stringMatching(/not-json|no-messages/) })]);
});

test('ten examples are enough, repetitions are told, and tokens are counted', () => {
  const line = (index: number): string => JSON.stringify({ messages: [{ role: 'user', content: `Question ${index}` }, assistant] });
  const lines = Array.from({ length: 9 }, (_, index) => line(index));
  expect(checkTrainingData(lines.join('\n')).hasEnough).toBe(false);
  const check = checkTrainingData([...lines, line(3)].join('\r\n'));
  expect(check).toMatchObject({ examples: 10, hasEnough: true, problems: [], duplicates: [{ line: 10, first: 4 }] });
  expect(check.tokens.total).toBeGreaterThan(10 * 9);
  expect(check.tokens.total).toBeLessThan(10 * 25);
  expect(check.tokens.largest).toBeGreaterThanOrEqual(check.tokens.average);
});

test('an example that training would cut off is a problem', () => {
  const text = JSON.stringify({ messages: [{ role: 'user', content: 'word '.repeat(1_000) }, assistant] });
  expect(checkTrainingData(text, 1_000).problems).toEqual([expect.objectContaining({ code: 'too-long' })]);
  expect(checkTrainingData(text).problems).toEqual([]);
});

test('a thousand examples that are wrong in every way throw nothing', () => {
  const values: readonly unknown[] = [null, 0, '', [], {}, { messages: [null] }, { messages: [[]] }, { messages: [{ role: null }] }, { messages: [{ role: 'user', content: { a: 1 } }] }, { messages: [{ role: 'assistant', tool_calls: [null] }], tools: 'x' }, { messages: [user, assistant], __proto__: { x: 1 }, constructor: 1 }];
  const text = Array.from({ length: 1_000 }, (_, index) => JSON.stringify(values[index % values.length])).join('\n');
  expect(checkTrainingData(text).problems.length).toBeGreaterThanOrEqual(1_000);
});
