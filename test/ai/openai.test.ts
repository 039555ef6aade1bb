import { AIError } from '../../ai/error';
import type { ModelRequest, ModelResult } from '../../ai/model';
import { createOpenAIModel, type OpenAIModelOptions } from '../helpers/openaiModel';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import {
  badGatewayPage, callTool, contextTooLong, createPace, deploymentNotFound, outOfQuota, promptFiltered, say, serverError, tooManyRequests,
  unauthorized, unsupportedParameter, type Script,
} from '../helpers/fakeModelScript';

const request: ModelRequest = { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello there' }], maxOutputTokens: 100 };
const schema = { name: 'thing', schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false } };
const never = new AbortController().signal;
const fast = { deadlineMs: 5_000, firstTokenMs: 2_000, idleMs: 1_000 };

let server: FakeModelServer;
beforeEach(async () => {
  server = await startFakeModelServer();
});
afterEach(() => server.close());

const azure = (limits: OpenAIModelOptions['limits'] = fast) =>
  createOpenAIModel({ service: { kind: 'azure', endpoint: server.url, deployment: 'parley-4', apiKey: 'k1' }, limits });
const compatible = () => createOpenAIModel({ service: { kind: 'openai', baseUrl: server.baseUrl, model: 'local' }, limits: fast });

async function readAll(model = azure(), wanted = request): Promise<{ text: string; result: ModelResult }> {
  let text = '';
  for await (const event of model.stream(wanted, never)) {
    if (event.type === 'done') return { text, result: event.result };
    text += event.text;
  }
  throw new Error('The stream had no end.');
}

const failureOf = async (work: Promise<unknown>): Promise<AIError> => {
  const error: unknown = await work.then(() => 'no error', (thrown: unknown) => thrown);
  if (error instanceof AIError) return error;
  throw new Error(`Not an AIError: ${String(error)}`);
};

test.each([['Azure', azure], ['a compatible server', compatible]])('completes and streams against %s', async (_name, create) => {
  server.script(say('Hi, how are you?'), say('Hi, how are you?'));
  const whole = await create().complete(request, never);
  const streamed = await readAll(create());
  expect(whole).toMatchObject({ text: 'Hi, how are you?', finishReason: 'stop', toolCalls: [], usage: { estimated: false } });
  expect(streamed.text).toBe('Hi, how are you?');
  expect(streamed.result).toEqual(whole);
});

test('sends the key as bearer token, and the deployment as model', async () => {
  server.script(say('ok'));
  await azure().complete(request, never);
  expect(server.calls[0]?.headers.authorization).toBe('Bearer k1');
  expect(server.calls[0]?.body).toMatchObject({ model: 'parley-4', max_completion_tokens: 100 });
  expect(server.calls[0]?.flavor).toBe('azure');
});

test('accepts an endpoint that already ends with /openai/v1', async () => {
  server.script(say('ok'));
  const model = createOpenAIModel({ service: { kind: 'azure', endpoint: `${server.url}/openai/v1`, deployment: 'd', apiKey: 'k' } });
  expect((await model.complete(request, never)).text).toBe('ok');
});

test("takes nothing from the SDK's own environment variables", async () => {
  const leaks = { OPENAI_BASE_URL: 'http://127.0.0.1:1/', OPENAI_API_KEY: 'leak', OPENAI_ADMIN_KEY: 'leak', OPENAI_ORG_ID: 'leak', OPENAI_PROJECT_ID: 'leak', OPENAI_CUSTOM_HEADERS: 'x-leak: leak\nauthorization: leak' };
  const before = process.env;
  process.env = { ...before, ...leaks };
  try {
    server.script(say('ok'));
    await compatible().complete(request, never);
  } finally {
    process.env = before;
  }
  expect(JSON.stringify(server.calls[0]?.headers)).not.toContain('leak');
});

test('asks for a token before each request, and passes its failure on', async () => {
  server.script(say('ok'));
  const tokens = ['t1'];
  const token = () => (tokens.length > 0 ? Promise.resolve(tokens.pop() ?? '') : Promise.reject(new AIError('unauthorized', 'No identity.')));
  const model = createOpenAIModel({ service: { kind: 'azure', endpoint: server.url, deployment: 'd', token }, limits: fast });
  await model.complete(request, never);
  expect(server.calls[0]?.headers.authorization).toBe('Bearer t1');
  expect(await failureOf(model.complete(request, never))).toMatchObject({ code: 'unauthorized', message: 'No identity.' });
});

test('counts tokens itself where the service does not', async () => {
  server.script(say('Twelve chars', { usage: false }));
  expect((await readAll()).result.usage).toEqual({ inputTokens: 6, outputTokens: 3, estimated: true });
});

