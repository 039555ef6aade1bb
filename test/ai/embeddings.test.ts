import { embed, similarity } from '../../ai/embeddings';
import { createGateway, type Gateway } from '../../ai/gateway';
import type { CallReport } from '../../ai/call';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { fakeEmbeddings } from '../helpers/fakeEmbeddings';
import { embeddingResponseProblem } from '../helpers/openaiSpec';
import { asker, openAIGateway } from '../helpers/openaiModel';

const never = new AbortController().signal;
let server: FakeModelServer;
let gateway: Gateway;
beforeEach(async () => {
  server = await startFakeModelServer();
  gateway = openAIGateway({ service: { kind: 'azure', endpoint: server.url, deployment: 'small', apiKey: 'k' }, capability: 'embeddings', limits: { maxRetries: 0 } });
});
afterEach(() => server.close());

const ask = (texts: readonly string[], onReport?: (report: CallReport) => void) => embed(gateway, { asker, ...(onReport && { onReport }) }, texts, never);

test('what means the same is near, and what does not is far', async () => {
  const [car, automobile, soup] = await ask(['my car is red', 'my automobile is red', 'onion soup']);
  expect(similarity(car!, automobile!)).toBeGreaterThan(0.95);
  expect(similarity(car!, soup!)).toBeLessThan(0.2);
});

test('asks for floats, in the words of the specification, and reports what it used', async () => {
  const reports: CallReport[] = [];
  await ask(['one', 'two'], (report) => reports.push(report));
  expect(server.embeddingCalls).toEqual([{ model: 'small', input: ['one', 'two'], encoding_format: 'float' }]);
  expect(reports).toMatchObject([{ capability: 'embeddings', operation: 'embed', outcome: 'stop', inputTokens: 2, estimated: false }]);
  expect(embeddingResponseProblem(fakeEmbeddings(server.embeddingCalls[0]!))).toBeUndefined();
});

test('a very long text counts by its beginning, and an empty one is sent as a space', async () => {
  await ask(['x'.repeat(50_000), '']);
  expect(server.embeddingCalls[0]?.input.map(({ length }) => length)).toEqual([8_000, 1]);
});

test('vectors come in the order of the texts, whatever the order of the answer', async () => {
  server.answerEmbeddingsWith((call) => {
    const answer = fakeEmbeddings(call) as { data: unknown[] };
    return { ...answer, data: answer.data.toReversed() };
  });
  const [one, two] = await ask(['onion soup', 'red car']);
  const [again] = await ask(['red car']);
  expect(similarity(two!, again!)).toBeGreaterThan(0.99);
  expect(similarity(one!, again!)).toBeLessThan(0.2);
});

test.each([
  ['one is missing', [{ index: 0, embedding: [1, 2] }]],
  ['widths differ', [{ index: 0, embedding: [1, 2] }, { index: 1, embedding: [1, 2, 3] }]],
  ['they are base64', [{ index: 0, embedding: 'AACAPw==' }, { index: 1, embedding: 'AACAPw==' }]],
  ['they are empty', [{ index: 0, embedding: [] }, { index: 1, embedding: [] }]],
])('an answer in which %s is refused', async (_name, data) => {
  server.answerEmbeddingsWith(() => ({ object: 'list', model: 'small', data, usage: { prompt_tokens: 1, total_tokens: 1 } }));
  await expect(ask(['a', 'b'])).rejects.toMatchObject({ code: 'invalid-response' });
});

test('vectors of different models have nothing in common', () => {
  expect(similarity(new Uint8Array([127, 0]), new Uint8Array([127, 0, 0]))).toBe(0);
});

test('without a deployment it is not offered', async () => {
  await expect(embed(createGateway({ deployments: {} }), { asker }, ['a'], never)).rejects.toMatchObject({ code: 'not-offered' });
});
