import type { Database } from '../../state/database';
import { createDirectLineStore, type DirectLineStore } from '../../state/directLine';
import { deleteMessage, editMessage, newestMessages, writeMessages, type LoggedMessage } from '../../state/messages';
import { insertThread, newestThreads, readThread, readThreadOf } from '../../state/threads';
import { readSettings, writeSettings } from '../../state/users';
import { forgetConversation, forgetUser } from '../helpers/forget';
import { onEveryStore } from '../helpers/stores';

onEveryStore('what people say and set', (store) => {
  let database: Database;
  let key = '';
  let conversations = 0;
  beforeAll(async () => {
    database = await store.open();
  });
  beforeEach(() => void (key = `bot|msteams||c${(conversations += 1)}`));

  const said = (id: string, createdAt: number, more: Partial<LoggedMessage> = {}): LoggedMessage => ({
    conversationKey: key, id, authorKey: 'msteams||ann', authorName: 'Ann', role: 'user', text: `text ${id}`, createdAt, replyTo: undefined, ...more,
  });
  const texts = async (limit = 10): Promise<string[]> => (await newestMessages(database, key, limit)).map(({ text }) => text);

  const log = (...messages: readonly LoggedMessage[]): Promise<unknown> => database.write(key, [writeMessages(messages)]);

  test('messages are read newest last, once each, and only those of the conversation', async () => {
    await log(said('b', 2), said('a', 1));
    await log(said('c', Date.now()), said('b', 2), said('b', 2));
    await log(said('x', 3, { conversationKey: `${key}2` }));
    expect(await texts()).toEqual(['text a', 'text b', 'text c']);
    expect(await texts(2)).toEqual(['text b', 'text c']);
    expect((await newestMessages(database, key, 3))[2]?.createdAt).toBeGreaterThan(1e12);
  });

  test('a message is edited and deleted', async () => {
    await log(said('a', 1), said('b', 2, { replyTo: 'a' }));
    await database.write(key, [editMessage(key, 'a', "it's new 🙂")]);
    expect(await texts()).toEqual(["it's new 🙂", 'text b']);
    await database.write(key, [deleteMessage(key, 'a')]);
    expect(await texts()).toEqual(['text b']);
  });

  test('settings are written over', async () => {
    expect(await readSettings(database, key)).toBeUndefined();
    await writeSettings(database, key, '{"language":"de"}');
    await writeSettings(database, key, '{"language":"fr"}');
    expect(await readSettings(database, key)).toBe('{"language":"fr"}');
  });

  test('a thread is found by its id, and by its conversation', async () => {
    for (const id of ['1', '2']) await insertThread(database, { conversationKey: key, id: `${key}-${id}`, ownerKey: 'o', document: `{"id":${id}}` });
    await insertThread(database, { conversationKey: key, id: `${key}-1`, ownerKey: 'o', document: 'again' });
    expect(await readThread(database, `${key}-1`)).toBe('{"id":1}');
    expect(await readThreadOf(database, key, `${key}-2`)).toBe('{"id":2}');
    expect(await readThreadOf(database, 'other', `${key}-2`)).toBeUndefined();
    expect(await newestThreads(database, key, 5)).toHaveLength(2);
  });

  test('who is forgotten is gone everywhere, and others stay', async () => {
    const ann = `${key}|ann`;
    await writeSettings(database, ann, '{}');
    await log(said('a', 1, { authorKey: ann }), said('b', 2, { authorKey: `${key}|bob` }));
    await insertThread(database, { conversationKey: key, id: `${key}-1`, ownerKey: ann, document: '{}' });
    await forgetUser(database, ann);
    expect([await readSettings(database, ann), await texts(), await readThread(database, `${key}-1`)]).toEqual([undefined, ['text b'], undefined]);
  });

  test('a conversation that is forgotten is empty', async () => {
    await log(said('a', 1));
    await insertThread(database, { conversationKey: key, id: `${key}-1`, ownerKey: 'o', document: '{}' });
    await forgetConversation(database, key);
    expect([await texts(), await newestThreads(database, key, 5)]).toEqual([[], []]);
  });
});

