import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, loadConfig, type Environment } from '../../bot/config';
import { openDatabase } from '../../state/openDatabase';
import { callTool } from '../helpers/fakeModelScript';
import { likeAModel } from '../helpers/fakeModelBehavior';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import type { TeamsChat } from '../helpers/teamsChat';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { score } from './scorecard';

type Part = Readonly<Record<string, unknown>>;

/** What is put beside the properties that belong there. Parsed JSON has `__proto__` as a property like any other. */
const poisons: readonly string[] = [
  '{"__proto__":{"polluted":true}}',
  '{"__proto__":{"toString":"x","isAdmin":true,"length":-1}}',
  '{"__proto__":null}',
  '{"__proto__":["polluted"]}',
  '{"__proto__":{"__proto__":{"polluted":true}}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"constructor":"polluted","prototype":{"polluted":true}}',
  '{"hasOwnProperty":"polluted","toString":1,"valueOf":{},"toJSON":"x","then":"x"}',
  '{"__defineGetter__":"polluted","__lookupSetter__":1,"__proto__.polluted":true}',
  '{"constructor.prototype.polluted":true,"[__proto__]":{"polluted":true},"__proto__[polluted]":true}',
];

const poisoned = (part: Part, poison: string): Part => ({ ...part, ...(JSON.parse(poison) as Part) });

const guarded = [Object, Array, Function, String, Number, Promise, Map, Error].map((type) => type.prototype as object);

/** Everything that every object inherits. */
const snapshot = (): readonly (readonly unknown[])[] => guarded.map((prototype) =>
  Reflect.ownKeys(prototype).flatMap((name) => [name, ...Object.values(Object.getOwnPropertyDescriptor(prototype, name) ?? {}) as unknown[]]));

const folder = temporaryFolder();
const databaseFile = join(folder.path, 'row25.db');
let model: FakeModelServer;
let parley: Parley;
const before = snapshot();
let changes = 0;
let payloads = 0;

beforeAll(async () => {
  model = await startFakeModelServer();
  model.behaveLikeAModel();
  parley = await startParley({ model: { server: model, as: 'openai' }, databaseFile });
});
afterAll(async () => {
  await parley.close();
  await model.close();
  folder.remove();
});

/** One payload: does its work, and looks whether anything is not as it was. */
async function payload(work: () => unknown): Promise<void> {
  payloads += 1;
  await work();
  if (!same(before, snapshot()) || 'polluted' in {} || 'isAdmin' in {}) changes += 1;
}

const same = (one: readonly (readonly unknown[])[], other: readonly (readonly unknown[])[]): boolean =>
  one.every((values, index) => values.length === other[index]?.length && values.every((value, at) => Object.is(value, other[index]?.[at])));

const statuses: number[] = [];

/** Posts what Teams would never send, in a conversation of its own; every second time with the name written in another way. */
async function post(make: (chat: TeamsChat) => Part): Promise<void> {
  const chat = parley.teamsChat();
  const text = JSON.stringify(make(chat));
  const body = payloads % 2 === 0 ? text : text.replaceAll('"__proto__"', '"\\u005f_pr\\u006fto__"');
  const response = await fetch(`${parley.url}/api/messages`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  await response.arrayBuffer();
  statuses.push(response.status);
  await chat.settled();
}

/** The places of an activity that an outsider fills. */
const places: readonly ((activity: Part, poison: string) => Part)[] = [
  (activity, poison) => poisoned(activity, poison),
  ...['from', 'recipient', 'conversation', 'channelData'].map((name) => (activity: Part, poison: string) => ({ ...activity, [name]: poisoned(activity[name] as Part, poison) })),
  (activity, poison) => ({ ...activity, entities: [poisoned({ type: 'mention', mentioned: poisoned({ id: '28:bot' }, poison), text: '<at>Parley</at>' }, poison)] }),
  (activity, poison) => ({ ...activity, attachments: [poisoned({ contentType: 'text/html', content: 'x' }, poison)] }),
  (activity, poison) => ({ ...activity, attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: poisoned({ type: 'AdaptiveCard', body: [poisoned({ type: 'TextBlock' }, poison)] }, poison) }] }),
];

async function bodies(): Promise<void> {
  for (const place of places) for (const poison of poisons) await payload(() => post((chat) => place(chat.activity('message', { text: 'help' }), poison)));
}

const submitted = (action: string, values: Part = {}): Part => ({ parley: { action, values } });

const cardValues: readonly ((poison: string) => Part)[] = [
  (poison) => poisoned(submitted('settings'), poison),
  (poison) => ({ parley: poisoned({ action: 'settings', values: {} }, poison) }),
  (poison) => submitted('translate', poisoned({ text: 'Guten Tag', language: 'en' }, poison)),
  (poison) => ({ ...submitted('summarize'), deep: { deeper: [poisoned({}, poison)] } }),
];