test('gives tool calls with parsed arguments, whole and streamed', async () => {
  server.script(callTool('translate', { to: 'fr' }), callTool('translate', { to: 'fr' }, 'Just a moment'));
  const tools = [{ name: 'translate', description: 'Translates', parameters: { type: 'object', properties: { to: { type: 'string' } } } }];
  const expected = { finishReason: 'tool-calls', toolCalls: [{ id: 'call_0', name: 'translate', arguments: { to: 'fr' } }] };
  expect(await azure().complete({ ...request, tools }, never)).toMatchObject(expected);
  expect((await readAll(azure(), { ...request, tools })).result).toMatchObject({ ...expected, text: 'Just a moment' });
});

describe('faults', () => {
  const faults: readonly [string, Script, string, number][] = [
    ['an unknown deployment', deploymentNotFound(), 'unavailable', 1],
    ['a wrong key', unauthorized(), 'unauthorized', 1],
    ['a missing role', unauthorized(403), 'unauthorized', 1],
    ['a filtered prompt', promptFiltered(), 'content-filtered', 1],
    ['a filtered answer', say('Half of', { finishReason: 'content_filter' }), 'content-filtered', 1],
    ['a request too long', contextTooLong(), 'too-long', 1],
    ['no quota', outOfQuota(), 'rate-limited', 1],
    ['a pause of an hour', tooManyRequests({ 'retry-after': '3600' }), 'rate-limited', 1],
    ['a 500', serverError(500), 'unavailable', 2],
    ['a 503', serverError(503), 'unavailable', 2],
    ['an HTML page of a proxy', badGatewayPage(), 'unavailable', 2],
    ['a cut connection', { kind: 'drop' }, 'unavailable', 2],
    ['429 without a header', tooManyRequests(), 'rate-limited', 2],
    ['429 with retry-after-ms', tooManyRequests({ 'retry-after-ms': '5' }), 'rate-limited', 2],
  ];

  test.each(faults)('%s: code and number of attempts', async (_name, fault, code, attempts) => {
    for (const run of [() => azure().complete(request, never), () => readAll()]) {
      const before = server.calls.length;
      server.script(...Array.from({ length: attempts }, () => fault));
      expect((await failureOf(run())).code).toBe(code);
      expect(server.calls.length - before).toBe(attempts);
    }
  });

  test.each(faults.filter(([, , , attempts]) => attempts === 2))('%s: the second attempt succeeds', async (_name, fault) => {
    server.script(fault, say('There you are'), fault, say('There you are'));
    expect((await azure().complete(request, never)).text).toBe('There you are');
    expect((await readAll()).text).toBe('There you are');
  });

  test.each([
    ['stall', 'timeout'],
    ['cut', 'unavailable'],
    ['end', 'unavailable'],
    ['bad-json', 'invalid-response'],
    ['error-event', 'unavailable'],
  ] as const)('a stream that breaks in the middle (%s) fails as %s and is not asked again', async (how, code) => {
    server.script({ kind: 'broken', pieces: ['The answer', ' is'], how });
    const failure = await failureOf(readAll(azure({ ...fast, idleMs: 100 })));
    expect(failure.code).toBe(code);
    expect(server.calls).toHaveLength(1);
  });

  test('a stream that is filtered in the middle is an error, not a shorter answer', async () => {
    server.script(say('Half of it', { finishReason: 'content_filter' }));
    expect((await failureOf(readAll())).code).toBe('content-filtered');
  });

  test('a stream that ends before its first word is asked again', async () => {
    server.script({ kind: 'broken', pieces: [], how: 'end' }, say('Now it works'));
    expect((await readAll()).text).toBe('Now it works');
  });

  test('a service that hangs: the first-token limit ends a completion and a stream alike', async () => {
    server.script({ kind: 'hang' }, { kind: 'hang' });
    const patience = { ...fast, firstTokenMs: 50 };
    expect(await failureOf(azure(patience).complete(request, never))).toMatchObject({ code: 'timeout', message: expect.stringContaining('50 ms') });
    expect(await failureOf(readAll(azure(patience)))).toMatchObject({ code: 'timeout', message: expect.stringContaining('50 ms') });
  });

  test('the deadline holds over a stream that never pauses for long', async () => {
    const pace = createPace();
    const timer = setInterval(() => pace.release(1), 20);
    server.script(say('word '.repeat(500), { pace }));
    expect(await failureOf(readAll(azure({ ...fast, deadlineMs: 200 })))).toMatchObject({ code: 'timeout', message: expect.stringContaining('200 ms') });
    clearInterval(timer);
  });

  test('no retry is begun that would end after the deadline', async () => {
    server.script(tooManyRequests({ 'retry-after': '2' }));
    const failure = await failureOf(azure({ deadlineMs: 1_000 }).complete(request, never));
    expect(failure).toMatchObject({ code: 'rate-limited', retryAfterMs: 2_000 });
    expect(server.calls).toHaveLength(1);
  });

  test('the wish of the service is told: retry-after-ms before retry-after', async () => {
    server.script(tooManyRequests({ 'retry-after-ms': '25000', 'retry-after': '3600' }));
    expect((await failureOf(azure().complete(request, never))).retryAfterMs).toBe(25_000);
  });

  test('an abort by the caller ends the call at once', async () => {
    server.script({ kind: 'hang' });
    const caller = new AbortController();
    const work = failureOf(azure().complete(request, caller.signal));
    setTimeout(() => caller.abort(new Error('stopped')), 20);
    expect(await work).toMatchObject({ code: 'timeout', cause: new Error('stopped') });
  });

  test('a server that is not there is unavailable, and the message names the model and the reason', async () => {
    const gone = await startFakeModelServer();
    await gone.close();
    const model = createOpenAIModel({ service: { kind: 'openai', baseUrl: gone.baseUrl, model: 'local' }, limits: { ...fast, maxRetries: 0 } });
    expect(await failureOf(model.complete(request, never))).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/"local".*ECONNREFUSED/) });
  });

  test("no error tells the vendor's words, which may echo what people wrote", async () => {
    server.script({ kind: 'refusal', status: 400, body: { error: { message: 'Invalid value: "my secret"', code: 'invalid_value', param: 'messages' } } });
    const failure = await failureOf(azure().complete(request, never));
    expect(failure.code).toBe('invalid-response');
    expect(JSON.stringify([failure.message, failure.cause])).not.toContain('secret');
  });
});

