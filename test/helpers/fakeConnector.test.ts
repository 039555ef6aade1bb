import { startFakeConnector, type FakeConnector, type FakeConnectorOptions } from './fakeConnector';

let teams: FakeConnector;
let nowMs = 0;

async function start(options: FakeConnectorOptions = {}): Promise<void> {
  teams = await startFakeConnector({ now: () => nowMs, ...options });
  teams.open({ id: 'chat' });
}

beforeEach(() => start());
afterEach(() => teams.close());

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: string; readonly error?: { readonly code: string; readonly message: string } };
}

async function post(activity: unknown, conversationId = 'chat'): Promise<Answer> {
  const response = await fetch(`${teams.serviceUrl}v3/conversations/${conversationId}/activities`, { method: 'POST', body: JSON.stringify(activity) });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const message = (parts: Readonly<Record<string, unknown>> = {}) => ({ type: 'message', text: 'As decided [1]', ...parts });
const root = { type: 'https://schema.org/Message', '@type': 'Message', '@context': 'https://schema.org', '@id': '' };
const cite = (position: number, appearance: unknown = { name: 'Minutes' }) => ({ '@type': 'Claim', position, appearance });
const stream = (info: Readonly<Record<string, unknown>>, parts: Readonly<Record<string, unknown>> = {}) => ({
  type: 'typing',
  text: 'One',
  entities: [{ type: 'streaminfo', streamType: 'streaming', ...info }],
  ...parts,
});

test.each<[string, unknown]>([
  ['no type', { text: 'Hello' }],
  ['another conversation', message({ conversation: { id: 'other' } })],
  ['an entity without a type', message({ entities: [{ name: 'x' }] })],
  ['two root message entities', message({ entities: [root, root] })],
  ['a root message entity that is not of schema.org', message({ entities: [{ type: root.type }] })],
  ['21 citations', message({ entities: [{ ...root, citation: Array.from({ length: 21 }, () => cite(1)) }] })],
  ['an empty appearance', message({ entities: [{ ...root, citation: [cite(1, {})] }] })],
  ['a citation that the text does not have', message({ entities: [{ ...root, citation: [cite(2)] }] })],
  ['a long abstract', message({ entities: [{ ...root, citation: [cite(1, { name: 'x', abstract: 'x'.repeat(161) })] }] })],
  ['four keywords', message({ entities: [{ ...root, citation: [cite(1, { name: 'x', keywords: ['a', 'b', 'c', 'd'] })] }] })],
  ['a label that the message does not have', message({ entities: [{ ...root, citation: [cite(1, { name: 'x', usageInfo: { '@id': 's1' } })] }] })],
  ['a card as text', message({ attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: '{}' }] })],
  ['a stream that starts with 2', stream({ streamSequence: 2 })],
  ['a stream that starts without text', stream({ streamSequence: 1 }, { text: '' })],
  ['a first chunk that is a message', stream({ streamSequence: 1 }, { type: 'message' })],
  ['a first chunk that is final', stream({ streamType: 'final' }, { type: 'message' })],
  ['a chunk with an attachment', stream({ streamSequence: 1 }, { attachments: [{ contentType: 'image/png' }] })],
  ['a chunk with feedback', stream({ streamSequence: 1 }, { channelData: { feedbackLoop: { type: 'default' } } })],
  ['informative text over 1,000 characters', stream({ streamType: 'informative', streamSequence: 1 }, { text: 'x'.repeat(1_001) })],
  ['a final chunk with a sequence', stream({ streamType: 'final', streamId: '1', streamSequence: 3 }, { type: 'message' })],
])('a body with %s is a bad request', async (_what, activity) => {
  await expect(post(activity)).resolves.toMatchObject({ status: 400, body: { error: { code: 'BadRequest' } } });
  expect(teams.activities('chat')).toEqual([]);
});

