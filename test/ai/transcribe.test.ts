import type { CallReport } from '../../ai/call';
import type { Gateway } from '../../ai/gateway';
import { soundTypeOf } from '../../ai/mediaType';
import { transcribe, type Recording } from '../../ai/transcribe';
import { diarized, heard, whispered, type Family } from '../helpers/fakeMediaModels';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { asker, openAIGateway } from '../helpers/openaiModel';
import { mp3Of, soundHeads, wavOf } from '../helpers/sampleMedia';

const never = new AbortController().signal;
let server: FakeModelServer;
beforeEach(async () => void (server = await startFakeModelServer()));
afterEach(() => server.close());

const gatewayTo = (model: string, family: Family): Gateway => {
  server.media.deploy(model, family);
  return openAIGateway({ service: { kind: 'azure', endpoint: server.url, deployment: model, apiKey: 'key' }, capability: 'transcribe', limits: { maxRetries: 0 } });
};
const recordingOf = (bytes: Uint8Array): Recording => ({ bytes, type: soundTypeOf(bytes) ?? { contentType: 'audio/wav', extension: 'wav' } });
const ask = (gateway: Gateway, bytes: Uint8Array = wavOf(1), reports: CallReport[] = []) =>
  transcribe(gateway, { asker, onReport: (report) => reports.push(report) }, recordingOf(bytes), never);

test('whisper is asked for times, and gives them', async () => {
  server.media.script('transcriptions', whispered([[0, 2.5, 'Good morning.'], [2.5, 61.25, 'We decided to wait.']]));
  await expect(ask(gatewayTo('whisper', 'whisper'))).resolves.toEqual({
    text: 'Good morning. We decided to wait.',
    durationMs: 61_250,
    segments: [{ startMs: 0, endMs: 2_500, text: 'Good morning.' }, { startMs: 2_500, endMs: 61_250, text: 'We decided to wait.' }],
  });
  expect(server.media.calls).toMatchObject([{ path: '/openai/v1/audio/transcriptions', body: { model: 'whisper', response_format: 'verbose_json' } }]);
});

test('a model that tells voices apart says who spoke', async () => {
  server.media.script('transcriptions', diarized([[0, 2, 'A', 'Shall we?'], [2, 4, 'B', 'Yes.']]));
  await expect(ask(gatewayTo('gpt-4o-transcribe-diarize', 'gpt-diarize'))).resolves.toMatchObject({ segments: [{ speaker: 'A' }, { speaker: 'B', text: 'Yes.' }], durationMs: 4_000 });
  expect(server.media.calls[0]?.body).toMatchObject({ response_format: 'diarized_json', chunking_strategy: 'auto' });
});

test('a model that gives the words alone is asked for no more', async () => {
  server.media.script('transcriptions', heard(' What is the budget? '));
  const reports: CallReport[] = [];
  await expect(ask(gatewayTo('gpt-4o-mini-transcribe', 'gpt-transcribe'), wavOf(1), reports)).resolves.toEqual({ text: 'What is the budget?', segments: [] });
  expect(server.media.calls.map(({ body }) => body['response_format'])).toEqual(['json']);
  expect(reports).toMatchObject([{ capability: 'transcribe', operation: 'transcript', outcome: 'stop', inputTokens: 30, outputTokens: 12, estimated: false }]);
});

test('a deployment whose name hides such a model is understood after one refusal, and from then on at once', async () => {
  const gateway = gatewayTo('our-ears', 'gpt-transcribe');
  server.media.script('transcriptions', heard('One.'), heard('Two.'));
  await expect(ask(gateway)).resolves.toMatchObject({ text: 'One.' });
  await expect(ask(gateway)).resolves.toMatchObject({ text: 'Two.' });
  expect(server.media.calls.map(({ body }) => body['response_format'])).toEqual(['verbose_json', 'json', 'json']);
});

test.each([
  ['flac', soundHeads.flac, 'audio/flac'], ['m4a', soundHeads.m4a, 'audio/mp4'], ['mp3', mp3Of(0.2), 'audio/mpeg'],
  ['ogg', soundHeads.ogg, 'audio/ogg'], ['wav', wavOf(0.2), 'audio/wav'], ['webm', soundHeads.webm, 'audio/webm'],
])('a recording goes out whole, under a name of ours that says what it is: %s', async (extension, bytes, type) => {
  server.media.script('transcriptions', heard('Yes.'));
  await ask(gatewayTo('gpt-4o-transcribe', 'gpt-transcribe'), bytes);
  expect(server.media.calls[0]?.file).toEqual({ name: `recording.${extension}`, type, bytes: new Uint8Array(bytes) });
});

test('what the service does not count is counted by its length', async () => {
  server.media.script('transcriptions', whispered([[0, 60, 'A minute of talk.']]));
  const reports: CallReport[] = [];
  await ask(gatewayTo('whisper', 'whisper'), wavOf(1), reports);
  expect(reports).toMatchObject([{ inputTokens: 600, estimated: true }]);
});

test('silence is an empty transcript', async () => {
  server.media.script('transcriptions', heard(''));
  await expect(ask(gatewayTo('gpt-4o-transcribe', 'gpt-transcribe'))).resolves.toEqual({ text: '', segments: [] });
});

test.each([[{ words: 'none' }], [{ text: 1 }]])('an answer that is no transcript is refused: %j', async (body) => {
  server.media.script('transcriptions', { kind: 'json', body });
  await expect(ask(gatewayTo('whisper', 'whisper'))).rejects.toMatchObject({ code: 'invalid-response' });
});

test('a refusal that is about something else is passed on', async () => {
  server.media.script('transcriptions', { kind: 'refusal', status: 400, body: { error: { message: 'The audio file could not be decoded.', param: 'file', code: 'invalid_value' } } });
  await expect(ask(gatewayTo('whisper', 'whisper'))).rejects.toMatchObject({ code: 'invalid-response' });
  expect(server.media.calls).toHaveLength(1);
});
