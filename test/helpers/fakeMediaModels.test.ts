import { diarized, drawn, flagging, heard, unflagged, whispered, type MediaCall, type MediaScript } from './fakeMediaModels';
import { startFakeModelServer } from './fakeModelServer';
import { imageResponseProblem, moderationResponseProblem, transcriptResponseProblem } from './openaiSpec';
import { pngOf, wavOf } from './sampleMedia';

const call = (kind: MediaCall['kind'], body: MediaCall['body']): MediaCall => ({ kind, path: '', body });
const bodyOf = (script: MediaScript): unknown => ('body' in script ? script.body : undefined);

test('its answers are what the specification says', () => {
  expect(imageResponseProblem(bodyOf(drawn(call('images', { prompt: 'a cat', size: '1536x1024', n: 2 }))))).toBeUndefined();
  expect(transcriptResponseProblem(bodyOf(whispered([[0, 1, 'Yes.']])), 'VerboseJson')).toBeUndefined();
  expect(transcriptResponseProblem(bodyOf(diarized([[0, 1, 'A', 'Yes.']])), 'DiarizedJson')).toBeUndefined();
  expect(transcriptResponseProblem(bodyOf(heard('Yes.')), 'Json')).toBeUndefined();
  expect(moderationResponseProblem(bodyOf(unflagged(call('moderations', { input: 'good' }))))).toBeUndefined();
  expect(moderationResponseProblem(bodyOf(flagging('bad')(call('moderations', { input: ['good', 'bad'] }))))).toBeUndefined();
});

const form = (fields: Readonly<Record<string, string>>, file?: File): FormData => {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  if (file) made.append('file', file);
  return made;
};
const recording = new File([new Uint8Array(wavOf(0.1))], 'recording.wav');

test.each<[string, string, object | FormData, RegExp]>([
  ['a picture without a description', 'images/generations', { model: 'm' }, /must have required property 'prompt'/],
  ['eleven pictures', 'images/generations', { prompt: 'a cat', n: 11 }, /n must be <= 10/],
  ['a quality that there is not', 'images/generations', { prompt: 'a cat', quality: 'superb' }, /quality/],
  ['a parameter that there is not', 'images/generations', { prompt: 'a cat', shape: 'wide' }, /unevaluated/],
  ['speech without a voice', 'audio/speech', { model: 'm', input: 'Hello' }, /must have required property 'voice'/],
  ['speech that is too long', 'audio/speech', { model: 'm', input: 'x'.repeat(4_097), voice: 'alloy' }, /input/],
  ['speech in a form that there is not', 'audio/speech', { model: 'm', input: 'Hello', voice: 'alloy', response_format: 'ogg' }, /response_format/],
  ['moderation of nothing', 'moderations', { model: 'm' }, /must have required property 'input'/],
  ['moderation of a number', 'moderations', { input: 4 }, /input/],
  ['a recording without a file', 'audio/transcriptions', form({ model: 'm' }), /must have required property 'file'/],
  ['a recording without a model', 'audio/transcriptions', form({}, recording), /must have required property 'model'/],
  ['a recording with a field that there is not', 'audio/transcriptions', form({ model: 'm', tone: 'kind' }, recording), /additional properties/],
  ['a transcript in a form that there is not', 'audio/transcriptions', form({ model: 'm', response_format: 'xml' }, recording), /response_format/],
  ['a recording that is a picture', 'audio/transcriptions', form({ model: 'm' }, new File([new Uint8Array(pngOf(2, 2))], 'recording.wav')), /is no recording/],
  ['a recording without an ending in its name', 'audio/transcriptions', form({ model: 'm' }, new File([new Uint8Array(wavOf(0.1))], 'recording')), /is named recording/],
])('%s is an offence', async (_name, path, sent, offence) => {
  const server = await startFakeModelServer();
  const isForm = sent instanceof FormData;
  const response = await fetch(`${server.baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', ...(!isForm && { 'content-type': 'application/json' }) },
    body: isForm ? sent : JSON.stringify(sent),
  });
  expect(response.status).toBe(500);
  expect(server.violations).toEqual([expect.stringMatching(offence)]);
  await expect(server.close()).rejects.toThrow(offence);
});

test('a request without a key is an offence', async () => {
  const server = await startFakeModelServer();
  await fetch(`${server.baseUrl}audio/speech`, { method: 'POST', body: JSON.stringify({ model: 'm', input: 'Hello', voice: 'alloy' }) });
  await expect(server.close()).rejects.toThrow('neither a bearer token nor a key');
});
