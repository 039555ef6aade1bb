import { startFakeModelServer } from '../helpers/fakeModelServer';
import { callTool, say, type Script } from '../helpers/fakeModelScript';
import { chatChunkProblem, chatResponseProblem } from '../helpers/openaiSpec';

const good = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const post = (url: string, body: object) =>
  fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer k' }, body: JSON.stringify(body) });

test.each<[string, object]>([
  ['a parameter that does not exist', { ...good, maximum_tokens: 3 }],
  ['a wrong type', { ...good, temperature: '0' }],
  ['no messages', { model: 'm', messages: [] }],
  ['an unknown role', { model: 'm', messages: [{ role: 'robot', content: 'hi' }] }],
])('objects to %s, and close() fails', async (_name, body) => {
  const server = await startFakeModelServer();
  server.script(say('never said'));
  expect((await post(server.url, body)).status).toBe(500);
  await expect(server.close()).rejects.toThrow('Not a chat completions request');
});

test('objects to a call that nobody scripted', async () => {
  const server = await startFakeModelServer();
  expect((await post(server.url, good)).status).toBe(500);
  await expect(server.close()).rejects.toThrow('Nobody scripted');
});

test.each<[string, Script]>([['text', say('Hello you')], ['tool calls', callTool('skill', { a: 1 }, 'wait')]])('answers with %s as the published schema says', async (_name, script) => {
  const server = await startFakeModelServer();
  server.script(script, script);
  const whole: unknown = await (await post(server.url, good)).json();
  expect(chatResponseProblem(whole)).toBeUndefined();
  const stream = await (await post(server.url, { ...good, stream: true, stream_options: { include_usage: true } })).text();
  const chunks = stream.split('\n\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)) as unknown);
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.map(chatChunkProblem).filter(Boolean)).toEqual([]);
  await server.close();
});

const bearer = { authorization: 'Bearer k' };
const response = { model: 'm', input: [{ role: 'user', content: 'hi' }], stream: true, store: false };

test.each<[string, string, Record<string, string>, object, string]>([
  ['a parameter of another API', '/openai/v1/responses', bearer, { ...response, max_tokens: 3 }, 'Not a responses request'],
  ['a completion without a prompt', '/openai/v1/completions', bearer, { model: 'm', stream: true }, 'Not a completions request'],
  ['an api-version that the v1 API does not know', '/openai/v1/responses?api-version=2024-10-21', bearer, response, 'There is no POST'],
  ['a path with a deployment and no api-version', '/openai/deployments/d/chat/completions', bearer, good, 'There is no POST'],
  ['responses below a deployment', '/openai/deployments/d/responses?api-version=2025-04-01-preview', bearer, response, 'There is no POST'],
  ['a key in the header of the v1 API', '/openai/deployments/d/chat/completions?api-version=2024-10-21', {}, good, 'neither a token nor an api-key'],
])('objects to %s', async (_name, path, headers, body, objection) => {
  const server = await startFakeModelServer();
  server.script(say('never said'));
  expect((await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(500);
  await expect(server.close()).rejects.toThrow(objection);
});