describe('services that understand less', () => {
  test.each([
    ['max_completion_tokens', { max_tokens: 100 }],
    ['temperature', { max_completion_tokens: 4_100 }],
  ])('learns that %s is refused, and remembers it', async (param, expected) => {
    server.script(unsupportedParameter(param), say('one'), say('two'));
    const model = azure();
    const precise = { ...request, temperature: 0 };
    expect((await model.complete(precise, never)).text).toBe('one');
    expect((await model.complete(precise, never)).text).toBe('two');
    expect(server.calls).toHaveLength(3);
    expect(server.calls[2]?.body).toMatchObject(expected);
    expect(Object.keys(server.calls[2]?.body ?? {})).not.toContain(param);
  });

  test('reads the name of the parameter from the message where the service gives none', async () => {
    const message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    server.script({ kind: 'refusal', status: 400, body: { error: { message } } }, say('ok'));
    await compatible().complete(request, never);
    expect(server.calls.map(({ body }) => [body['max_tokens'], body['max_completion_tokens']])).toEqual([[100, undefined], [undefined, 100]]);
  });

  test('a stream without stream_options still counts', async () => {
    server.script(unsupportedParameter('stream_options'), say('Twelve chars'));
    expect((await readAll()).result).toMatchObject({ text: 'Twelve chars', usage: { estimated: true } });
  });

  test('asks for JSON in ever simpler ways', async () => {
    server.script(unsupportedParameter('response_format'), unsupportedParameter('response_format'), say('```json\n{"a":1}\n```'));
    expect((await compatible().complete({ ...request, schema }, never)).json).toEqual({ a: 1 });
    expect(server.calls.map(({ body }) => body.response_format?.type)).toEqual(['json_schema', 'json_object', undefined]);
    expect(server.calls[2]?.body.messages.at(-1)?.content).toContain('"additionalProperties":false');
  });

  test('a refusal that no change mends ends, whatever is named', async () => {
    server.answerWith(() => unsupportedParameter('temperature'));
    expect((await failureOf(azure().complete({ ...request, temperature: 0 }, never))).code).toBe('invalid-response');
    expect(server.calls).toHaveLength(2);
  });
});

describe('JSON', () => {
  test('asks once more for what is not JSON', async () => {
    server.script(say('{"a": 1'), say('{"a": 1}'));
    expect((await azure().complete({ ...request, schema }, never)).json).toEqual({ a: 1 });
    expect(server.calls[1]?.body.messages.at(-2)).toMatchObject({ role: 'assistant', content: '{"a": 1' });
  });

  test('gives up after one repair', async () => {
    server.script(say('no'), say('no'));
    expect((await failureOf(azure().complete({ ...request, schema }, never))).code).toBe('invalid-response');
  });

  test('does not read JSON that was cut at the limit, even where it parses', async () => {
    server.script(say('{"a": 1}', { finishReason: 'length' }));
    expect((await failureOf(azure().complete({ ...request, schema }, never))).code).toBe('invalid-response');
    expect(server.calls).toHaveLength(1);
  });
});
