import { join } from 'node:path';
import { readAudit } from '../../state/audit';
import { verifyChain } from '../../state/auditChain';
import { StateError, type Database } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { deploymentNotFound, say } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley, type ParleySetup } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';

const AUDIT_KEY = 'a secret that is kept elsewhere';
const folder = temporaryFolder();
let model: FakeModelServer;
let parley: Parley;
let databaseFile: string;
let files = 0;

beforeAll(async () => {
  model = await startFakeModelServer();
});
beforeEach(() => {
  databaseFile = join(folder.path, `audit-${(files += 1)}.db`);
  model.answerWith(() => say('Roses need water, says CANARY-ANSWER.'));
});
afterAll(async () => {
  await model.close();
  folder.remove();
});

const start = async (edges: ParleySetup['edges'] = {}): Promise<void> => {
  parley = await startParley({ model: { server: model, as: 'azure' }, databaseFile, env: { AUDIT_KEY }, edges });
};

/** What the log holds once the application has ended. */
async function ended(): Promise<{ readonly entries: readonly Readonly<Record<string, unknown>>[]; readonly stored: string }> {
  await parley.close();
  const database = await openDatabase(databaseFile);
  try {
    expect(await verifyChain(readAudit(database), { key: AUDIT_KEY })).toMatchObject({ faults: [] });
    const entries: Readonly<Record<string, unknown>>[] = [];
    for await (const { entry } of readAudit(database)) entries.push(JSON.parse(entry) as Readonly<Record<string, unknown>>);
    return { entries, stored: await dump(database) };
  } finally {
    await database.close();
  }
}

const dump = async (database: Database): Promise<string> =>
  JSON.stringify([await database.query('SELECT * FROM audit'), await database.query('SELECT * FROM audit_pending'), await database.query('SELECT * FROM pseudonyms')]);

test('each call is in the log: who, what, when, of whom, at what cost, with what end; and no word of it', async () => {
  await start();
  const [ada, bob] = [await parley.webChat(), await parley.webChat()];
  await ada.say('What do roses need, asks CANARY-QUESTION?');
  await ada.say('And tulips, asks CANARY-QUESTION?');
  model.answerWith(() => deploymentNotFound());
  await bob.say('What do roses need, asks CANARY-QUESTION?');
  await Promise.all([ada.close(), bob.close()]);
  const { entries, stored } = await ended();
  expect(entries).toEqual([
    expect.objectContaining({ kind: 'call', capability: 'chat', operation: 'answer', target: 'test-model', outcome: 'stop', attempts: 1, tenant: '', filtered: [] }),
    expect.objectContaining({ outcome: 'stop' }),
    expect.objectContaining({ outcome: 'unavailable', outputTokens: 0 }),
  ]);
  expect(entries[0]?.['inputTokens']).toBeGreaterThan(50);
  expect(entries[0]?.['outputTokens']).toBeGreaterThan(5);
  expect(Date.now() - Date.parse(String(entries[0]?.['at']))).toBeLessThan(60_000);
  expect(entries[0]?.['user']).toMatch(/^p-[\da-f-]{36}$/);
  expect(entries[1]?.['user']).toBe(entries[0]?.['user']);
  expect(entries[2]?.['user']).not.toBe(entries[0]?.['user']);
  expect(stored).not.toContain('CANARY');
  expect(parley.logged.filter((line) => /"auditHead":"\d:[\w-]{43}"/.test(line))).toHaveLength(1); // once an hour: a place to compare the store with
});

test('after "forget me" nobody can tell whose the entries were', async () => {
  await start();
  const chat = await parley.webChat();
  await chat.say('What do roses need?');
  await chat.say('forget me');
  await chat.say('yes');
  await chat.say('What do tulips need?');
  await chat.close();
  const { entries, stored } = await ended();
  expect(entries).toHaveLength(2);
  expect(entries[1]?.['user']).not.toBe(entries[0]?.['user']);
  expect(stored).not.toContain(String(entries[0]?.['user']).concat('"}')); // not in the table of names
  expect(JSON.parse(stored)).toMatchObject([{ length: 2 }, [], [{ pseudonym: entries[1]?.['user'] }]]);
});

test('a call whose turn was lost to another process is in the log all the same', async () => {
  let isLost = false;
  await start({
    turnStore: (store) => ({
      ...store,
      commit: async (turn) => {
        if (!isLost && turn.log.length > 2) {
          isLost = true;
          throw new StateError('conflict', 'Somebody else has the conversation.');
        }
        return store.commit(turn);
      },
    }),
  });
  const chat = await parley.webChat();
  await chat.say('What do roses need?');
  await chat.close();
  const { entries } = await ended();
  expect(isLost).toBe(true);
  expect(entries).toHaveLength(model.calls.length - callsBefore);
  expect(entries.length).toBeGreaterThanOrEqual(1); // the turn is taken up again, perhaps by the next process
});

let callsBefore = 0;
beforeEach(() => (callsBefore = model.calls.length));
