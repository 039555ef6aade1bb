import { draw, type DrawRequest, type FetchImage } from '../../ai/images';
import type { CallReport } from '../../ai/call';
import type { Gateway } from '../../ai/gateway';
import type { Family } from '../helpers/fakeMediaModels';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { asker, openAIGateway } from '../helpers/openaiModel';
import { pngOf } from '../helpers/sampleMedia';

const never = new AbortController().signal;
let server: FakeModelServer;
beforeEach(async () => void (server = await startFakeModelServer()));
afterEach(() => server.close());

const gatewayTo = (model: string, family: Family): Gateway => {
  server.media.deploy(model, family);
  return openAIGateway({ service: { kind: 'openai', baseUrl: server.baseUrl, apiKey: 'key', model }, capability: 'images', limits: { maxRetries: 0 } });
};
const ask = (gateway: Gateway, request: Partial<DrawRequest> = {}, fetchImage?: FetchImage, reports: CallReport[] = []) =>
  draw(gateway, { asker, onReport: (report) => reports.push(report) }, { prompt: 'a lighthouse', ...request }, fetchImage, never);
const bodies = () => server.media.calls.map(({ body }) => body);
const png = pngOf(4, 4).toString('base64');
const answered = (...data: object[]) => ({ kind: 'json' as const, body: { created: 1, data } });
const refused = (code: string, more: object = {}) => ({ kind: 'refusal' as const, status: 400, body: { error: { code, message: 'Your request was rejected.', ...more } } });

test.each<[Family, string, DrawRequest, object]>([
  ['gpt-image', 'gpt-image-1', { prompt: 'a lighthouse' }, { size: '1024x1024', output_format: 'jpeg', output_compression: 90 }],
  ['gpt-image', 'gpt-image-1', { prompt: 'a lighthouse', shape: 'wide', quality: 'high', style: 'vivid' }, { size: '1536x1024', quality: 'high', output_format: 'jpeg', output_compression: 90 }],
  ['gpt-image', 'gpt-image-1', { prompt: 'a lighthouse', shape: 'tall', quality: 'draft', count: 3 }, { size: '1024x1536', quality: 'low', n: 3, output_format: 'jpeg', output_compression: 90 }],
  ['dall-e-3', 'Dalle3', { prompt: 'a lighthouse', shape: 'wide', quality: 'high', style: 'natural' }, { size: '1792x1024', quality: 'hd', style: 'natural', response_format: 'b64_json' }],
  ['dall-e-2', 'dall-e-2', { prompt: 'a lighthouse', shape: 'wide', quality: 'high', count: 2 }, { size: '1024x1024', n: 2, response_format: 'b64_json' }],
])('%s is asked in its own words (%s)', async (family, model, request, parameters) => {
  const drawings = await ask(gatewayTo(model, family), request);
  expect(bodies()).toEqual([{ model, prompt: 'a lighthouse', ...parameters }]);
  expect(drawings).toHaveLength(request.count ?? 1);
  expect(drawings[0]).toMatchObject({ contentType: 'image/png' });
});

test('DALL-E 3 draws one picture at a time', async () => {
  await expect(ask(gatewayTo('dall-e-3', 'dall-e-3'), { count: 2 })).resolves.toHaveLength(2);
  expect(bodies()).toHaveLength(2);
});

test.each<[Family, number]>([['dall-e-3', 2], ['dall-e-2', 3], ['plain-images', 4]])('a deployment whose name hides %s is understood after its refusals, and from then on at once', async (family, requests) => {
  const gateway = gatewayTo('our-pictures', family);
  await expect(ask(gateway, { quality: 'high', style: 'vivid' })).resolves.toHaveLength(1);
  expect(server.media.calls).toHaveLength(1 + requests - 1);
  await ask(gateway, { quality: 'high', style: 'vivid' });
  expect(server.media.calls).toHaveLength(requests + 1);
});

test('reports what the picture cost, and counts where the service does not', async () => {
  const reports: CallReport[] = [];
  const gateway = gatewayTo('gpt-image-1', 'gpt-image');
  await ask(gateway, {}, undefined, reports);
  server.media.script('images', answered({ b64_json: png }));
  await ask(gateway, {}, undefined, reports);
  expect(reports).toMatchObject([
    { capability: 'images', operation: 'image', outcome: 'stop', inputTokens: 20, outputTokens: 1_056, estimated: false },
    { outcome: 'stop', outputTokens: 1_600, estimated: true },
  ]);
});

test('what the service made of the description comes along', async () => {
  server.media.script('images', answered({ b64_json: png, revised_prompt: 'A tall lighthouse in evening light' }));
  await expect(ask(gatewayTo('dall-e-3', 'dall-e-3'))).resolves.toMatchObject([{ revisedPrompt: 'A tall lighthouse in evening light' }]);
});

test.each([
  ['content_policy_violation', {}],
  ['moderation_blocked', {}],
  ['contentFilter', {}],
  ['content_policy_violation', { innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_results: { violence: { filtered: true, severity: 'high' } } } }],
])('a description that the filter stops (%s) is not asked again', async (code, more) => {
  server.media.script('images', refused(code, more));
  await expect(ask(gatewayTo('our-pictures', 'gpt-image'))).rejects.toMatchObject({ code: 'content-filtered', isOnPrompt: true });
  expect(server.media.calls).toHaveLength(1);
});

test('a picture that the filter stops is not shown, and the verdict is kept', async () => {
  server.media.script('images', answered({ b64_json: png, content_filter_results: { sexual: { filtered: true, severity: 'medium' } } }));
  const reports: CallReport[] = [];
  await expect(ask(gatewayTo('dall-e-3', 'dall-e-3'), {}, undefined, reports)).rejects.toMatchObject({ code: 'content-filtered', isOnPrompt: false });
  expect(reports).toMatchObject([{ outcome: 'content-filtered', filters: [{ on: 'answer', category: 'sexual', isFiltered: true, severity: 'medium' }] }]);
});

test('a picture behind an address is fetched as the host says, with a limit', async () => {
  const asked: unknown[] = [];
  server.media.script('images', answered({ url: 'https://pictures.blob.core.windows.net/one.png' }));
  const drawings = await ask(gatewayTo('dall-e-3', 'dall-e-3'), {}, async (url, maxBytes) => {
    asked.push([url, maxBytes]);
    return pngOf(3, 3);
  });
  expect(asked).toEqual([['https://pictures.blob.core.windows.net/one.png', 10 * 1024 * 1024]]);
  expect(drawings).toMatchObject([{ contentType: 'image/png' }]);
});

test.each([
  ['is no picture', { b64_json: Buffer.from('<svg onload="alert(1)"/>').toString('base64') }],
  ['is larger than ten megabytes', { b64_json: 'A'.repeat(14_500_000) }],
  ['is missing', {}],
  ['has an address where nothing is fetched', { url: 'https://pictures.example/one.png' }],
])('an answer whose picture %s is refused', async (_name, data) => {
  server.media.script('images', answered(data));
  await expect(ask(gatewayTo('gpt-image-1', 'gpt-image'))).rejects.toMatchObject({ code: 'invalid-response' });
});

test.each([[{ data: 'none' }], [{ data: [] }], [{}]])('an answer that is no list of pictures is refused: %j', async (body) => {
  server.media.script('images', { kind: 'json', body });
  await expect(ask(gatewayTo('gpt-image-1', 'gpt-image'))).rejects.toMatchObject({ code: 'invalid-response' });
});