test.each<[string, unknown]>([
  ['citations and labels', message({ entities: [{ ...root, usageInfo: { '@id': 's1' }, citation: [cite(1, { name: 'x', usageInfo: { '@id': 's1' } })] }] })],
  ['an adaptive card', message({ attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.5', body: [] } }] })],
  ['50,000 characters', message({ text: 'x'.repeat(50_000) })],
])('a message with %s is taken', async (_what, activity) => {
  await expect(post(activity)).resolves.toMatchObject({ status: 201, body: { id: expect.any(String) } });
});

test('typing is not a message', async () => {
  await expect(post({ type: 'typing' })).resolves.toMatchObject({ status: 201 });
  expect(teams.activities('chat')).toEqual([]);
});

test('an unknown conversation is not found', async () => {
  await expect(post(message(), 'nowhere')).resolves.toMatchObject({ status: 404, body: { error: { code: 'ConversationNotFound' } } });
});

describe('a running stream', () => {
  let streamId = '';
  beforeEach(async () => {
    streamId = (await post(stream({ streamSequence: 1 }))).body.id ?? '';
  });

  const next = (streamSequence: number, text: string): Promise<Answer> => post(stream({ streamSequence, streamId }, { text }));
  const final = (text: string): Promise<Answer> => post({ type: 'message', text, entities: [{ type: 'streaminfo', streamType: 'final', streamId }] });

  test('takes longer text and its end', async () => {
    await expect(next(2, 'One two')).resolves.toEqual({ status: 202, body: {} });
    await expect(final('One two three')).resolves.toEqual({ status: 202, body: {} });
    expect(teams.activities('chat')).toMatchObject([{ id: streamId, type: 'message', text: 'One two three' }]);
  });

  test.each([['comes again', 1], ['leaves one out', 3]])('drops a chunk whose number %s', async (_what, number) => {
    await expect(next(number, 'One two')).resolves.toMatchObject({ status: 202, body: { error: { code: 'ContentStreamSequenceOrderPreConditionFailed' } } });
    expect(teams.activities('chat')).toMatchObject([{ text: 'One' }]);
    await expect(next(2, 'One two')).resolves.toEqual({ status: 202, body: {} });
  });

  test('refuses a chunk that is too large', async () => {
    await expect(next(2, `One ${'x'.repeat(60_000)}`)).resolves.toMatchObject({ status: 403, body: { error: { code: 'ContentStreamNotAllowed', message: 'Message size too large' } } });
  });

  test('refuses text that takes back what was said', async () => {
    await expect(next(2, 'Two')).resolves.toMatchObject({ status: 403, body: { error: { message: 'Request streamed content should contain the previously streamed content' } } });
    await expect(final('Two')).resolves.toMatchObject({ status: 403 });
  });

  test('refuses a second stream beside it', async () => {
    await expect(post(stream({ streamSequence: 1 }))).resolves.toMatchObject({ status: 403, body: { error: { code: 'ContentStreamNotAllowed' } } });
  });

  test('refuses more after its end', async () => {
    await final('One.');
    await expect(next(2, 'One. Two')).resolves.toMatchObject({ status: 403, body: { error: { message: 'Content stream is not allowed on an already completed streamed message' } } });
  });

  test('ends after two minutes, and its message can still be updated', async () => {
    nowMs += 120_001;
    await expect(next(2, 'One two')).resolves.toMatchObject({ status: 403, body: { error: { message: 'Content stream finished due to exceeded streaming time.' } } });
    const update = await fetch(`${teams.serviceUrl}v3/conversations/chat/activities/${streamId}`, { method: 'PUT', body: JSON.stringify(message({ text: 'Whole' })) });
    expect(update.status).toBe(200);
    expect(teams.activities('chat')).toMatchObject([{ text: 'Whole' }]);
  });
});

test('chunks that come too fast are slowed down', async () => {
  await teams.close();
  await start({ minChunkIntervalMs: 1_000 });
  const { body } = await post(stream({ streamSequence: 1 }));
  await expect(post(stream({ streamSequence: 2, streamId: body.id }))).resolves.toMatchObject({ status: 429 });
  nowMs += 1_000;
  await expect(post(stream({ streamSequence: 2, streamId: body.id }))).resolves.toMatchObject({ status: 202 });
});

test('waiting for what never comes fails', async () => {
  await expect(teams.waitFor(() => teams.requests.length > 0, 20)).rejects.toThrow('did not show within 20 ms');
});