async function cards(): Promise<void> {
  for (const value of cardValues) for (const poison of poisons) await payload(() => post((chat) => chat.activity('message', { value: value(poison) })));
  const action = (poison: string): Part => ({ action: { type: 'Action.Execute', data: poisoned(submitted('saveSettings', poisoned({ language: 'de' }, poison)), poison) } });
  for (const poison of poisons) await payload(() => post((chat) => chat.activity('invoke', { name: 'adaptiveCard/action', value: action(poison) })));
}

/** What a tool call and structured answers of a model hold beside what they should. */
async function modelAnswers(): Promise<void> {
  for (const poison of poisons) {
    const chat = parley.teamsChat();
    await payload(async () => {
      model.script(callTool('translate', poisoned({ text: 'Good morning', language: 'German' }, poison)));
      await chat.say('please put this into German: Good morning');
    });
    for (const ask of ['translate to German: Good morning', 'summarize:\nAda: We decided to paint it blue.\nBen: I will buy the paint tomorrow.']) {
      await payload(async () => {
        model.answerWith((call) => {
          const script = likeAModel(call);
          return script.kind === 'text' && script.text.startsWith('{') ? { ...script, text: JSON.stringify(poisonAll(JSON.parse(script.text), poison)) } : script;
        });
        await chat.say(ask);
      });
    }
    model.behaveLikeAModel();
  }
}

/** Beside the properties of every object in a value. */
function poisonAll(value: unknown, poison: string): unknown {
  if (Array.isArray(value)) return value.map((each) => poisonAll(each, poison));
  if (typeof value !== 'object' || value === null) return value;
  return poisoned(Object.fromEntries(Object.entries(value).map(([name, each]) => [name, poisonAll(each, poison)])), poison);
}

/** Conversations in the middle of a dialog, whose documents and settings somebody changed in the store. */
async function stored(): Promise<void> {
  const chats = [];
  for (let index = 0; index < poisons.length; index += 1) {
    const chat = parley.teamsChat();
    await chat.say('translate');
    chats.push(chat.id);
  }
  await parley.stop();
  await poisonStore();
  parley = await startParley({ model: { server: model, as: 'openai' }, databaseFile });
  for (const id of chats) {
    const chat = parley.teamsChat({ id: parley.teams.open({ id, type: 'personal' }) });
    for (const words of ['help', 'settings', 'translate to German: Good morning']) {
      await payload(async () => expect(wordsOf(await chat.say(words))).not.toBe(''));
    }
  }
}

async function poisonStore(): Promise<void> {
  const database = await openDatabase(databaseFile);
  const documents = await database.query<{ conversation_key: string; document: string }>("SELECT conversation_key, document FROM conversations WHERE document LIKE '%dialogStack%'");
  expect(documents.length).toBeGreaterThanOrEqual(poisons.length);
  for (const [index, { conversation_key: key, document }] of documents.entries()) {
    const changed = JSON.stringify(poisonAll(JSON.parse(document), poisons[index % poisons.length] ?? ''));
    await database.execute('UPDATE conversations SET document = ? WHERE conversation_key = ?', [changed, key]);
  }
  await database.execute('UPDATE users SET settings = ?', [JSON.stringify(poisonAll({ language: 'en' }, poisons[0] ?? ''))]);
  await database.close();
}

/** Names that every object has, set in the environment. */
async function settings(): Promise<void> {
  for (const poison of poisons) {
    await payload(() => {
      const values = Object.entries(poisoned({ PORT: '0', ALLOWED_TENANTS: '__proto__', MicrosoftAppType: 'constructor' }, poison));
      const env: Environment = Object.fromEntries(values.map(([name, value]) => [name, JSON.stringify(value)])); // an environment has strings alone
      expect(() => loadConfig(env)).toThrow(ConfigError);
    });
  }
}

test('row 25: two hundred payloads that reach for prototypes, in bodies, cards, the store, a model\'s JSON and the settings, change nothing', async () => {
  const startedAt = performance.now();
  await bodies();
  await cards();
  await modelAnswers();
  await stored();
  await settings();
  const control = wordsOf(await parley.teamsChat({ id: parley.teams.open({ id: randomUUID(), type: 'personal' }) }).say('help'));

  const failures = parley.logged.filter((line) => Number(/"level":(\d+)/.exec(line)?.[1]) >= 50);
  expect(failures).toEqual([]);
  expect(statuses.filter((status) => ![200, 400, 501].includes(status))).toEqual([]);
  expect(control).not.toBe('');
  expect(payloads).toBe(200);
  expect(changes).toBe(0);
  score(25, { load: `${payloads} payloads: bodies, card values, store, model, settings`, figure: `${changes} changes of ${guarded.length} prototypes, ${statuses.filter((status) => status >= 500 && status !== 501).length} statuses of 5xx` });
  console.log(`row 25 took ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
});
