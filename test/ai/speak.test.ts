import type { CallReport } from '../../ai/call';
import { moderate } from '../../ai/moderate';
import { speak } from '../../ai/speak';
import { flagging } from '../helpers/fakeMediaModels';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { asker, openAIGateway } from '../helpers/openaiModel';
import { wavOf } from '../helpers/sampleMedia';

const never = new AbortController().signal;
let server: FakeModelServer;
let reports: CallReport[];
beforeEach(async () => {
  server = await startFakeModelServer();
  reports = [];
});
afterEach(() => server.close());

const origin = { asker, onReport: (report: CallReport) => void reports.push(report) };
const gatewayFor = (capability: 'speak' | 'moderate') => openAIGateway({ service: { kind: 'openai', baseUrl: server.baseUrl, apiKey: 'key', model: 'voice' }, capability, limits: { maxRetries: 0 } });

test('a text is spoken as MP3 in the voice of the settings, and its cost is estimated', async () => {
  const speech = await speak(gatewayFor('speak'), origin, 'Good morning.', 'coral', never);
  expect(speech.contentType).toBe('audio/mpeg');
  expect(speech.bytes.length).toBeGreaterThan(1_000);
  expect(server.media.calls.map(({ body }) => body)).toEqual([{ model: 'voice', input: 'Good morning.', voice: 'coral', response_format: 'mp3' }]);
  expect(reports).toMatchObject([{ capability: 'speak', operation: 'speech', outcome: 'stop', estimated: true }]);
});

test('a server that speaks in a form of its own is understood by its bytes', async () => {
  server.media.script('speech', { kind: 'bytes', type: 'audio/mpeg', bytes: wavOf(0.5) });
  await expect(speak(gatewayFor('speak'), origin, 'Hello.', 'alloy', never)).resolves.toMatchObject({ contentType: 'audio/wav' });
});

test('what is no recording is refused', async () => {
  server.media.script('speech', { kind: 'bytes', type: 'text/html', bytes: Buffer.from('<html><body>Bad gateway</body></html>') });
  await expect(speak(gatewayFor('speak'), origin, 'Hello.', 'alloy', never)).rejects.toMatchObject({ code: 'invalid-response' });
});

test('a long text is judged in all its parts, in one request, and what was found is reported', async () => {
  server.media.answerWith('moderations', flagging('poison'));
  await expect(moderate(gatewayFor('moderate'), origin, `${'good '.repeat(4_000)}poison`, 'answer', never)).resolves.toEqual({ isFlagged: true, categories: ['hate'] });
  expect(server.media.calls).toHaveLength(1);
  expect(reports).toMatchObject([{ capability: 'moderate', outcome: 'stop', filters: [{ on: 'answer', category: 'hate', isFiltered: true }] }]);
  await expect(moderate(gatewayFor('moderate'), origin, 'good', 'prompt', never)).resolves.toEqual({ isFlagged: false, categories: [] });
});

test.each([[{ results: [] }], [{}], [{ results: [{ flagged: false, categories: {} }, { flagged: false, categories: {} }] }]])('moderation that does not judge what it was given is no moderation: %j', async (body) => {
  server.media.script('moderations', { kind: 'json', body });
  await expect(moderate(gatewayFor('moderate'), origin, 'good', 'answer', never)).rejects.toMatchObject({ code: 'invalid-response' });
});
