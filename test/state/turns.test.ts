import { join } from 'node:path';
import type { Database } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { createTurnStore, type Claimant, type Head, type OutboxRow, type TurnCommit, type TurnStore } from '../../state/turns';
import { startPostgres } from '../helpers/postgres';
import { temporaryFolder } from '../helpers/temporaryFolder';

interface OpenedStore {
  readonly url: string;
  close(): Promise<void>;
}

const stores: Readonly<Record<string, () => Promise<OpenedStore>>> = {
  SQLite: async () => {
    const folder = temporaryFolder();
    return { url: join(folder.path, 'turns.db'), close: async () => folder.remove() };
  },
  PostgreSQL: async () => {
    const server = await startPostgres();
    return { url: await server.databaseUrl(), close: () => server.close() };
  },
};

describe.each(Object.entries(stores))('inbox, heads and outbox on %s', (_name, open) => {
  let opened: OpenedStore;
  let database: Database;
  let store: TurnStore;
  let conversations = 0;
  let key: string;

  beforeAll(async () => {
    opened = await open();
    database = await openDatabase(opened.url);
    store = createTurnStore(database);
  });
  afterAll(async () => {
    await database.close();
    await opened.close();
  });
  beforeEach(() => void (key = `bot|msteams|c${++conversations}`));

  const ann: Claimant = { owner: 'ann', untilMs: Date.now() + 60_000 };
  const bob: Claimant = { owner: 'bob', untilMs: Date.now() + 60_000 };
  const late = (owner: string): Claimant => ({ owner, untilMs: Date.now() - 1 });
  const arrived = (activityId: string) => ({ conversationKey: key, activityId, activity: `{"id":"${activityId}"}` });
  const accept = (activityId: string, claimant = ann, remember = (recent: string): string | undefined => recent) => store.accept(arrived(activityId), claimant, remember);
  const reply = (id: string, sequence: number, position = 0): OutboxRow => ({
    conversationKey: key, id, sequence, position, kind: 'send', targetId: undefined, serviceUrl: 'https://smba.trafficmanager.net/', activity: '{}',
  });
  const answer = (activityId: string, sequence: number, basis: TurnCommit['basis'], more: Partial<TurnCommit> = {}): TurnCommit => ({
    conversationKey: key, activityId, sequence, claimant: ann, basis, document: '', outbox: [], log: [], effects: [], ...more,
  });
  const fresh = async (): Promise<TurnCommit['basis']> => ({ kind: 'new', head: await store.head(key), recent: '' });
  const pendingIds = async (): Promise<string[]> => (await store.pending(key)).map(({ activityId }) => activityId);

  test('accepts an activity once, however often and however concurrently it comes, and numbers each once', async () => {
    const heads = await Promise.all(['a', 'a', 'b', 'a', 'c'].map((id) => accept(id)));
    const numbers = heads.filter((head) => head !== undefined).map(({ lastSequence }) => lastSequence).sort();
    expect(numbers).toEqual([1, 2, 3]);
    expect((await store.pending(key)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(await accept('a')).toBeUndefined();
    expect((await store.head(key)).lastSequence).toBe(3);
  });

  test('takes the same id in another conversation for another activity', async () => {
    await accept('a');
    expect(await store.accept({ ...arrived('a'), conversationKey: `${key}x` }, ann, () => '')).toMatchObject({ lastSequence: 1 });
  });

  test('refuses what the memory of late knows, and keeps the memory', async () => {
    await accept('a', ann, () => 'a was here');
    expect(await accept('b', ann, (recent) => (recent === 'a was here' ? undefined : recent))).toBeUndefined();
    expect(await store.head(key)).toMatchObject({ recent: 'a was here', lastSequence: 1 });
    expect(await store.rewriteRecent(key, 'a was here', 'x')).toBe(true);
    expect(await store.rewriteRecent(key, 'a was here', 'y')).toBe(false);
    expect((await store.head(key)).recent).toBe('x');
  });

  test('gives the lease with the first activity, and to nobody else while it lasts', async () => {
    expect(await accept('a', ann)).toMatchObject({ leaseOwner: 'ann', fence: 1 });
    expect(await accept('b', bob)).toMatchObject({ leaseOwner: 'ann', fence: 1, lastSequence: 2 });
    expect(await store.take(key, bob)).toBeUndefined();
  });

  test('takes an activity in behind what is known, without touching the document that the holder writes meanwhile', async () => {
    const first = await accept('a', ann);
    await store.commit(answer('a', 1, { kind: 'accepted', fence: 1 }, { document: 'written meanwhile' }));
    expect(await store.accept(arrived('b'), bob, (recent) => recent, first)).toMatchObject({ lastSequence: 2, leaseOwner: 'ann', fence: 1 });
    expect(await store.accept(arrived('c'), ann, (recent) => recent, first)).toMatchObject({ lastSequence: 3 }); // the head has changed: it is read again
    expect(await store.head(key)).toMatchObject({ document: 'written meanwhile', lastSequence: 3 });
    expect(await pendingIds()).toEqual(['b', 'c']);
  });

  test('gives what is to be answered and delivered with the lease', async () => {
    await accept('a', late('ann'));
    await store.commit(answer('a', 1, { kind: 'accepted', fence: 1 }, { claimant: late('ann'), outbox: [reply('a:0', 1)] }));
    await accept('b', late('ann'));
    expect(await store.take(key, bob)).toMatchObject({ leaseOwner: 'bob', pending: [{ activityId: 'b', attempts: 1 }], undelivered: [{ id: 'a:0' }] });
  });

  test('gives a lease that ran out to whoever comes, with a higher fence, and refuses what the earlier holder writes', async () => {
    const head = await accept('a', late('ann'));
    expect(await store.take(key, bob)).toMatchObject({ leaseOwner: 'bob', fence: 2 });
    const stale = answer('a', 1, { kind: 'accepted', fence: head?.fence ?? 0 }, { document: 'stale', outbox: [reply('a:0', 1)] });
    await expect(store.commit(stale)).rejects.toMatchObject({ code: 'conflict' });
    expect([(await store.head(key)).document, await store.undelivered(key)]).toEqual(['', []]);
    expect(await store.commit({ ...stale, claimant: bob, basis: { kind: 'accepted', fence: 2 }, document: 'from bob' })).toBe(1);
    expect((await store.head(key)).document).toBe('from bob');
  });

  test('counts an attempt when the holder is another one than before, at the oldest activity alone', async () => {
    await accept('a', late('ann'));
    await accept('b', late('ann'));
    await store.take(key, late('bob'));
    await store.take(key, late('bob'));
    expect((await store.pending(key)).map(({ attempts }) => attempts)).toEqual([1, 0]);
    await store.countAttempt({ conversationKey: key, activityId: 'b' });
    expect((await store.pending(key)).map(({ attempts }) => attempts)).toEqual([1, 1]);
  });

  test('commits document, replies, effects and the answered activity together, with the lease', async () => {
    await accept('a');
    const written = answer('a', 1, { kind: 'accepted', fence: 1 }, {
      document: '{"v":1}',
      outbox: [reply('a:1', 1, 1), reply('a:0', 1)],
      effects: [(queries) => queries.execute(`INSERT INTO users VALUES ('${key}', '{}', 0)`)],
    });
    expect(await store.commit(written)).toBe(1);
    expect((await store.undelivered(key)).map(({ id }) => id)).toEqual(['a:0', 'a:1']);
    expect(await database.query('SELECT user_key FROM users WHERE user_key = ?', [key])).toHaveLength(1);
    expect(await pendingIds()).toEqual([]);
    await expect(store.commit(written)).rejects.toMatchObject({ code: 'duplicate' });
    await store.delivered(reply('a:0', 1));
    expect((await store.undelivered(key)).map(({ id }) => id)).toEqual(['a:1']);
  });

  test('commits an activity that is new to it with its answer, and takes the lease in the same breath', async () => {
    expect(await store.commit(answer('a', 1, await fresh(), { document: 'one', outbox: [reply('a:0', 1)] }))).toBe(1);
    expect(await store.head(key)).toMatchObject({ document: 'one', lastSequence: 1, fence: 1, leaseOwner: 'ann' });
    expect(await store.commit(answer('b', 2, await fresh()))).toBe(2);
    expect(await store.head(key)).toMatchObject({ fence: 1, leaseOwner: 'ann', lastSequence: 2 });
    expect(await accept('a')).toBeUndefined();
  });

  test('refuses an answer to something new when anything arrived in between, or another holds the lease, and writes nothing of it', async () => {
    const before = await fresh();
    await accept('first', late('bob'));
    await expect(store.commit(answer('second', 1, before, { outbox: [reply('x:0', 1)] }))).rejects.toMatchObject({ code: 'conflict' });
    const between = await fresh();
    await store.take(key, bob);
    await expect(store.commit(answer('second', 2, between))).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.commit(answer('second', 2, await fresh()))).rejects.toMatchObject({ code: 'conflict' });
    expect([await pendingIds(), await store.undelivered(key)]).toEqual([['first'], []]);
  });

  test('refuses an answer to something new that would undo what was noted in the memory meanwhile', async () => {
    await accept('a', late('bob'), () => 'a');
    const before = await fresh();
    await store.rewriteRecent(key, 'a', 'a, not acknowledged');
    await expect(store.commit(answer('b', 2, before))).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.head(key)).recent).toBe('a, not acknowledged');
  });

  test('refuses to answer a known activity as a new one, and leaves its document alone', async () => {
    await store.commit(answer('a', 1, await fresh(), { document: 'first' }));
    await expect(store.commit(answer('a', 2, await fresh(), { document: 'again' }))).rejects.toMatchObject({ code: 'duplicate' });
    expect(await store.head(key)).toMatchObject({ document: 'first', lastSequence: 1 });
  });

  test('rolls everything back when an effect fails', async () => {
    const broken = answer('a', 1, await fresh(), { document: 'x', effects: [() => Promise.reject(new Error('no'))] });
    await expect(store.commit(broken)).rejects.toThrow('no');
    expect(await store.head(key)).toMatchObject({ document: '', lastSequence: 0 });
  });

  test('tells a holder who commits or renews of what others accepted meanwhile', async () => {
    await accept('a');
    await accept('b', bob);
    expect(await store.renew([{ conversationKey: key, fence: 1 }, { conversationKey: `${key}x`, fence: 1 }], ann)).toEqual(new Map([[key, 2]]));
    expect(await store.commit(answer('a', 1, { kind: 'accepted', fence: 1 }))).toBe(2);
  });

  test('takes a lease back only where nothing arrived since', async () => {
    await accept('a');
    await accept('b', bob);
    const lease = { conversationKey: key, fence: 1 };
    expect(await store.release([{ ...lease, lastSequence: 1 }], 'ann')).toEqual([key]);
    expect(await store.release([{ ...lease, lastSequence: 2 }], 'bob')).toEqual([key]);
    expect(await store.release([{ ...lease, lastSequence: 2 }], 'ann')).toEqual([]);
    expect(await store.head(key)).toMatchObject({ leaseOwner: '', leaseUntil: 0 });
    expect(await store.take(key, bob)).toMatchObject({ leaseOwner: 'bob', fence: 2 });
  });

  test('finds work without a living holder: unanswered and undelivered alike, and nothing else', async () => {
    const mine = async (): Promise<boolean> => (await store.abandoned(Date.now(), 1_000)).some(({ conversationKey }) => conversationKey === key);
    await accept('a', ann);
    expect([await mine(), (await store.owners(Date.now())).includes('ann')]).toEqual([false, true]);
    await store.disown('ann');
    expect(await mine()).toBe(true);
    const head: Head | undefined = await store.take(key, late('bob'));
    await store.commit(answer('a', 1, { kind: 'accepted', fence: head?.fence ?? 0 }, { claimant: late('bob'), outbox: [reply('a:0', 1)] }));
    expect(await mine()).toBe(true);
    await store.delivered(reply('a:0', 1));
    expect(await mine()).toBe(false);
  });

  test('remembers the placeholder of an attempt for the next', async () => {
    await accept('a');
    await store.notePlaceholder({ conversationKey: key, activityId: 'a' }, 'message-7');
    expect((await store.pending(key))[0]?.placeholderId).toBe('message-7');
  });

  test('forgets answered ids that are old enough, and nothing that waits', async () => {
    await accept('waits');
    await accept('answered');
    await store.commit(answer('answered', 2, { kind: 'accepted', fence: 1 }));
    await store.purgeAnswered(Date.now() + 1_000);
    expect(await database.query('SELECT activity_id FROM inbox WHERE conversation_key = ?', [key])).toEqual([{ activity_id: 'waits' }]);
  });
});
