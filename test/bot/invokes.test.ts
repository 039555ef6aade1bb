import type { Database } from '../../state/database';
import { StateError } from '../../state/database';
import { createFloodGate } from '../../bot/flood';
import { createInvokes } from '../../bot/invokes';
import { wordsFor } from '../../cards/words';
import type { Engine } from '../../ai/engine';
import { startTurnHost, teamsMessage, type TurnHost } from '../helpers/turnHost';

let host: TurnHost;
beforeAll(async () => void (host = await startTurnHost(async () => undefined)));
afterAll(() => host.close());

const form = (action: string, values: object = {}) =>
  teamsMessage(host.teams.serviceUrl, 'a:1', '', { type: 'invoke', name: 'adaptiveCard/action', locale: 'de-DE', value: { action: { data: { parley: { action, values } } } } });
const accept = () => Promise.reject(new Error('Nothing here is to be a turn of its own.'));
const gate = createFloodGate({ person: Infinity, conversation: Infinity });
const onStore = (database: Partial<Database>) => createInvokes({ ...host.options, database: Object.assign(Object.create(host.database) as Database, database) }, gate, accept);
const { slow, unexpected } = wordsFor('de').host;

test('a form is answered within three seconds, whatever the store does', async () => {
  const startedAt = performance.now();
  const answer = await onStore({ query: () => new Promise(() => undefined) })(form('settings'));
  expect(answer).toEqual({ status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: slow } });
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test('a form that could not be kept is answered with a sentence', async () => {
  const answer = await onStore({ transaction: () => Promise.reject(new StateError('unavailable', 'The store is away.')) })(form('settings', { save: true, language: 'de' }));
  expect(answer).toEqual({ status: 200, body: expect.objectContaining({ value: unexpected }) });
});

test.each(['summarize', 'ask', 'translate', 'say', 'constructor'])('no model is called by a form: %s', async (action) => {
  const asked: string[] = [];
  const engine = new Proxy({} as Engine, { get: (_target, name) => (name === 'modelName' ? 'a-model' : () => asked.push(String(name))) });
  const answer = await createInvokes({ ...host.options, engineFor: () => engine }, gate, accept)(form(action, { text: 'hello', question: 'hello' }));
  expect(asked).toEqual([]);
  expect(answer).toEqual({ status: 200, body: expect.objectContaining({ value: wordsFor('de').host.staleCard }) });
});

test.each(['constructor', '__proto__', 'toString', 'task/fetch', undefined])('an invoke named %s is not offered', async (name) => {
  expect(await createInvokes(host.options, gate, accept)({ ...form('settings'), name })).toEqual({ status: 404 });
});
