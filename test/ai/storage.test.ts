import { say, unsupportedParameter } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { createOpenAIModel, type OpenAIModelOptions } from '../helpers/openaiModel';

let server: FakeModelServer;
beforeAll(async () => {
  server = await startFakeModelServer();
});
beforeEach(() => server.answerWith(() => say('Good.')));
afterAll(() => server.close());

const azure = (): OpenAIModelOptions['service'] => ({ kind: 'azure', endpoint: server.url, deployment: 'gpt', apiKey: 'key' });
const storeOf = (): unknown => server.calls.at(-1)?.body['store'];
const ask = async (service: OpenAIModelOptions['service']): Promise<void> => {
  await createOpenAIModel({ service }).complete({ messages: [{ role: 'user', content: 'Well?' }], maxOutputTokens: 20 }, new AbortController().signal);
};

test('a service that would keep what it is asked is told not to', async () => {
  await ask(azure());
  expect(storeOf()).toBe(false);
});

test('a local server, which keeps nothing, gets no word that it may not know', async () => {
  await ask({ kind: 'openai', baseUrl: server.baseUrl, model: 'local' });
  expect(storeOf()).toBeUndefined();
});

test.each(['store', ''])('a version that has no such word is asked without it (parameter "%s" named)', async (param) => {
  server.answerWith(({ body }) => ('store' in body ? unsupportedParameter(param, 'Unrecognized request argument supplied: store') : say('Good.')));
  await ask(azure());
  expect(storeOf()).toBeUndefined();
});
