import { join } from 'node:path';
import type { Database } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { createTurnStore, type OutboxRow, type TurnStore } from '../../state/turns';
import { temporaryFolder } from '../helpers/temporaryFolder';

describe('inbox, documents and outbox', () => {
  const folder = temporaryFolder();
  let database: Database;
  let store: TurnStore;

  beforeAll(async () => {
    database = await openDatabase(join(folder.path, 'turns.db'));
    store = createTurnStore(database);
  });
  afterAll(async () => {
    await database.close();
    folder.remove();
  });

  const row = (activityId: string, conversationKey = 'bot|msteams|c1', sequence = Number(activityId.replace(/\D/g, ''))) => ({ activityId, conversationKey, sequence, activity: `{"id":"${activityId}"}` });
  const reply = (id: string, sequence: number): OutboxRow => ({ conversationKey: 'bot|msteams|c1', id, sequence, kind: 'send', targetId: undefined, serviceUrl: 'https://smba.trafficmanager.net/', activity: '{}' });

  test('accepts an activity once, however often and however concurrently it comes', async () => {
    const accepted = await Promise.all([store.accept(row('a1')), store.accept(row('a1')), store.accept(row('a1'))]);
    expect(accepted.filter(Boolean)).toHaveLength(1);
    expect(await store.accept(row('a1'))).toBe(false);
  });

  test('takes the same id in another conversation for another activity', async () => {
    expect(await store.accept(row('a1', 'bot|msteams|c2'))).toBe(true);
  });

  test('gives unanswered activities back in order of arrival, each time as one more attempt', async () => {
    await store.accept(row('a3'));
    await store.accept(row('a2'));
    const first = (await store.takeUnanswered()).filter(({ conversationKey }) => conversationKey === 'bot|msteams|c1');
    expect(first.map(({ activityId, attempts }) => [activityId, attempts])).toEqual([['a1', 1], ['a2', 1], ['a3', 1]]);
    expect((await store.takeUnanswered())[0]?.attempts).toBe(2);
  });

  test('commits document, replies and effects together and takes the activity from the inbox', async () => {
    await store.commit({
      inbox: row('a1'),
      document: { expectedVersion: 0, json: '{"v":1}' },
      outbox: [reply('a1:0', 10), reply('a1:1', 11)],
      effects: [(queries) => queries.execute("INSERT INTO users VALUES ('u1', '{}', 0)")],
    });
    expect(await store.document('bot|msteams|c1')).toEqual({ version: 1, json: '{"v":1}' });
    expect((await store.undelivered()).map(({ id }) => id)).toEqual(['a1:0', 'a1:1']);
    expect(await database.query("SELECT user_key FROM users WHERE user_key = 'u1'")).toHaveLength(1);
    expect((await store.takeUnanswered()).map(({ activityId }) => activityId)).not.toContain('a1x');
    await store.delivered(reply('a1:0', 10));
    expect((await store.undelivered()).map(({ id }) => id)).toEqual(['a1:1']);
  });

  test('refuses a commit over a document that somebody else changed, and writes nothing of it', async () => {
    const late = { inbox: row('a2'), document: { expectedVersion: 0, json: '{"v":"late"}' }, outbox: [reply('a2:0', 20)], effects: [] };
    await expect(store.commit(late)).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.document('bot|msteams|c1')).toEqual({ version: 1, json: '{"v":1}' });
    expect((await store.undelivered()).map(({ id }) => id)).not.toContain('a2:0');
    expect((await store.takeUnanswered()).map(({ activityId }) => activityId)).toContain('a2');
  });

  test('keeps ids of answered activities until they are purged', async () => {
    expect(await store.accept(row('a1'))).toBe(false);
    expect(await store.purgeAnswered(2)).toBe(1);
    expect(await store.accept(row('a1'))).toBe(true);
  });
});
