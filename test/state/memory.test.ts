import { StateError, type Database } from '../../state/database';
import { BEGINNING, forgetMessage, forgetSummariesFrom, insertSummary, readMemory, releaseMemory, startMemoryOver, takeMemory, writeUnderLease, type MemoryLease } from '../../state/memory';
import { deleteMessage, earliestTexts, editMessage, latestTexts, writeMessages } from '../../state/messages';
import { forgetConversation, forgetUser } from '../helpers/forget';
import { vectorsAfter, writeVector } from '../../state/vectors';
import { onEveryStore } from '../helpers/stores';

onEveryStore('what is remembered of a conversation', (store) => {
  let database: Database;
  let key = '';
  let conversations = 0;
  const later = (): number => Date.now() + 60_000;

  beforeAll(async () => {
    database = await store.open();
  });
  beforeEach(() => void (key = `bot|msteams||m${(conversations += 1)}`));

  /** Messages 1 to `count`, a second apart, by Ann and Bob in turn. */
  async function say(count: number, conversationKey = key): Promise<void> {
    await database.write(conversationKey, [writeMessages(Array.from({ length: count }, (_, index) => ({
      conversationKey, id: `m${index + 1}`, authorKey: `${conversationKey}|${index % 2 === 0 ? 'ann' : 'bob'}`, authorName: 'A', role: 'user' as const,
      text: `text ${index + 1}`, createdAt: (index + 1) * 1_000, replyTo: undefined,
    })))]);
  }

  async function take(worker = 'w1'): Promise<MemoryLease> {
    const lease = await takeMemory(database, key, worker, later());
    if (!lease) throw new Error('Somebody else works on this memory.');
    return lease;
  }

  const note = (lease: MemoryLease, message: number, text = `until ${message}`): Promise<void> =>
    writeUnderLease(database, lease, later(), [insertSummary(lease.conversationKey, { text, until: { at: message * 1_000, id: `m${message}` } })]);

  const summary = async (): Promise<string | undefined> => (await readMemory(database, key)).summary?.text;

  test('parts of a log are read from either end, with the beginning of each text and its length', async () => {
    await say(5);
    const all = { after: BEGINNING, limit: 10, maxLength: 4 };
    expect((await earliestTexts(database, key, { ...all, after: { at: 2_000, id: 'm2' }, limit: 2 })).map(({ id }) => id)).toEqual(['m3', 'm4']);
    expect((await latestTexts(database, key, { ...all, before: { at: 4_000, id: 'm4' }, limit: 2 })).map(({ id }) => id)).toEqual(['m3', 'm2']);
    expect((await latestTexts(database, key, all))[0]).toEqual({ at: 5_000, id: 'm5', authorKey: `${key}|ann`, authorName: 'A', role: 'user', text: 'text', length: 6 });
  });

  test('one worker at a time writes summaries, and the newest is read', async () => {
    const lease = await take();
    expect(await takeMemory(database, key, 'w2', later())).toBeUndefined();
    await note(lease, 10);
    await note(lease, 20);
    expect(await summary()).toBe('until 20');
    await releaseMemory(database, lease);
    expect(await takeMemory(database, key, 'w2', later())).toMatchObject({ worker: 'w2' });
  });

  test('who has lost the right writes nothing', async () => {
    const lease = await takeMemory(database, key, 'w1', Date.now() - 1);
    await take('w2');
    await expect(note(lease!, 10)).rejects.toMatchObject({ code: 'conflict' });
    expect(await summary()).toBeUndefined();
  });

  test.each([
    ['an edit', (id: string) => [...forgetMessage(key, id), editMessage(key, id, 'new')]],
    ['a deletion', (id: string) => [...forgetMessage(key, id), deleteMessage(key, id)]],
  ])('%s takes out what was made of the message, and what is being made of it', async (_name, writesOf) => {
    await say(30);
    const lease = await take();
    await note(lease, 10);
    await note(lease, 20);
    await database.write(key, [15, 16].map((each) => writeVector(key, 'e', { at: each * 1_000, id: `m${each}`, vector: new Uint8Array([each]) })));
    await database.write(key, writesOf('m15'));
    expect(await summary()).toBe('until 10');
    expect((await vectorsAfter(database, key, 'e', BEGINNING, 10)).map(({ id }) => id)).toEqual(['m16']);
    await expect(note(lease, 30)).rejects.toBeInstanceOf(StateError);
    expect(await summary()).toBe('until 10');
  });

  test('a message that comes back takes out the summaries that lack it', async () => {
    const lease = await take();
    await note(lease, 10);
    await note(lease, 20);
    await database.write(key, forgetSummariesFrom(key, 15_000));
    expect(await summary()).toBe('until 10');
  });

  test('starting over leaves nothing from before', async () => {
    await say(20);
    const lease = await take();
    await note(lease, 10);
    await database.write(key, [writeVector(key, 'e', { at: 1_000, id: 'm1', vector: new Uint8Array([1]) })]);
    await database.transaction((queries) => startMemoryOver(queries, key, { at: 12_000, id: 'm12' }));
    expect(await readMemory(database, key)).toEqual({ startsAfter: { at: 12_000, id: 'm12' }, summary: undefined });
    expect(await vectorsAfter(database, key, 'e', BEGINNING, 10)).toEqual([]);
    await expect(note(lease, 20)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a conversation that is forgotten leaves nothing, and what was on its way is not written', async () => {
    await say(20);
    const lease = await take();
    await note(lease, 10);
    await database.write(key, [writeVector(key, 'e', { at: 1_000, id: 'm1', vector: new Uint8Array([1]) })]);
    await forgetConversation(database, key);
    await expect(note(lease, 20)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readMemory(database, key)).toEqual({ startsAfter: BEGINNING, summary: undefined });
    expect(await vectorsAfter(database, key, 'e', BEGINNING, 10)).toEqual([]);
  });

  test('who is forgotten leaves nothing in the summaries of any conversation, and others keep their vectors', async () => {
    await say(4);
    const lease = await take();
    await note(lease, 4);
    await database.write(key, [1, 2].map((each) => writeVector(key, 'e', { at: each * 1_000, id: `m${each}`, vector: new Uint8Array([each]) })));
    await forgetUser(database, `${key}|ann`);
    expect(await summary()).toBeUndefined();
    expect((await vectorsAfter(database, key, 'e', BEGINNING, 10)).map(({ id }) => id)).toEqual(['m2']);
    await expect(note(lease, 20)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a vector is kept for a message that is there, one for each, by model', async () => {
    await say(2);
    const vector = (id: string, byte: number): Parameters<typeof writeVector>[2] => ({ at: 1_000, id, vector: new Uint8Array([byte, 255]) });
    await database.write(key, [writeVector(key, 'old', vector('m1', 1)), writeVector(key, 'new', vector('m1', 2)), writeVector(key, 'new', vector('gone', 3))]);
    const [found, ...others] = await vectorsAfter(database, key, 'new', BEGINNING, 10);
    expect(others).toEqual([]);
    expect([...found!.vector]).toEqual([2, 255]);
    expect(await vectorsAfter(database, key, 'old', BEGINNING, 10)).toEqual([]);
  });

  test('the memory of one conversation is not that of another', async () => {
    const [mine, other] = [key, `${key}-other`];
    await say(2, other);
    await note(await take(), 1);
    await database.transaction((queries) => startMemoryOver(queries, other, { at: 1, id: 'x' }));
    expect((await readMemory(database, mine)).summary?.text).toBe('until 1');
    expect(await readMemory(database, other)).toEqual({ startsAfter: { at: 1, id: 'x' }, summary: undefined });
  });
});
