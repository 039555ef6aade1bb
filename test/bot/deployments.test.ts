import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadConfig, type Environment } from '../../bot/config';
import { createEngines } from '../../bot/model';
import { pino } from 'pino';
import { say } from '../helpers/fakeModelScript';
import { startFakeModelServer } from '../helpers/fakeModelServer';
import { asker } from '../helpers/openaiModel';
import { temporaryFolder } from '../helpers/temporaryFolder';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const azure = { endpoint: 'https://east.openai.azure.com', deployment: 'gpt' };

function load(table: unknown, env: Environment = {}) {
  const file = join(folder.path, 'deployments.json');
  writeFileSync(file, typeof table === 'string' ? table : JSON.stringify(table));
  return loadConfig({ DEPLOYMENTS_FILE: file, ...env });
}

function problemsOf(table: unknown, env?: Environment): readonly string[] {
  try {
    load(table, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('a table of deployments is read with all its fields, and what is left out has its usual value', () => {
  const { deployments, warnings } = load({
    chat: [
      { ...azure, name: 'provisioned', region: 'swedencentral', api: 'responses', apiVersion: '2025-04-01-preview', contextTokens: 200_000, limits: { requestsPerMinute: 300, concurrent: 20 }, priority: 0, weight: 3, startsWithinSeconds: 20 },
      { model: 'gpt-5-mini', credential: { keyFrom: 'KEY_OF_OPENAI' } },
      { baseUrl: 'http://localhost:11434/v1/', model: 'llama3.2' },
    ],
    embeddings: [{ ...azure, deployment: 'small', credential: 'entra' }],
  }, { KEY_OF_OPENAI: 'sk-1234' });
  const [provisioned, openAI, local] = deployments.chat ?? [];
  expect(provisioned).toEqual({
    name: 'provisioned', region: 'swedencentral', api: 'responses', access: { kind: 'entra' }, contextTokens: 200_000, priority: 0, weight: 3, startsWithinMs: 20_000,
    place: { kind: 'azure', endpoint: 'https://east.openai.azure.com', deployment: 'gpt', apiVersion: '2025-04-01-preview' },
    limits: { requestsPerMinute: 300, tokensPerMinute: Infinity, concurrent: 20 },
  });
  expect(openAI).toMatchObject({ name: 'gpt-5-mini', access: { kind: 'key', key: 'sk-1234' }, api: 'chat-completions', priority: 1, weight: 1 });
  expect(local).toMatchObject({ name: 'llama3.2', access: { kind: 'none' }, contextTokens: 4_096, place: { baseUrl: 'http://localhost:11434/v1' } });
  expect(deployments.embeddings).toMatchObject([{ name: 'small' }]);
  expect(warnings).toEqual([]);
});

test.each<[string, unknown, RegExp]>([
  ['something other than JSON', '{"chat": [', /must be JSON/],
  ['a list', [], /must be JSON|object of lists/],
  ['a capability that there is none', { chat: [azure], paint: [azure] }, /must not have "paint": the lists are chat, code/],
  ['an empty list', { chat: [] }, /chat must be a list/],
  ['no chat', { images: [azure] }, /chat is missing/],
  ['a key', { chat: [{ ...azure, apiKey: 'hunter2hunter2' }] }, /chat\[0\] must not have "apiKey".*keyFrom/],
  ['a credential that is none', { chat: [{ ...azure, credential: 'hunter2' }] }, /chat\[0\]\.credential must be/],
  ['a variable that is not set', { chat: [{ ...azure, credential: { keyFrom: 'NOWHERE' } }] }, /chat\[0\]\.credential names NOWHERE.*Set/],
  ['two services in one', { chat: [{ ...azure, model: 'gpt' }] }, /chat\[0\] must have endpoint and deployment/],
  ['no service', { chat: [{ name: 'x' }] }, /chat\[0\] must have endpoint and deployment/],
  ['no deployment', { chat: [{ endpoint: azure.endpoint }] }, /chat\[0\]\.deployment is missing/],
  ['no model', { chat: [{ baseUrl: 'http://localhost:1/v1' }] }, /chat\[0\]\.model is missing/],
  ['OpenAI without a key', { chat: [{ model: 'gpt' }] }, /chat\[0\]\.credential must be {"keyFrom"/],
  ['OpenAI with Entra ID', { chat: [{ baseUrl: 'http://localhost:1/v1', model: 'gpt', credential: 'entra' }] }, /Entra ID is for Azure/],
  ['Azure without anything', { chat: [{ ...azure, credential: 'none' }] }, /chat\[0\]\.credential must be "entra"/],
  ['an address without encryption', { chat: [{ ...azure, endpoint: 'http://east.openai.azure.com' }] }, /https:\/\//],
  ['an API that there is none', { chat: [{ ...azure, api: 'assistants' }] }, /chat\[0\]\.api must be one of/],
  ['an API for what does not chat', { chat: [azure], images: [{ ...azure, api: 'responses' }] }, /images\[0\]\.api must be left out/],
  ['a version that is none', { chat: [{ ...azure, apiVersion: 'newest' }] }, /chat\[0\]\.apiVersion must be/],
  ['a limit of nothing', { chat: [{ ...azure, limits: { concurrent: 0 } }] }, /chat\[0\]\.limits\.concurrent must be more than 0/],
  ['a tiny context', { chat: [{ ...azure, contextTokens: 10 }] }, /contextTokens must be 2000/],
  ['one name twice', { chat: [{ ...azure, name: 'a' }, { ...azure, name: 'a', deployment: 'b' }] }, /chat\[1\] must have a name of its own/],
])('%s is refused, with its place and the mend, and without a secret', (_name, table, sentence) => {
  const problems = problemsOf(table);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(sentence);
  expect(problems[0]).toMatch(/^DEPLOYMENTS_FILE: .*(must|Set)/);
  expect(problems.join()).not.toContain('hunter2');
});

test('every problem is told at once, beside those of other settings', () => {
  expect(problemsOf({ chat: [{ ...azure, priority: -1, weight: 0 }, { api: 'x' }] }, { PORT: 'x' })).toHaveLength(4);
  expect(problemsOf({ chat: [azure] }, { AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com' }).join()).toContain('Keep the file');
});

test('each capability asks its own deployment, and the others that of chat', async () => {
  const [east, west] = await Promise.all([startFakeModelServer(), startFakeModelServer()]);
  const keyed = { credential: { keyFrom: 'KEY' } };
  const config = load({ chat: [{ endpoint: east.url, deployment: 'gpt', ...keyed }], translate: [{ endpoint: west.url, deployment: 'fine-tuned', ...keyed }] }, { KEY: 'k1k2k3' });
  const engine = createEngines(config, { log: pino({ level: 'silent' }) }).engineFor(asker);
  west.script(say('{"from":"en","segments":[{"id":0,"text":"Hallo"}]}'));
  east.script(say('Hello.'));
  const { signal } = new AbortController();
  expect(await engine.translate('Hello', 'de', signal)).toMatchObject({ text: 'Hallo' });
  expect(await engine.converse({ text: 'Hi', history: [], threads: [], language: 'en', skills: [] }, signal)).toMatchObject({ text: 'Hello.' });
  expect([east, west].map(({ calls }) => calls.map(({ body }) => body.model))).toEqual([['gpt'], ['fine-tuned']]);
  await Promise.all([east.close(), west.close()]);
});