onEveryStore('Direct Line conversations', (store) => {
  let directLine: DirectLineStore;
  let id = '';
  let conversations = 0;
  beforeAll(async () => {
    directLine = createDirectLineStore(await store.open());
  });
  beforeEach(async () => {
    id = `conversation-${(conversations += 1)}`;
    await directLine.start(id, { id: 'user', name: 'Ann' });
  });

  const append = (text: string, idempotencyKey?: string) =>
    directLine.append(id, { isDelivered: false, toJson: (activityId) => JSON.stringify({ id: activityId, text }), ...(idempotencyKey !== undefined && { idempotencyKey }) });

  test('are started once', async () => {
    expect(await directLine.start(id, { id: 'other' })).toBe(false);
    expect(await directLine.conversation(id)).toEqual({ userId: 'user', userName: 'Ann', lastChange: 0 });
    expect(await directLine.conversation('unknown')).toBeUndefined();
    expect(await directLine.append('unknown', { isDelivered: true, toJson: () => '{}' })).toBeUndefined();
  });

  test('number what is said at the same time without gaps or doubles', async () => {
    const appended = await Promise.all(Array.from({ length: 30 }, (_, index) => append(`text ${index}`)));
    expect(new Set(appended.map((each) => each?.activityId)).size).toBe(30);
    expect((await directLine.changes(id, 0, 100)).map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect((await directLine.changes(id, 25, 3)).map(({ number }) => number)).toEqual([26, 27, 28]);
  });

  test('keep what comes several times at once, with the same key, once', async () => {
    const copies = await Promise.all(Array.from({ length: 5 }, () => append('copy', 'key')));
    expect(new Set(copies.map((copy) => copy?.activityId)).size).toBe(1);
    expect(copies.filter((copy) => copy?.isNew)).toHaveLength(1);
    await append('next');
    expect((await directLine.changes(id, 0, 10)).map(({ number }) => number)).toEqual([1, 2]);
  });

  test('give replaced and removed activities a new number, and the rest their old one', async () => {
    const first = (await append('first'))?.activityId ?? '';
    await append('second');
    expect(await directLine.replace(id, first, (stored) => stored.replace('first', 'changed'))).toBe(true);
    expect(await directLine.replace(id, `${id}|0000009`, () => '')).toBe(false);
    expect((await directLine.changes(id, 0, 10)).map(({ number, json }) => [number, json])).toEqual([
      [2, expect.stringContaining('second')], [3, expect.stringContaining('changed')],
    ]);
    expect(await directLine.remove(id, first)).toBe(true);
    expect(await directLine.remove(id, first)).toBe(false);
    expect((await directLine.changes(id, 3, 10))).toEqual([{ number: 4, activityId: first, json: undefined }]);
  });

  test('know what was delivered', async () => {
    const appended = await append('text', 'key');
    expect(appended?.isDelivered).toBe(false);
    expect(await directLine.undelivered(id)).toEqual([{ activityId: appended?.activityId, json: appended?.json }]);
    await directLine.markDelivered(id, appended?.activityId ?? '');
    expect(await append('text', 'key')).toMatchObject({ isNew: false, isDelivered: true });
    expect(await directLine.undelivered(id)).toEqual([]);
  });

  test('keep files byte by byte until they are forgotten', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
    await directLine.append(id, { isDelivered: true, attachments: [{ attachmentId: 'file', name: 'ä.bin', contentType: 'x/y', bytes }], toJson: () => '{}' });
    const kept = await directLine.attachment(id, 'file');
    expect({ ...kept, bytes: Buffer.from(kept?.bytes ?? []).equals(bytes) }).toEqual({ attachmentId: 'file', name: 'ä.bin', contentType: 'x/y', bytes: true });
    await directLine.forget(id);
    expect([await directLine.attachment(id, 'file'), await directLine.changes(id, 0, 10)]).toEqual([undefined, []]);
  });

  test('are signed with one key, whoever asks first', async () => {
    const [key] = await Promise.all([directLine.signingKey('one'), directLine.signingKey('two')]);
    expect(await directLine.signingKey('three')).toBe(key);
  });
});
