import type { ModelRequest } from '../../ai/model';
import { promptBudget } from '../../ai/promptBudget';
import { say, unsupportedParameter, type Script } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer, type ModelCall } from '../helpers/fakeModelServer';
import { createOpenAIModel, openAIGateway } from '../helpers/openaiModel';

const request: ModelRequest = { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello there' }], maxOutputTokens: 100, temperature: 0 };
const schema = { name: 'thing', schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false } };
const never = new AbortController().signal;

let server: FakeModelServer;
beforeEach(async () => {
  server = await startFakeModelServer();
});
afterEach(() => server.close());

const local = () => ({ service: { kind: 'openai', baseUrl: server.baseUrl, model: 'local' } }) as const;
const refuse = (status: number, error: object | string): Script => ({ kind: 'refusal', status, body: { error } });

/** What each server does that others do not: from their sources and issues. */
const servers: Readonly<Record<string, (call: ModelCall) => Script>> = {
  // Knows json_schema and json_object, counts only when asked, says 404 for a model that is not pulled.
  Ollama: ({ body }) => (body.model === 'local' ? answer(body) : refuse(404, { message: `model "${body.model}" not found, try pulling it first`, type: 'api_error', param: null, code: null })),
  // Errors carry numbers as codes; a request that is too long has a type and counts of its own.
  'llama.cpp': ({ body }) => (isLong(body)
    ? refuse(400, { code: 400, message: 'the request exceeds the available context size, try increasing it', type: 'exceed_context_size_error', n_prompt_tokens: 9_000, n_ctx: 4_096 })
    : answer(body)),
  // Errors are objects with a number as code and without innererror; max_tokens is its name for the limit.
  vLLM: ({ body }) => (isLong(body)
    ? refuse(400, { message: "This model's maximum context length is 4096 tokens. However, you requested 9100 tokens.", type: 'BadRequestError', param: null, code: 400 })
    : answer(body)),
  // Takes only json_schema or text, and answers some errors with a sentence in place of an object.
  'LM Studio': ({ body }) => {
    if (isLong(body)) return refuse(400, 'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens');
    return body.response_format?.type === 'json_object' ? refuse(400, "'response_format.type' must be 'json_schema' or 'text'") : answer(body);
  },
};

const isLong = (body: ModelCall['body']): boolean => JSON.stringify(body.messages).length > 20_000;
const answer = (body: ModelCall['body']): Script => say(body.response_format ? '{"a":1}' : 'Hi', { usage: body['stream_options'] !== undefined });

describe.each(Object.entries(servers))('%s', (name, behave) => {
  beforeEach(() => server.answerWith(behave));

  test('is asked without a key, with the limit by its old name, and counts', async () => {
    const result = await createOpenAIModel(local()).complete(request, never);
    expect(result).toMatchObject({ text: 'Hi', usage: { estimated: false } });
    expect(server.calls[0]).toMatchObject({ flavor: 'openai', headers: { authorization: 'Bearer none' }, body: { max_tokens: 100, temperature: 0 } });
    expect(server.calls[0]?.body['max_completion_tokens']).toBeUndefined();
  });

  test('gives JSON of a schema', async () => {
    expect((await createOpenAIModel(local()).complete({ ...request, schema }, never)).json).toEqual({ a: 1 });
    expect(server.calls).toHaveLength(1);
  });

  test('what is too long for it is told as that', async () => {
    const long = { ...request, messages: [{ role: 'user' as const, content: 'word '.repeat(5_000) }] };
    const asked = createOpenAIModel(local()).complete(long, never);
    if (name === 'Ollama') expect((await asked).text).toBe('Hi'); // it reads the end only, and says nothing of it: the budget below keeps requests short
    else await expect(asked).rejects.toMatchObject({ code: 'too-long' });
  });
});

test('a model that Ollama has not pulled is unavailable', async () => {
  server.answerWith(servers['Ollama'] ?? (() => say('')));
  const model = createOpenAIModel({ service: { kind: 'openai', baseUrl: server.baseUrl, model: 'missing' } });
  await expect(model.complete(request, never)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a server that knows no schema, and none of the other ways, is asked in words', async () => {
  server.script(refuse(400, { message: 'json_schema is not supported', code: 400 }), refuse(422, { message: 'response_format: unknown variant' }), say('```json\n{"a":1}\n```'));
  expect((await createOpenAIModel(local()).complete({ ...request, schema }, never)).json).toEqual({ a: 1 });
  expect(server.calls.map(({ body }) => body.response_format?.type)).toEqual(['json_schema', 'json_object', undefined]);
});

test('a server that knows no stream_options is counted here', async () => {
  server.script(unsupportedParameter('stream_options'), say('Twelve chars'));
  expect((await createOpenAIModel(local()).complete(request, never)).usage).toEqual({ inputTokens: 6, outputTokens: 3, estimated: true });
});

test('its context is taken for small unless the settings say more, and requests fit it', () => {
  const gateway = openAIGateway(local());
  expect(gateway.contextTokens('chat')).toBe(4_096);
  const { history, notes, sources, output } = promptBudget(gateway.contextTokens('chat'));
  expect(history + notes + sources + output).toBeLessThan(4_096);
  expect(openAIGateway({ service: { kind: 'azure', endpoint: server.url, deployment: 'd', apiKey: 'k' } }).contextTokens('chat')).toBeUndefined();
});
