import { openDatabase } from '../../state/openDatabase';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley } from '../helpers/parley';
import { onEveryStore } from '../helpers/stores';
import { seededRandom } from './random';
import { score } from './scorecard';

const CONVERSATIONS = 200;
const SEED = 20_261_122;

type Mutation = (json: string, random: () => number) => string;
type Changed = (document: Record<string, unknown>, random: () => number) => unknown;

const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)]!;
const changed = (change: Changed): Mutation => (json, random) => JSON.stringify(change(JSON.parse(json) as Record<string, unknown>, random));

/** Something of another type than it ought to be. */
const odd = [null, 7, -1.5, 'x', '', [], {}, [[]], true];
const oddBut = (...allowed: readonly unknown[]) => odd.filter((value) => !allowed.some((one) => typeof one === typeof value));

/** A stack like the stored one, with one thing changed in its only dialog. */
const inDialog = (change: (dialog: Record<string, unknown>, random: () => number) => unknown): Mutation =>
  changed((document, random) => {
    const [dialog] = (document.dialogs as { dialogStack: Record<string, unknown>[] }).dialogStack;
    return { ...document, dialogs: { dialogStack: [change(dialog ?? {}, random)] } };
  });

/** None of what they make can be used as it is. */
const mutations: Readonly<Record<string, Mutation>> = {
  'cut short': (json, random) => json.slice(0, 1 + Math.floor(random() * (json.length - 2))),
  'without its beginning': (json, random) => json.slice(1 + Math.floor(random() * (json.length - 2))),
  'overwritten in the middle': (json, random) => {
    const at = 1 + Math.floor(random() * (json.length - 10));
    return `${json.slice(0, at)}\u0007\u0007${json.slice(at + 2)}`;
  },
  'written twice': (json) => json + json,
  'no JSON at all': (_json, random) => pick(['undefined', 'NaN', '[object Object]', "{'greeted':true}", '<html></html>', '\uFEFF{}', '{"a":', '\\'], random),
  'of another type': (_json, random) => JSON.stringify(pick([null, 7, 'text', true, [], [1], {}], random)),
  'of a later version': changed((document, random) => ({ ...document, schemaVersion: 2 + Math.floor(random() * 1_000) })),
  'of a later version and form': changed((_document, random) => ({ schemaVersion: 2 + Math.floor(random() * 9), turns: [{ of: 'tomorrow' }] })),
  'of no version': changed((document, random) => ({ ...document, schemaVersion: pick([undefined, null, '1', 0, -1, 1.5, [1], {}], random) })),
  'greeted by something else': changed((document, random) => ({ ...document, greeted: pick([undefined, ...oddBut(true)], random) })),
  'with dialogs of another type': changed((document, random) => ({ ...document, dialogs: pick(odd, random) })),
  'with a stack of another type': changed((document, random) => ({ ...document, dialogs: { dialogStack: pick(oddBut([]).filter((value) => value !== null), random) } })),
  'with an unknown dialog': inDialog((dialog, random) => ({ ...dialog, id: pick(['translation', '', '__proto__', 'constructor', 7, null], random) })),
  'of an unknown skill': inDialog((dialog, random) => ({ ...dialog, version: pick(['', 'other', 7, null, undefined], random) })),
  'with another state': inDialog((dialog, random) => ({ ...dialog, state: pick([undefined, ...odd], random) })),
  'with values of another type': inDialog((dialog, random) => ({ ...dialog, state: { ...(dialog.state as object), values: pick([undefined, null, 7, 'x', [1]], random) } })),
  'with a text that is none': inDialog((dialog, random) => ({ ...dialog, state: { ...(dialog.state as object), values: { text: pick([7, null, [], {}, true], random) } } })),
  'asking an unknown question': inDialog((dialog, random) => ({ ...dialog, state: { ...(dialog.state as object), asking: pick(['tone', '', 7, null, 'toString'], random) } })),
  'with misses of another type': inDialog((dialog, random) => ({ ...dialog, state: { ...(dialog.state as object), misses: pick(['1', null, [], {}], random) } })),
  'too deep': changed((document) => ({ ...document, dialogs: { dialogStack: Array.from({ length: 50 }, () => (document.dialogs as { dialogStack: unknown[] }).dialogStack[0]) } })),
};

async function inStore<T>(databaseFile: string, work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>): Promise<T> {
  const database = await openDatabase(databaseFile);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function during(databaseFile: string, server: FakeModelServer, work: (parley: Awaited<ReturnType<typeof startParley>>) => Promise<void>): Promise<void> {
  const parley = await startParley({ databaseFile, model: { server, as: 'azure' } });
  try {
    await work(parley);
  } finally {
    await parley.close();
  }
}

onEveryStore('damage', (store) => {
  test('row 12: a stored conversation that is damaged or from the future is kept aside, and the conversation goes on', async () => {
    const databaseFile = await store.url();
    const server = await startFakeModelServer();
    server.behaveLikeAModel();
    try {
      const ids: string[] = [];
      await during(databaseFile, server, async (parley) => {
        for (let count = 0; count < CONVERSATIONS; count += 1) {
          const chat = parley.teamsChat();
          ids.push(chat.id);
          await chat.deliver(chat.activity('message', { text: 'translate good morning' }));
        }
        await parley.teamsChat().settled();
      });
      const mutated = await inStore(databaseFile, (database) => mutateAll(database));
      expect(mutated.size).toBe(CONVERSATIONS);

      let goOn = 0;
      await during(databaseFile, server, async (parley) => {
        for (const id of ids) {
          const chat = parley.teamsChat({ id: parley.teams.open({ id }) });
          const first = JSON.stringify(await chat.say('German'));
          const next = JSON.stringify(await chat.say('translate good night to German'));
          const notice = /Parley was updated|got damaged/;
          goOn += Number(notice.test(first) && !first.includes('[de] good morning') && next.includes('[de] good night') && !notice.test(next));
        }
        expect(await (await fetch(`${parley.url}/readyz`)).json()).toMatchObject({ status: 'ready' });
      });
      const kept = await inStore(databaseFile, (database) => database.query<{ key: string; document: string }>('SELECT conversation_key AS key, document FROM quarantine'));
      const same = kept.filter(({ key, document }) => mutated.get(key) === document);
      expect([goOn, kept.length, same.length]).toEqual([CONVERSATIONS, CONVERSATIONS, CONVERSATIONS]);
      score(12, { load: `${mutated.size} documents damaged in ${Object.keys(mutations).length} ways, ${store.kind}`, figure: `${goOn}/${CONVERSATIONS} went on, ${same.length} kept as they were` });
    } finally {
      await server.close();
    }
  });
});

/** Damages every stored document, each way equally often; gives them by conversation. */
async function mutateAll(database: Awaited<ReturnType<typeof openDatabase>>): Promise<ReadonlyMap<string, string>> {
  const random = seededRandom(SEED);
  const ways = Object.values(mutations);
  const rows = await database.query<{ key: string; document: string }>("SELECT conversation_key AS key, document FROM conversations WHERE document LIKE '%\"asking\"%'");
  const mutated = new Map<string, string>();
  for (const [index, { key, document }] of rows.entries()) {
    const damaged = ways[index % ways.length]!(document, random);
    await database.execute('UPDATE conversations SET document = ? WHERE conversation_key = ?', [damaged, key]);
    mutated.set(key, damaged);
  }
  return mutated;
}
